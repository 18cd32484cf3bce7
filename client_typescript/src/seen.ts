/** Impressions: items that somebody had before their eyes, by the browser's IntersectionObserver. */

import type { EventQueue, Origin } from "./events.js";
import { TIMERS, type Timers } from "./times.js";

const STEPS = Array.from({ length: 11 }, (_, step) => step / 10);

export interface SeenOptions {
  readonly queue: Pick<EventQueue, "add">;
  /** Of the element, that must be visible without a break for `forMs`; of the window, if the element is larger than that. */
  readonly share?: number;
  readonly forMs?: number;
  readonly page?: Document;
  readonly Observer?: typeof IntersectionObserver;
  readonly timers?: Timers;
}

interface Watched {
  readonly itemId: string;
  readonly origin: Origin;
  visible: boolean;
  timer: unknown;
}

/**
 * Adds an impression of an item when half of its element was visible for a second, while the page was: once for each item
 * of a list, however often it comes into view, and in however many elements.
 */
export class SeenItems {
  readonly #queue: Pick<EventQueue, "add">;
  readonly #share: number;
  readonly #forMs: number;
  readonly #page: Document;
  readonly #timers: Timers;
  readonly #observer: IntersectionObserver;
  readonly #watched = new Map<Element, Watched>();
  readonly #seen = new Set<string>();
  readonly #look = () => {
    for (const one of this.#watched.values()) this.#judge(one);
  };

  constructor({ queue, share = 0.5, forMs = 1000, page = document, Observer, timers = TIMERS }: SeenOptions) {
    this.#queue = queue;
    this.#share = share;
    this.#forMs = forMs;
    this.#page = page;
    this.#timers = timers;
    this.#observer = new (Observer ?? IntersectionObserver)((entries) => this.#changed(entries), { threshold: STEPS });
    page.addEventListener("visibilitychange", this.#look);
  }

  /** origin: the answer that the item came with. */
  watch(element: Element, itemId: string, origin: Origin): void {
    this.unwatch(element);
    if (this.#seen.has(keyOf(itemId, origin))) return;
    this.#watched.set(element, { itemId, origin, visible: false, timer: undefined });
    this.#observer.observe(element);
  }

  unwatch(element: Element): void {
    const one = this.#watched.get(element);
    if (!one) return;
    this.#stop(one);
    this.#watched.delete(element);
    this.#observer.unobserve(element);
  }

  /** No more impressions. */
  close(): void {
    for (const element of [...this.#watched.keys()]) this.unwatch(element);
    this.#observer.disconnect();
    this.#page.removeEventListener("visibilitychange", this.#look);
  }

  #changed(entries: readonly IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const one = this.#watched.get(entry.target);
      if (!one) continue;
      one.visible = this.#enough(entry);
      this.#judge(one);
    }
  }

  #enough({ isIntersecting, intersectionRatio, intersectionRect, rootBounds }: IntersectionObserverEntry): boolean {
    if (!isIntersecting) return false;
    const window = rootBounds ? rootBounds.width * rootBounds.height : Infinity;
    const shown = intersectionRect.width * intersectionRect.height;
    return intersectionRatio >= this.#share || shown >= this.#share * window;
  }

  #judge(one: Watched): void {
    if (!one.visible || this.#page.visibilityState !== "visible") this.#stop(one);
    else one.timer ??= this.#timers.set(() => this.#see(one), this.#forMs);
  }

  #see(one: Watched): void {
    const key = keyOf(one.itemId, one.origin);
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      this.#queue.add("impression", one.itemId, one.origin);
    }
    for (const [element, { itemId, origin }] of [...this.#watched]) {
      if (keyOf(itemId, origin) === key) this.unwatch(element);
    }
  }

  #stop(one: Watched): void {
    if (one.timer !== undefined) this.#timers.clear(one.timer);
    one.timer = undefined;
  }
}

function keyOf(itemId: string, { useCase, variant, generation }: Origin): string {
  return JSON.stringify([useCase, variant ?? "", generation ?? "", itemId]);
}
