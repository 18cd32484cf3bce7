/** Ids of events and sessions: random, and never the same twice. */
/**
 * A UUID (RFC 9562, version 4): by crypto.randomUUID where there is one, which a page has by https and on localhost only, or
 * by crypto.getRandomValues; in React Native, which has neither by itself, by `random`, which keeps ids apart and no secret.
 */
export declare function newId(random?: () => number): string;
