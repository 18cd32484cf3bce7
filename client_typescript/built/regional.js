/** Asks a region, and the next one if that does not answer. */
import { encoded } from "./authorizing.js";
import { newId } from "./ids.js";
import { Preference } from "./preference.js";
import { monotonic, pause, retryMs, within } from "./times.js";
const TOO_MANY = 429;
/** failed: in the order in which they were asked. */
export class NoRegionAnswered extends Error {
    failed;
    constructor(failed) {
        super(failed.map(([region, why]) => `${region}: ${why}`).join("; "));
        this.name = "NoRegionAnswered";
        this.failed = failed;
    }
}
/** An id, as a part of a path. */
export const segment = (text) => encoded(String(text));
/**
 * A region that answers with 5xx, not in `attemptMs` (2,000), or not at all, is asked last for `avoidMs` (60,000), and then
 * by one request. One with too many requests (429) is asked last for as long as it says; if all others fail too, it is asked
 * once more at that time, unless that is too late. Only then is 429 the answer. A request takes `totalMs` (5,000) at most.
 * Requests may arrive in two regions; all routes of the API bear that, events by their ids.
 */
export class RegionalClient {
    #urls;
    #authorize;
    #attempt;
    #total;
    #now;
    #sleep;
    #preference;
    /** Throws RangeError, if there is no region, or no time. */
    constructor({ regions, authorize, attemptMs = 2000, totalMs = 5000, avoidMs = 60_000, now = monotonic, sleep = pause, }) {
        if (!Object.keys(regions).length || !(Math.min(attemptMs, totalMs) > 0)) {
            throw new RangeError("regions must name one at least, and times be above 0 milliseconds");
        }
        this.#urls = new Map(Object.entries(regions).map(([region, url]) => [region, url.replace(/\/+$/, "")]));
        this.#authorize = authorize;
        this.#attempt = attemptMs;
        this.#total = totalMs;
        this.#now = now;
        this.#sleep = sleep;
        this.#preference = new Preference([...this.#urls.keys()], avoidMs, now);
    }
    get(path, query) {
        return this.ask("GET", path, { query });
    }
    /** An event without an `eventId` is given one, before it is sent anywhere: it counts once. */
    postEvents(events) {
        const known = events.map((event) => ({ eventId: newId(), ...event }));
        return this.ask("POST", "/v1/events", { document: { events: known } });
    }
    /**
     * path: begins with a slash, its parts percent-encoded (`segment`).
     * Rejects with NoRegionAnswered, after `totalMs` at the latest.
     */
    async ask(method, path, { query, document, keepalive = false } = {}) {
        const end = this.#now() + this.#total;
        const asked = Object.entries(query ?? {}).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
        const target = asked.length ? `${path}?${asked.join("&")}` : path;
        const body = document === undefined ? "" : JSON.stringify(document);
        const failed = [];
        const busy = new Map();
        let said;
        for await (const region of this.#turns(busy, end)) {
            const milliseconds = Math.min(this.#attempt, end - this.#now());
            if (milliseconds <= 0) {
                failed.push([region, "not asked: no time is left"]);
                continue;
            }
            try {
                const outgoing = { region, method, url: `${this.#urls.get(region)}${target}`, body };
                const heard = await within(milliseconds, (signal) => this.#send(outgoing, keepalive, signal));
                const answer = { region, ...heard, failed };
                if (heard.retryAfterMs === undefined) {
                    this.#preference.answered(region);
                    return answer;
                }
                this.#preference.failed(region, heard.retryAfterMs);
                failed.push([region, `status ${heard.status}`]);
                busy.set(region, this.#now() + heard.retryAfterMs);
                said = answer;
            }
            catch (error) {
                this.#preference.failed(region);
                failed.push([region, error instanceof Error ? error.message : String(error)]);
            }
        }
        if (said)
            return { ...said, failed };
        throw new NoRegionAnswered(failed);
    }
    /** busy: regions with too many requests, and when they are to be asked; grows meanwhile. */
    async *#turns(busy, end) {
        yield* this.#preference.order();
        const [soonest] = [...busy].sort(([, one], [, other]) => one - other);
        if (!soonest || soonest[1] >= end)
            return;
        await this.#sleep(Math.max(0, soonest[1] - this.#now()));
        yield soonest[0];
    }
    async #send(request, keepalive, signal) {
        const headers = request.body ? { "content-type": "application/json" } : {};
        const { method, url, body } = request;
        const authorized = await this.#authorize({ ...request, headers });
        const sent = { method, headers: authorized, body: body || null, signal, keepalive, redirect: "manual" };
        const answer = await fetch(url, sent);
        // A browser shows nothing of a redirect that is not followed: status 0.
        if (answer.status >= 500 || answer.status < 200)
            throw new Error(`status ${answer.status}`);
        const text = await answer.text();
        const told = text ? JSON.parse(text) : null;
        if (answer.status !== TOO_MANY)
            return { status: answer.status, body: told };
        return { status: TOO_MANY, body: told, retryAfterMs: retryMs(answer.headers.get("retry-after")) };
    }
}
