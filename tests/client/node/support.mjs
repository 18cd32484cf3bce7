// A server that takes events as the API does, and fails on purpose; a clock that goes only when it is told to.
import { createServer } from "node:http";
import { EventQueue, RegionalClient, bearer } from "../../../client_typescript/built/index.js";

export const LIST = { useCase: "films", source: "batch", variant: "personalize", generation: "20270101T030000000" };
export const NOW = Date.UTC(2027, 0, 15, 8);

/** weather: one entry for each request to come, which says how it is answered; taken, when there is none left. */
export class Api {
  constructor() {
    this.requests = [];
    this.weather = [];
    this.counted = new Map();
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request, response) {
    let text = "";
    for await (const part of request) text += part;
    const { events } = JSON.parse(text);
    this.requests.push({ events, bytes: Buffer.byteLength(text), authorization: request.headers.authorization });
    const how = this.weather.shift() ?? "taken";
    if (how === "silent") return;
    if (how === "lost") {
      this.#count(events);
      request.socket.destroy();
      return;
    }
    const { status, headers = {}, body } = typeof how === "function" ? how(events) : (how ?? {});
    if (how === "taken") {
      this.#count(events);
      return json(response, 202, {}, { accepted: events.length });
    }
    return json(response, status, headers, body);
  }

  /** By ids: how often each was taken. */
  #count(events) {
    for (const { eventId } of events) this.counted.set(eventId, (this.counted.get(eventId) ?? 0) + 1);
  }
}

function json(response, status, headers, body) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

/** Timers that fire as the clock is moved. */
export class Clock {
  constructor() {
    this.now = NOW;
    this.waiting = new Map();
    this.number = 0;
    this.timers = {
      set: (work, milliseconds) => {
        this.number += 1;
        this.waiting.set(this.number, { work, at: this.now + milliseconds });
        return this.number;
      },
      clear: (number) => this.waiting.delete(number),
    };
  }

  /** Milliseconds until the next timer; undefined without one. */
  get next() {
    const times = [...this.waiting.values()].map(({ at }) => at - this.now);
    return times.length ? Math.min(...times) : undefined;
  }

  later(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.waiting].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0];
      if (!due) break;
      this.waiting.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].work();
    }
    this.now = end;
  }
}

/** A queue of user 7 that asks the server; random is 1 unless it is said, and waits are as long as they may be. */
export function queueFor(api, { clock = new Clock(), attemptMs = 60_000, ...options } = {}) {
  const refused = [];
  const taken = [];
  const asks = new RegionalClient({
    regions: { here: api.url },
    authorize: bearer(() => "a.user's.token"),
    attemptMs,
    totalMs: attemptMs,
    sleep: async () => {},
  });
  const queue = new EventQueue({
    asks,
    actor: () => ({ userId: "7" }),
    now: () => clock.now,
    timers: clock.timers,
    random: () => 1,
    onTaken: (events) => taken.push(...events),
    onRefused: (event, why) => refused.push([event.itemId, why]),
    ...options,
  });
  return { queue, clock, refused, taken };
}

/** Waits for what the machine does, not for what a clock says. */
export async function eventually(holds) {
  for (let looks = 0; looks < 3000; looks += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not so in the end: ${holds}`);
}
