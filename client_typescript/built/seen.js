/** Impressions: items that somebody had before their eyes, by the browser's IntersectionObserver. */
import { TIMERS } from "./times.js";
const STEPS = Array.from({ length: 11 }, (_, step) => step / 10);
/**
 * Adds an impression of an item when half of its element was visible for a second, while the page was: once for each item
 * of a list, however often it comes into view, and in however many elements.
 */
export class SeenItems {
    #queue;
    #share;
    #forMs;
    #page;
    #timers;
    #observer;
    #watched = new Map();
    #seen = new Set();
    #look = () => {
        for (const one of this.#watched.values())
            this.#judge(one);
    };
    constructor({ queue, share = 0.5, forMs = 1000, page = document, Observer, timers = TIMERS }) {
        this.#queue = queue;
        this.#share = share;
        this.#forMs = forMs;
        this.#page = page;
        this.#timers = timers;
        this.#observer = new (Observer ?? IntersectionObserver)((entries) => this.#changed(entries), { threshold: STEPS });
        page.addEventListener("visibilitychange", this.#look);
    }
    /** origin: the answer that the item came with. */
    watch(element, itemId, origin) {
        this.unwatch(element);
        if (this.#seen.has(keyOf(itemId, origin)))
            return;
        this.#watched.set(element, { itemId, origin, visible: false, timer: undefined });
        this.#observer.observe(element);
    }
    unwatch(element) {
        const one = this.#watched.get(element);
        if (!one)
            return;
        this.#stop(one);
        this.#watched.delete(element);
        this.#observer.unobserve(element);
    }
    /** No more impressions. */
    close() {
        for (const element of [...this.#watched.keys()])
            this.unwatch(element);
        this.#observer.disconnect();
        this.#page.removeEventListener("visibilitychange", this.#look);
    }
    #changed(entries) {
        for (const entry of entries) {
            const one = this.#watched.get(entry.target);
            if (!one)
                continue;
            one.visible = this.#enough(entry);
            this.#judge(one);
        }
    }
    #enough({ isIntersecting, intersectionRatio, intersectionRect, rootBounds }) {
        if (!isIntersecting)
            return false;
        const window = rootBounds ? rootBounds.width * rootBounds.height : Infinity;
        const shown = intersectionRect.width * intersectionRect.height;
        return intersectionRatio >= this.#share || shown >= this.#share * window;
    }
    #judge(one) {
        if (!one.visible || this.#page.visibilityState !== "visible")
            this.#stop(one);
        else
            one.timer ??= this.#timers.set(() => this.#see(one), this.#forMs);
    }
    #see(one) {
        const key = keyOf(one.itemId, one.origin);
        if (!this.#seen.has(key)) {
            this.#seen.add(key);
            this.#queue.add("impression", one.itemId, one.origin);
        }
        for (const [element, { itemId, origin }] of [...this.#watched]) {
            if (keyOf(itemId, origin) === key)
                this.unwatch(element);
        }
    }
    #stop(one) {
        if (one.timer !== undefined)
            this.#timers.clear(one.timer);
        one.timer = undefined;
    }
}
function keyOf(itemId, { useCase, variant, generation }) {
    return JSON.stringify([useCase, variant ?? "", generation ?? "", itemId]);
}
