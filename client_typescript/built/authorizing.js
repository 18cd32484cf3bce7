/**
 * Whose word a request goes by: a user's token (`bearer`), or a role that signs it (`signed`).
 *
 * `signed` is for Node.js and other servers: whoever signs may name any user, so that its keys must never be in a browser
 * or an app. There, `bearer`.
 */
const SERVICE = "execute-api";
const ALGORITHM = "AWS4-HMAC-SHA256";
const encoder = new TextEncoder();
/** token: gives a valid one of the user's; asked for at every attempt. */
export function bearer(token) {
    return async ({ headers }) => ({ ...headers, authorization: `Bearer ${await token()}` });
}
/** Signature Version 4. credentials: asked for at every attempt. */
export function signed(credentials, now = () => new Date()) {
    return async (request) => signature(request, await credentials(), now());
}
/** Headers of a request with its signature for the region. */
export async function signature({ region, method, url, body, headers }, credentials, date) {
    const time = `${date.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
    const scope = `${time.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
    const { host, pathname, search } = new URL(url);
    const sent = { ...headers, "x-amz-date": time };
    if (credentials.sessionToken)
        sent["x-amz-security-token"] = credentials.sessionToken;
    const lines = Object.entries({ ...sent, host })
        .map(([name, value]) => [name.toLowerCase(), value.trim()])
        .sort(byName);
    const names = lines.map(([name]) => name).join(";");
    const canonical = [
        method,
        pathname.replace(/\/{2,}/g, "/").split("/").map(encoded).join("/"),
        canonicalQuery(search.slice(1)),
        ...lines.map((line) => line.join(":")),
        "",
        names,
        hex(await crypto.subtle.digest("SHA-256", encoder.encode(body))),
    ].join("\n");
    const digest = hex(await crypto.subtle.digest("SHA-256", encoder.encode(canonical)));
    let key = encoder.encode(`AWS4${credentials.secretAccessKey}`);
    for (const part of scope.split("/"))
        key = await hmac(key, part);
    const seal = hex(await hmac(key, [ALGORITHM, time, scope, digest].join("\n")));
    const by = `Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}`;
    return { ...sent, authorization: `${ALGORITHM} ${by}, Signature=${seal}` };
}
/** RFC 3986: encodeURIComponent leaves !'()* as they are. */
export function encoded(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
function byName([one], [other]) {
    return one < other ? -1 : one > other ? 1 : 0;
}
function canonicalQuery(query) {
    const pairs = query.split("&").filter(Boolean).map((part) => {
        const [name = "", value = ""] = part.split(/=(.*)/s, 2);
        return [name, value];
    });
    return pairs
        .sort((one, other) => byName(one, other) || (one[1] < other[1] ? -1 : 1))
        .map((pair) => pair.join("="))
        .join("&");
}
async function hmac(key, text) {
    const made = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return crypto.subtle.sign("HMAC", made, encoder.encode(text));
}
function hex(buffer) {
    return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
