/**
 * Which region is asked first: the first one, but for those that rest: these come last, who returns soonest first. When
 * its rest is over, a region is asked by one request; the others go on without it until it has answered, or for `avoidMs`
 * more.
 */
export class Preference {
  readonly #regions: readonly string[];
  readonly #avoid: number;
  readonly #now: () => number;
  readonly #rests = new Map<string, number>();
  readonly #probed = new Map<string, number>();

  /** now: milliseconds of a clock that never goes back. */
  constructor(regions: readonly string[], avoidMs: number, now: () => number) {
    this.#regions = regions;
    this.#avoid = avoidMs;
    this.#now = now;
  }

  order(): string[] {
    const now = this.#now();
    const away = new Map([...this.#rests].filter(([region]) => now < this.#back(region)));
    const until = (region: string) => away.get(region) ?? -Infinity;
    // Of two that do not rest, the difference is no number: the order stays.
    const order = [...this.#regions].sort((one, other) => until(one) - until(other) || 0);
    const first = order[0];
    if (first !== undefined && this.#rests.has(first) && !away.has(first)) this.#probed.set(first, now + this.#avoid);
    return order;
  }

  failed(region: string, milliseconds: number = this.#avoid): void {
    this.#rests.set(region, this.#now() + Math.min(milliseconds, this.#avoid));
    this.#probed.delete(region);
  }

  answered(region: string): void {
    this.#rests.delete(region);
    this.#probed.delete(region);
  }

  #back(region: string): number {
    return Math.max(this.#rests.get(region) ?? -Infinity, this.#probed.get(region) ?? -Infinity);
  }
}
