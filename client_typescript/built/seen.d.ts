/** Impressions: items that somebody had before their eyes, by the browser's IntersectionObserver. */
import type { EventQueue, Origin } from "./events.js";
import { type Timers } from "./times.js";
export interface SeenOptions {
    readonly queue: Pick<EventQueue, "add">;
    /** Of the element, that must be visible without a break for `forMs`; of the window, if the element is larger than that. */
    readonly share?: number;
    readonly forMs?: number;
    readonly page?: Document;
    readonly Observer?: typeof IntersectionObserver;
    readonly timers?: Timers;
}
/**
 * Adds an impression of an item when half of its element was visible for a second, while the page was: once for each item
 * of a list, however often it comes into view, and in however many elements.
 */
export declare class SeenItems {
    #private;
    constructor({ queue, share, forMs, page, Observer, timers }: SeenOptions);
    /** origin: the answer that the item came with. */
    watch(element: Element, itemId: string, origin: Origin): void;
    unwatch(element: Element): void;
    /** No more impressions. */
    close(): void;
}
