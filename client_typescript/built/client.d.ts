/** The API's operations by their paths, with the types of its description. */
import type { paths } from "./api.js";
import { type Answer, type Asks } from "./regional.js";
import { type Backoff } from "./times.js";
type Method = "get" | "put" | "post" | "delete";
/** Paths that have an operation of this method. */
export type PathWith<Paths, M extends Method> = {
    [P in keyof Paths]: Paths[P] extends Record<M, {
        responses: unknown;
    }> ? P : never;
}[keyof Paths] & string;
type Operation<Paths, P extends keyof Paths, M extends Method> = Paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O> = O extends {
    parameters: infer P;
} ? Pick<P, keyof P & ("path" | "query")> : object;
type Body<O> = O extends {
    requestBody: {
        content: {
            "application/json": infer B;
        };
    };
} ? {
    body: B;
} : {
    body?: never;
};
/** What an operation is given: `path` and `query` parameters, and a `body`. */
export type Given<O> = Parameters<O> & Body<O>;
/** What an operation answers when all is well. */
export type Good<O> = O extends {
    responses: infer R;
} ? R[keyof R & (200 | 202 | 204)] extends {
    content: {
        "application/json": infer B;
    };
} ? B : null : never;
type Optional<T> = object extends T ? [given?: T] : [given: T];
/** A mistake of a request, and where it is. */
export interface Mistake {
    readonly where: string;
    readonly detail: string;
}
/** The API refused: problem details (RFC 9457), or the gateway's message. */
export declare class ApiProblem extends Error {
    readonly status: number;
    /** For programs; empty, if the gateway refused before the API saw the request. */
    readonly code: string;
    readonly errors: readonly Mistake[];
    constructor({ status, body }: Pick<Answer, "status" | "body">);
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
export declare class RecsClient<Paths extends object = paths> {
    #private;
    constructor(asks: Asks, { attempts, firstMs, mostMs, random, sleep }?: ClientOptions);
    /** Rejects with ApiProblem, or with NoRegionAnswered; so do the others. */
    get<P extends PathWith<Paths, "get">>(path: P, ...given: Optional<Given<Operation<Paths, P, "get">>>): Promise<Good<Operation<Paths, P, "get">>>;
    post<P extends PathWith<Paths, "post">>(path: P, ...given: Optional<Given<Operation<Paths, P, "post">>>): Promise<Good<Operation<Paths, P, "post">>>;
    put<P extends PathWith<Paths, "put">>(path: P, ...given: Optional<Given<Operation<Paths, P, "put">>>): Promise<Good<Operation<Paths, P, "put">>>;
    delete<P extends PathWith<Paths, "delete">>(path: P, ...given: Optional<Given<Operation<Paths, P, "delete">>>): Promise<Good<Operation<Paths, P, "delete">>>;
}
export {};
