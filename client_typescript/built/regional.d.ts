/** Asks a region, and the next one if that does not answer. */
import { type Authorize } from "./authorizing.js";
/** A region, and why it did not answer. */
export type Failed = readonly [region: string, why: string];
export interface Answer {
    readonly region: string;
    readonly status: number;
    /** Of JSON; null if there is none. */
    readonly body: unknown;
    /** What else was asked, and why that was not the answer. */
    readonly failed: readonly Failed[];
    /** Of a 429: when to come again. */
    readonly retryAfterMs?: number;
}
/** failed: in the order in which they were asked. */
export declare class NoRegionAnswered extends Error {
    readonly failed: readonly Failed[];
    constructor(failed: readonly Failed[]);
}
export interface RegionalOptions {
    /** Address of the API by region, the one to be asked first at the beginning. */
    readonly regions: Readonly<Record<string, string>>;
    readonly authorize: Authorize;
    readonly attemptMs?: number;
    readonly totalMs?: number;
    readonly avoidMs?: number;
    /** Milliseconds of a clock that never goes back. */
    readonly now?: () => number;
    readonly sleep?: (milliseconds: number) => Promise<void>;
}
export interface Asked {
    readonly query?: Readonly<Record<string, string>> | undefined;
    /** Of JSON. */
    readonly document?: unknown;
    /** The request is to outlive the page; its body may have 64 KiB, with those of others that are under way. */
    readonly keepalive?: boolean;
}
/** Whatever asks the API; RegionalClient does. */
export interface Asks {
    ask(method: string, path: string, asked?: Asked): Promise<Answer>;
}
/** An id, as a part of a path. */
export declare const segment: (text: string | number) => string;
/**
 * A region that answers with 5xx, not in `attemptMs` (2,000), or not at all, is asked last for `avoidMs` (60,000), and then
 * by one request. One with too many requests (429) is asked last for as long as it says; if all others fail too, it is asked
 * once more at that time, unless that is too late. Only then is 429 the answer. A request takes `totalMs` (5,000) at most.
 * Requests may arrive in two regions; all routes of the API bear that, events by their ids.
 */
export declare class RegionalClient implements Asks {
    #private;
    /** Throws RangeError, if there is no region, or no time. */
    constructor({ regions, authorize, attemptMs, totalMs, avoidMs, now, sleep, }: RegionalOptions);
    get(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
    /** An event without an `eventId` is given one, before it is sent anywhere: it counts once. */
    postEvents(events: readonly object[]): Promise<Answer>;
    /**
     * path: begins with a slash, its parts percent-encoded (`segment`).
     * Rejects with NoRegionAnswered, after `totalMs` at the latest.
     */
    ask(method: string, path: string, { query, document, keepalive }?: Asked): Promise<Answer>;
}
