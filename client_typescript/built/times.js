/** Clocks, waiting, and when to try again. */
/** API Gateway limits requests by the second, and is not known to say when to come again. */
const UNSAID_MS = 1000;
/** Milliseconds of a clock that never goes back. */
export const monotonic = () => performance.now();
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const TIMERS = {
    set: (work, milliseconds) => setTimeout(work, milliseconds),
    clear: (timer) => clearTimeout(timer),
};
/**
 * Retry-After (RFC 9110, 10.2.3) in milliseconds: seconds or a date; what is neither counts as absent, as what a page may
 * not read does (Access-Control-Expose-Headers).
 */
export function retryAfterMs(header) {
    const text = (header ?? "").trim();
    if (/^[0-9]+$/.test(text))
        return 1000 * Number(text);
    const date = /[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
    return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
/** As `retryAfterMs`; where nothing is said, a second. */
export const retryMs = (header) => retryAfterMs(header) ?? UNSAID_MS;
/**
 * Milliseconds before the next attempt, after so many that failed (1 at least): anything up to a bound that doubles each
 * time, so that many callers do not come back together ("full jitter",
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 */
export function backoffMs(failures, { firstMs, mostMs, random }) {
    return random() * Math.min(mostMs, firstMs * 2 ** (failures - 1));
}
/** What is late is left behind, an answer's body too. Rejects with an Error, after so many milliseconds. */
export async function within(milliseconds, work) {
    const controller = new AbortController();
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => {
            controller.abort();
            reject(new Error(`no answer within ${Math.round(milliseconds)} ms`));
        }, milliseconds);
    });
    try {
        return await Promise.race([work(controller.signal), late]);
    }
    finally {
        clearTimeout(timer);
    }
}
