/** The API's operations by their paths, with the types of its description. */
import { segment, NoRegionAnswered } from "./regional.js";
import { backoffMs, pause } from "./times.js";
/** The API refused: problem details (RFC 9457), or the gateway's message. */
export class ApiProblem extends Error {
    status;
    /** For programs; empty, if the gateway refused before the API saw the request. */
    code;
    errors;
    constructor({ status, body }) {
        const told = (typeof body === "object" && body !== null ? body : {});
        const errors = Array.isArray(told["errors"]) ? told["errors"] : [];
        const detail = String(told["detail"] ?? told["message"] ?? "no reason was given");
        super([`${status}: ${detail}`, ...errors.map((mistake) => `${mistake.where} ${mistake.detail}`)].join("; "));
        this.name = "ApiProblem";
        this.status = status;
        this.code = String(told["code"] ?? "");
        this.errors = errors;
    }
}
/**
 * Paths: as `openapi-typescript` makes them of the description of your stage (`/v1/openapi.json`), which has your use cases.
 * Those that are there without saying so are what every stage has.
 */
export class RecsClient {
    #asks;
    #attempts;
    #backoff;
    #sleep;
    constructor(asks, { attempts = 3, firstMs = 100, mostMs = 2000, random = Math.random, sleep = pause } = {}) {
        this.#asks = asks;
        this.#attempts = attempts;
        this.#backoff = { firstMs, mostMs, random };
        this.#sleep = sleep;
    }
    /** Rejects with ApiProblem, or with NoRegionAnswered; so do the others. */
    get(path, ...given) {
        return this.#ask("GET", path, given[0]);
    }
    post(path, ...given) {
        return this.#ask("POST", path, given[0]);
    }
    put(path, ...given) {
        return this.#ask("PUT", path, given[0]);
    }
    delete(path, ...given) {
        return this.#ask("DELETE", path, given[0]);
    }
    async #ask(method, template, given) {
        const { path = {}, query = {}, body } = (given ?? {});
        const asked = {};
        for (const [name, value] of Object.entries(query))
            if (value !== undefined)
                asked[name] = String(value);
        const target = template.replace(/\{(\w+)\}/g, (_, name) => {
            const id = path[name];
            if (id === undefined)
                throw new TypeError(`${template}: path.${name} is missing`);
            if (!id.includes("/"))
                return segment(id);
            // An id with a slash goes into the query: not every gateway takes %2F for a part of a segment.
            asked[name] = id;
            return "-";
        });
        const answer = await this.#answered(method, target, { query: asked, document: body });
        if (answer.status >= 300)
            throw new ApiProblem(answer);
        return answer.body;
    }
    async #answered(method, target, asked) {
        for (let failures = 1;; failures += 1) {
            const wait = backoffMs(failures, this.#backoff);
            try {
                const answer = await this.#asks.ask(method, target, asked);
                const later = answer.retryAfterMs;
                if (later === undefined || later > this.#backoff.mostMs || failures >= this.#attempts)
                    return answer;
                await this.#sleep(later + wait);
            }
            catch (error) {
                if (!(error instanceof NoRegionAnswered) || failures >= this.#attempts)
                    throw error;
                await this.#sleep(wait);
            }
        }
    }
}
