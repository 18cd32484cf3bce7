/**
 * Whose word a request goes by: a user's token (`bearer`), or a role that signs it (`signed`).
 *
 * `signed` is for Node.js and other servers: whoever signs may name any user, so that its keys must never be in a browser
 * or an app. There, `bearer`.
 */
export type Headers = Readonly<Record<string, string>>;
/** A request for one region. url: whole, percent-encoded. */
export interface Outgoing {
    readonly region: string;
    readonly method: string;
    readonly url: string;
    readonly body: string;
    readonly headers: Headers;
}
/** All headers that the request is sent with; called anew for every attempt. */
export type Authorize = (request: Outgoing) => Promise<Headers>;
export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
}
/** token: gives a valid one of the user's; asked for at every attempt. */
export declare function bearer(token: () => string | Promise<string>): Authorize;
/** Signature Version 4. credentials: asked for at every attempt. */
export declare function signed(credentials: () => Promise<Credentials>, now?: () => Date): Authorize;
/** Headers of a request with its signature for the region. */
export declare function signature({ region, method, url, body, headers }: Outgoing, credentials: Credentials, date: Date): Promise<Headers>;
/** RFC 3986: encodeURIComponent leaves !'()* as they are. */
export declare function encoded(text: string): string;
