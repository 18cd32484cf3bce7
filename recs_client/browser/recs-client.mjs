/**
 * A client of the serving API that knows a stage's regions, for browsers and Node.js; it needs nothing else.
 *
 *   const client = new RegionalClient({
 *     regions: { "eu-west-1": "https://...", "eu-central-1": "https://..." },
 *     authorize: bearer(() => session.accessToken()),
 *   });
 *   const { status, body } = await client.get("/v1/users/42/films", { limit: "5" });
 *
 * A region that answers with 5xx, not in `attemptMs`, or not at all, is asked last for `avoidMs`, and then by one
 * request. One with too many requests (429) is asked last for as long as it says; if all others fail too, it is asked
 * once more at that time, unless that is too late. Only then is 429 the answer. A request takes `totalMs` at most.
 * Requests may arrive in two regions; all routes of the API bear that, events by their ids.
 *
 * `signed` is for Node.js and other servers: whoever signs may name any user, so that its keys must never be in a
 * browser. There, `bearer`.
 */

const SERVICE = "execute-api";
const ALGORITHM = "AWS4-HMAC-SHA256";
const TOO_MANY = 429;
/** API Gateway limits requests by the second, and is not known to say when to come again. */
const UNSAID_MS = 1000;
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
  #urls; #authorize; #attempt; #total; #now; #sleep; #preference;

  /** regions: address of the API by region, the one to be asked first at the beginning. now, sleep: milliseconds. */
  constructor({ regions, authorize, attemptMs = 2000, totalMs = 5000, avoidMs = 60000, now = clock, sleep = pause }) {
    if (!Object.keys(regions).length || !(Math.min(attemptMs, totalMs) > 0)) {
      throw new RangeError("regions must name one at least, and times be above 0 milliseconds");
    }
    this.#urls = new Map(Object.entries(regions).map(([region, url]) => [region, url.replace(/\/+$/, "")]));
    this.#authorize = authorize;
    [this.#attempt, this.#total, this.#now, this.#sleep] = [attemptMs, totalMs, now, sleep];
    this.#preference = new Preference([...this.#urls.keys()], avoidMs, now);
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
    const busy = new Map();
    let said;
    for await (const region of this.#turns(busy, end)) {
      const milliseconds = Math.min(this.#attempt, end - this.#now());
      if (milliseconds <= 0) {
        failed.push([region, "not asked: no time is left"]);
        continue;
      }
      try {
        const outgoing = { region, method, url: this.#urls.get(region) + target, body };
        const { again, ...heard } = await within(milliseconds, (signal) => this.#send(outgoing, signal));
        const answer = { region, ...heard, failed };
        if (again === undefined) {
          this.#preference.answered(region);
          return answer;
        }
        this.#preference.failed(region, again);
        failed.push([region, `status ${heard.status}`]);
        busy.set(region, this.#now() + again);
        said = answer;
      } catch (error) {
        this.#preference.failed(region);
        failed.push([region, error.message]);
      }
    }
    if (said) return { ...said, failed };
    throw new NoRegionAnswered(failed);
  }

  /** busy: regions with too many requests, and when they are to be asked; grows meanwhile. */
  async *#turns(busy, end) {
    yield* this.#preference.order();
    const [soonest] = [...busy].sort(([, one], [, other]) => one - other);
    if (!soonest || soonest[1] >= end) return;
    await this.#sleep(Math.max(0, soonest[1] - this.#now()));
    yield soonest[0];
  }

  async #send(request, signal) {
    const headers = request.body ? { "content-type": "application/json" } : {};
    const { region, method, url, body } = request;
    const authorized = await this.#authorize({ region, method, url, body, headers });
    const answer = await fetch(url, { method, headers: authorized, body: body || undefined, signal, redirect: "manual" });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    const text = await answer.text();
    const again = answer.status === TOO_MANY ? retryMs(answer.headers.get("retry-after")) : undefined;
    return { status: answer.status, body: text ? JSON.parse(text) : null, again };
  }
}

/**
 * Which region is asked first: the first one, but for those that rest: these come last, who returns soonest first. When
 * its rest is over, a region is asked by one request; the others go on without it until it has answered, or for `avoidMs`
 * more.
 */
class Preference {
  #regions; #avoid; #now; #rests = new Map(); #probed = new Map();

  constructor(regions, avoidMs, now) {
    [this.#regions, this.#avoid, this.#now] = [regions, avoidMs, now];
  }

  order() {
    const now = this.#now();
    const back = (region) => Math.max(this.#rests.get(region), this.#probed.get(region) ?? -Infinity);
    const away = new Map([...this.#rests].filter(([region]) => now < back(region)));
    const until = (region) => away.get(region) ?? -Infinity;
    // Of two that do not rest, the difference is no number: the order stays.
    const order = [...this.#regions].sort((one, other) => until(one) - until(other) || 0);
    if (this.#rests.has(order[0]) && !away.has(order[0])) this.#probed.set(order[0], now + this.#avoid);
    return order;
  }

  failed(region, milliseconds = this.#avoid) {
    this.#rests.set(region, this.#now() + Math.min(milliseconds, this.#avoid));
    this.#probed.delete(region);
  }

  answered(region) {
    this.#rests.delete(region);
    this.#probed.delete(region);
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

/**
 * Retry-After (RFC 9110, 10.2.3) is seconds or a date; what is neither counts as absent, as what a page may not read does
 * (Access-Control-Expose-Headers).
 */
function retryMs(header) {
  const text = (header ?? "").trim();
  if (/^[0-9]+$/.test(text)) return 1000 * Number(text);
  const date = /[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? UNSAID_MS : Math.max(0, date - Date.now());
}

const clock = () => performance.now();

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

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
