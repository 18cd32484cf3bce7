/** Clocks, waiting, and when to try again. */
/** Milliseconds of a clock that never goes back. */
export declare const monotonic: () => number;
export declare const pause: (milliseconds: number) => Promise<void>;
export interface Timers {
    /** Calls it after so many milliseconds. */
    set(work: () => void, milliseconds: number): unknown;
    clear(timer: unknown): void;
}
export declare const TIMERS: Timers;
/**
 * Retry-After (RFC 9110, 10.2.3) in milliseconds: seconds or a date; what is neither counts as absent, as what a page may
 * not read does (Access-Control-Expose-Headers).
 */
export declare function retryAfterMs(header: string | null): number | undefined;
/** As `retryAfterMs`; where nothing is said, a second. */
export declare const retryMs: (header: string | null) => number;
export interface Backoff {
    /** Of the first wait at most, and of any. */
    readonly firstMs: number;
    readonly mostMs: number;
    /** From 0 to 1, as Math.random. */
    readonly random: () => number;
}
/**
 * Milliseconds before the next attempt, after so many that failed (1 at least): anything up to a bound that doubles each
 * time, so that many callers do not come back together ("full jitter",
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 */
export declare function backoffMs(failures: number, { firstMs, mostMs, random }: Backoff): number;
/** What is late is left behind, an answer's body too. Rejects with an Error, after so many milliseconds. */
export declare function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
