/** Events: gathered, sent together, sent again until they are taken, each counted once. */
import type { components } from "./api.js";
import type { Asks } from "./regional.js";
import { type Backoff, type Timers } from "./times.js";
export type Event = components["schemas"]["Event"];
/** What the API takes of one request: events, and bytes; and a browser of requests that outlive their page. */
export declare const MOST_EVENTS = 100;
export declare const MOST_BYTES: number;
export declare const MOST_KEEPALIVE_BYTES: number;
/** Who acts: a user, somebody who is not signed in, or both, which makes the session's events the user's. */
export type Actor = {
    readonly userId: string;
    readonly sessionId?: string;
} | {
    readonly sessionId: string;
};
/** The answer that the item came with, or the entry of the inbox. */
export interface Origin {
    readonly useCase: string;
    readonly source?: string;
    readonly variant?: string;
    readonly generation?: string | null;
    readonly experiment?: number;
    readonly recommendationId?: string;
}
export interface QueueOptions extends Partial<Backoff> {
    readonly asks: Asks;
    /** Asked when something happens. */
    readonly actor: () => Actor;
    /** So many events are sent at once; fewer after `delayMs`. */
    readonly flushAt?: number;
    readonly delayMs?: number;
    /** Of so many, the oldest is given up for a new one. */
    readonly mostWaiting?: number;
    /** Events that the API has taken. */
    readonly onTaken?: (events: readonly Event[]) => void;
    /** An event that will not be sent (again), and why. */
    readonly onRefused?: (event: Event, why: string) => void;
    /** Milliseconds since 1970. */
    readonly now?: () => number;
    readonly timers?: Timers;
}
/**
 * Sends what happened, in order, one request at a time. An event has its id from the beginning: whatever is sent again
 * counts once. What is refused for a mistake does not keep others from being sent. Nothing is given up but that, and the
 * oldest of `mostWaiting`. What waits lives as long as the page: `flushOnLeaving` sends it before that ends.
 */
export declare class EventQueue {
    #private;
    /** Without other words: 20 events, 5 seconds; waits of 1 s, 2 s, 4 s, ... 60 s at most after failures. */
    constructor(options: QueueOptions);
    /** How many events wait, with those that are under way. */
    get size(): number;
    /** type: `impression`, or an event type of the use case. Returns the event's id. */
    add(type: string, itemId: string, origin: Origin): string;
    /** Sends what waits, now; whether nothing waits any more. */
    flush(): Promise<boolean>;
    /**
     * Sends all that waits, and what is under way once more, in requests that outlive the page. What a browser does not take
     * of them (64 KiB) waits on.
     */
    leave(): Promise<void>;
    /** As `leave`, whenever the page is hidden or left, and again when it is online; returns what ends that. */
    flushOnLeaving(page?: Document): () => void;
}
