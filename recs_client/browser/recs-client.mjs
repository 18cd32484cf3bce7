/**
 * A client of the serving API that knows a stage's regions, for browsers and Node.js; it needs nothing else.
 *
 *   const client = new RegionalClient({
 *     regions: { "eu-west-1": "https://...", "eu-central-1": "https://..." },
 *     authorize: bearer(() => session.accessToken()),
 *   });
 *   const { status, body } = await client.get("/v1/users/42/posts", { limit: "5" });
 *
 * A region that answers with 5xx, not in `attemptMs`, or not at all, is asked last for `avoidMs`. A request takes
 * `totalMs` at most. Requests may arrive in two regions; all routes of the API bear that, events by their ids.
 *
 * `signed` is for Node.js and other servers: whoever signs may name any user, so that its keys must never be in a
 * browser. There, `bearer`.
 */

const SERVICE = "execute-api";
const ALGORITHM = "AWS4-HMAC-SHA256";
const encoder = new TextEncoder();

export class NoRegionAnswered extends Error {
  /** failed: [region, reason], in the order in which they were asked. */
  constructor(failed) {
    super(failed.map(([region, why]) => `${region}: ${why}`).join("; "));
    this.name = "NoRegionAnswered";
    this.failed = failed;
  }
}

/** An id, as a part of a path. */
export const segment = (text) => encoded(String(text));

export class RegionalClient {
  #urls; #authorize; #attempt; #total; #avoid; #now; #failedAt = new Map();

  /** regions: address of the API by region, the one to be asked first at the beginning. now: milliseconds. */
  constructor({ regions, authorize, attemptMs = 2000, totalMs = 5000, avoidMs = 60000, now = () => performance.now() }) {
    if (!Object.keys(regions).length || !(Math.min(attemptMs, totalMs) > 0)) {
      throw new RangeError("regions must name one at least, and times be above 0 milliseconds");
    }
    this.#urls = new Map(Object.entries(regions).map(([region, url]) => [region, url.replace(/\/+$/, "")]));
    this.#authorize = authorize;
    [this.#attempt, this.#total, this.#avoid, this.#now] = [attemptMs, totalMs, avoidMs, now];
  }

  get(path, query) {
    return this.ask("GET", path, { query });
  }

  /** An event without an `eventId` is given one, before it is sent anywhere: it counts once. */
  postEvents(events) {
    const known = events.map((event) => ({ eventId: crypto.randomUUID(), ...event }));
    return this.ask("POST", "/v1/events", { document: { events: known } });
  }

  /**
   * path: begins with a slash, its parts percent-encoded (`segment`). document: of JSON.
   * Resolves to {region, status, body, failed}. Rejects with NoRegionAnswered, after `totalMs` at the latest.
   */
  async ask(method, path, { query, document } = {}) {
    const end = this.#now() + this.#total;
    const asked = Object.entries(query ?? {}).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
    const target = asked.length ? `${path}?${asked.join("&")}` : path;
    const body = document === undefined ? "" : JSON.stringify(document);
    const failed = [];
    for (const region of this.#order()) {
      const milliseconds = Math.min(this.#attempt, end - this.#now());
      if (milliseconds <= 0) {
        failed.push([region, "not asked: no time is left"]);
        continue;
      }
      try {
        const outgoing = { region, method, url: this.#urls.get(region) + target, body };
        const answer = await within(milliseconds, (signal) => this.#send(outgoing, signal));
        this.#failedAt.delete(region);
        return { region, ...answer, failed };
      } catch (error) {
        this.#failedAt.set(region, this.#now());
        failed.push([region, error.message]);
      }
    }
    throw new NoRegionAnswered(failed);
  }

  #order() {
    const since = this.#now() - this.#avoid;
    const at = (region) => {
      const moment = this.#failedAt.get(region) ?? -Infinity;
      return moment > since ? moment : -Infinity;
    };
    // Of two that have not failed, the difference is no number: the order stays.
    return [...this.#urls.keys()].sort((one, other) => at(one) - at(other) || 0);
  }

  async #send(request, signal) {
    const headers = request.body ? { "content-type": "application/json" } : {};
    const { region, method, url, body } = request;
    const authorized = await this.#authorize({ region, method, url, body, headers });
    const answer = await fetch(url, { method, headers: authorized, body: body || undefined, signal, redirect: "manual" });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }
}

/** token: a function that resolves to a valid one of the user's; asked for at every attempt. */
export function bearer(token) {
  return async ({ headers }) => ({ ...headers, authorization: `Bearer ${await token()}` });
}

/** credentials: a function that resolves to {accessKeyId, secretAccessKey, sessionToken?}. now: a Date. */
export function signed(credentials, now = () => new Date()) {
  return async (request) => signature(request, await credentials(), now());
}

/** Headers of a request with its signature (Version 4) for the region. */
export async function signature({ region, method, url, body, headers }, credentials, date) {
  const time = `${date.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  const scope = `${time.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
  const { host, pathname, search } = new URL(url);
  const sent = { ...headers, "x-amz-date": time };
  if (credentials.sessionToken) sent["x-amz-security-token"] = credentials.sessionToken;
  const lines = Object.entries({ ...sent, host }).map(([name, value]) => [name.toLowerCase(), value.trim()]).sort(byName);
  const names = lines.map(([name]) => name).join(";");
  const canonical = [
    method,
    pathname.replace(/\/{2,}/g, "/").split("/").map(encoded).join("/"),
    search.slice(1).split("&").filter(Boolean).map((part) => part.split(/=(.*)/s, 2)).map(([name, value = ""]) => [name, value])
      .sort((one, other) => byName(one, other) || (one[1] < other[1] ? -1 : 1)).map((pair) => pair.join("=")).join("&"),
    ...lines.map((line) => line.join(":")),
    "",
    names,
    hex(await crypto.subtle.digest("SHA-256", encoder.encode(body))),
  ].join("\n");
  const text = [ALGORITHM, time, scope, hex(await crypto.subtle.digest("SHA-256", encoder.encode(canonical)))].join("\n");
  let key = encoder.encode(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  const signedBy = `Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}`;
  return { ...sent, authorization: `${ALGORITHM} ${signedBy}, Signature=${hex(await hmac(key, text))}` };
}

const byName = ([one], [other]) => (one < other ? -1 : one > other ? 1 : 0);

/** RFC 3986: encodeURIComponent leaves !'()* as they are. */
function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function hmac(key, text) {
  const made = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", made, encoder.encode(text));
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is late is left behind, the answer's body too. */
async function within(milliseconds, work) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new Error(`no answer within ${Math.round(milliseconds)} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
