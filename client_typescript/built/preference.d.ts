/**
 * Which region is asked first: the first one, but for those that rest: these come last, who returns soonest first. When
 * its rest is over, a region is asked by one request; the others go on without it until it has answered, or for `avoidMs`
 * more.
 */
export declare class Preference {
    #private;
    /** now: milliseconds of a clock that never goes back. */
    constructor(regions: readonly string[], avoidMs: number, now: () => number);
    order(): string[];
    failed(region: string, milliseconds?: number): void;
    answered(region: string): void;
}
