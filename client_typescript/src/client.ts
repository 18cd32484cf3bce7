/** The API's operations by their paths, with the types of its description. */

import type { paths } from "./api.js";
import { segment, NoRegionAnswered, type Answer, type Asks } from "./regional.js";
import { backoffMs, pause, type Backoff } from "./times.js";

type Method = "get" | "put" | "post" | "delete";

/** Paths that have an operation of this method. */
export type PathWith<Paths, M extends Method> = {
  [P in keyof Paths]: Paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof Paths] &
  string;

type Operation<Paths, P extends keyof Paths, M extends Method> = Paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O> = O extends { parameters: infer P } ? Pick<P, keyof P & ("path" | "query")> : object;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : { body?: never };

/** What an operation is given: `path` and `query` parameters, and a `body`. */
export type Given<O> = Parameters<O> & Body<O>;

/** What an operation answers when all is well. */
export type Good<O> = O extends { responses: infer R }
  ? R[keyof R & (200 | 202 | 204)] extends { content: { "application/json": infer B } }
    ? B
    : null
  : never;

type Optional<T> = object extends T ? [given?: T] : [given: T];

interface Loose {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** A mistake of a request, and where it is. */
export interface Mistake {
  readonly where: string;
  readonly detail: string;
}

/** The API refused: problem details (RFC 9457), or the gateway's message. */
export class ApiProblem extends Error {
  readonly status: number;
  /** For programs; empty, if the gateway refused before the API saw the request. */
  readonly code: string;
  readonly errors: readonly Mistake[];

  constructor({ status, body }: Pick<Answer, "status" | "body">) {
    const told = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const errors = Array.isArray(told["errors"]) ? (told["errors"] as Mistake[]) : [];
    const detail = String(told["detail"] ?? told["message"] ?? "no reason was given");
    super([`${status}: ${detail}`, ...errors.map((mistake) => `${mistake.where} ${mistake.detail}`)].join("; "));
    this.name = "ApiProblem";
    this.status = status;
    this.code = String(told["code"] ?? "");
    this.errors = errors;
  }
}

export interface ClientOptions extends Partial<Backoff> {
  /** Attempts of a request, whatever its method: all routes of the API bear to be asked twice. */
  readonly attempts?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/**
 * Paths: as `openapi-typescript` makes them of the description of your stage (`/v1/openapi.json`), which has your use cases.
 * Those that are there without saying so are what every stage has.
 */
export class RecsClient<Paths extends object = paths> {
  readonly #asks: Asks;
  readonly #attempts: number;
  readonly #backoff: Backoff;
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(
    asks: Asks,
    { attempts = 3, firstMs = 100, mostMs = 2000, random = Math.random, sleep = pause }: ClientOptions = {},
  ) {
    this.#asks = asks;
    this.#attempts = attempts;
    this.#backoff = { firstMs, mostMs, random };
    this.#sleep = sleep;
  }

  /** Rejects with ApiProblem, or with NoRegionAnswered; so do the others. */
  get<P extends PathWith<Paths, "get">>(path: P, ...given: Optional<Given<Operation<Paths, P, "get">>>) {
    return this.#ask<Good<Operation<Paths, P, "get">>>("GET", path, given[0]);
  }

  post<P extends PathWith<Paths, "post">>(path: P, ...given: Optional<Given<Operation<Paths, P, "post">>>) {
    return this.#ask<Good<Operation<Paths, P, "post">>>("POST", path, given[0]);
  }

  put<P extends PathWith<Paths, "put">>(path: P, ...given: Optional<Given<Operation<Paths, P, "put">>>) {
    return this.#ask<Good<Operation<Paths, P, "put">>>("PUT", path, given[0]);
  }

  delete<P extends PathWith<Paths, "delete">>(path: P, ...given: Optional<Given<Operation<Paths, P, "delete">>>) {
    return this.#ask<Good<Operation<Paths, P, "delete">>>("DELETE", path, given[0]);
  }

  async #ask<T>(method: string, template: string, given: unknown): Promise<T> {
    const { path = {}, query = {}, body } = (given ?? {}) as Loose;
    const asked: Record<string, string> = {};
    for (const [name, value] of Object.entries(query)) if (value !== undefined) asked[name] = String(value);
    const target = template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const id = path[name];
      if (id === undefined) throw new TypeError(`${template}: path.${name} is missing`);
      if (!id.includes("/")) return segment(id);
      // An id with a slash goes into the query: not every gateway takes %2F for a part of a segment.
      asked[name] = id;
      return "-";
    });
    const answer = await this.#answered(method, target, { query: asked, document: body });
    if (answer.status >= 300) throw new ApiProblem(answer);
    return answer.body as T;
  }

  async #answered(method: string, target: string, asked: { query: Record<string, string>; document: unknown }) {
    for (let failures = 1; ; failures += 1) {
      const wait = backoffMs(failures, this.#backoff);
      try {
        const answer = await this.#asks.ask(method, target, asked);
        const later = answer.retryAfterMs;
        if (later === undefined || later > this.#backoff.mostMs || failures >= this.#attempts) return answer;
        await this.#sleep(later + wait);
      } catch (error) {
        if (!(error instanceof NoRegionAnswered) || failures >= this.#attempts) throw error;
        await this.#sleep(wait);
      }
    }
  }
}
