/** Events: gathered, sent together, sent again until they are taken, each counted once. */

import type { components } from "./api.js";
import { ApiProblem } from "./client.js";
import { newId } from "./ids.js";
import type { Answer, Asks } from "./regional.js";
import { backoffMs, TIMERS, type Backoff, type Timers } from "./times.js";

export type Event = components["schemas"]["Event"];

/** What the API takes of one request: events, and bytes; and a browser of requests that outlive their page. */
export const MOST_EVENTS = 100;
export const MOST_BYTES = 512 * 1024;
export const MOST_KEEPALIVE_BYTES = 60 * 1024;

/** Who acts: a user, somebody who is not signed in, or both, which makes the session's events the user's. */
export type Actor = { readonly userId: string; readonly sessionId?: string } | { readonly sessionId: string };

/** The answer that the item came with, or the entry of the inbox. */
export interface Origin {
  readonly useCase: string;
  readonly source?: string;
  readonly variant?: string;
  readonly generation?: string | null;
  readonly experiment?: number;
  readonly recommendationId?: string;
}

export interface QueueOptions extends Partial<Backoff> {
  readonly asks: Asks;
  /** Asked when something happens. */
  readonly actor: () => Actor;
  /** So many events are sent at once; fewer after `delayMs`. */
  readonly flushAt?: number;
  readonly delayMs?: number;
  /** Of so many, the oldest is given up for a new one. */
  readonly mostWaiting?: number;
  /** Events that the API has taken. */
  readonly onTaken?: (events: readonly Event[]) => void;
  /** An event that will not be sent (again), and why. */
  readonly onRefused?: (event: Event, why: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly timers?: Timers;
}

type Outcome =
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly why: ReadonlyMap<number, string> }
  | { readonly kind: "unclear"; readonly why: string }
  | { readonly kind: "later"; readonly milliseconds: number };

/**
 * Sends what happened, in order, one request at a time. An event has its id from the beginning: whatever is sent again
 * counts once. What is refused for a mistake does not keep others from being sent. Nothing is given up but that, and the
 * oldest of `mostWaiting`. What waits lives as long as the page: `flushOnLeaving` sends it before that ends.
 */
export class EventQueue {
  readonly #options: Required<QueueOptions>;
  #waiting: Event[] = [];
  /** In requests that outlive the page. */
  readonly #leaving = new Set<Event>();
  #running: Promise<void> | undefined;
  #timer: unknown;
  #failures = 0;
  #most = MOST_EVENTS;

  /** Without other words: 20 events, 5 seconds; waits of 1 s, 2 s, 4 s, ... 60 s at most after failures. */
  constructor(options: QueueOptions) {
    this.#options = {
      flushAt: 20,
      delayMs: 5000,
      mostWaiting: 10_000,
      onTaken: () => {},
      onRefused: () => {},
      now: Date.now,
      timers: TIMERS,
      firstMs: 1000,
      mostMs: 60_000,
      random: Math.random,
      ...options,
    };
  }

  /** How many events wait, with those that are under way. */
  get size(): number {
    return this.#waiting.length;
  }

  /** type: `impression`, or an event type of the use case. Returns the event's id. */
  add(type: string, itemId: string, origin: Origin): string {
    const { now, actor, random, mostWaiting, flushAt, delayMs, onRefused } = this.#options;
    const event = {
      eventId: newId(random),
      type,
      itemId,
      occurredAt: new Date(now()).toISOString(),
      ...actor(),
      ...known(origin),
    } as Event;
    this.#waiting.push(event);
    if (this.#waiting.length > mostWaiting) {
      const oldest = this.#waiting.shift();
      if (oldest) onRefused(oldest, `more than ${mostWaiting} events wait`);
    }
    if (this.#failures === 0) this.#later(this.#waiting.length >= flushAt ? 0 : delayMs);
    return event.eventId;
  }

  /** Sends what waits, now; whether nothing waits any more. */
  async flush(): Promise<boolean> {
    this.#stop();
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
    return this.#waiting.length === 0;
  }

  /**
   * Sends all that waits, and what is under way once more, in requests that outlive the page. What a browser does not take
   * of them (64 KiB) waits on.
   */
  async leave(): Promise<void> {
    const going = this.#waiting.filter((event) => !this.#leaving.has(event));
    let left = MOST_KEEPALIVE_BYTES - (this.#leaving.size ? bytes([...this.#leaving]) : 0);
    const sent: Promise<void>[] = [];
    for (let first = 0; first < going.length; ) {
      const batch = fitting(going.slice(first, first + MOST_EVENTS), left);
      if (!batch.length) break;
      left -= bytes(batch);
      first += batch.length;
      sent.push(this.#go(batch));
    }
    await Promise.all(sent);
  }

  /** As `leave`, whenever the page is hidden or left, and again when it is online; returns what ends that. */
  flushOnLeaving(page: Document = document): () => void {
    const view = page.defaultView;
    const hidden = () => {
      if (page.visibilityState === "hidden") void this.leave();
    };
    const gone = () => void this.leave();
    const online = () => void this.flush();
    page.addEventListener("visibilitychange", hidden);
    view?.addEventListener("pagehide", gone);
    view?.addEventListener("online", online);
    return () => {
      page.removeEventListener("visibilitychange", hidden);
      view?.removeEventListener("pagehide", gone);
      view?.removeEventListener("online", online);
    };
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length) {
      const batch = fitting(this.#waiting.slice(0, this.#most), MOST_BYTES, 1);
      const outcome = await this.#post(batch, false);
      this.#settle(batch, outcome);
      if (outcome.kind === "later") return;
    }
  }

  async #go(batch: readonly Event[]): Promise<void> {
    for (const event of batch) this.#leaving.add(event);
    const outcome = await this.#post(batch, true);
    for (const event of batch) this.#leaving.delete(event);
    this.#settle(batch, outcome);
  }

  async #post(events: readonly Event[], keepalive: boolean): Promise<Outcome> {
    try {
      return judged(await this.#options.asks.ask("POST", "/v1/events", { document: { events }, keepalive }), events.length);
    } catch {
      return { kind: "later", milliseconds: 0 };
    }
  }

  #settle(batch: readonly Event[], outcome: Outcome): void {
    if (outcome.kind === "later") {
      this.#failures += 1;
      this.#later(Math.max(outcome.milliseconds, backoffMs(this.#failures, this.#options)));
      return;
    }
    this.#failures = 0;
    if (outcome.kind === "taken") {
      this.#most = MOST_EVENTS;
      const taken = this.#forget(batch);
      if (taken.length) this.#options.onTaken(taken);
    } else if (outcome.kind === "refused") {
      for (const [place, why] of outcome.why) this.#refuse(batch[place], why);
    } else if (batch.length === 1) {
      this.#refuse(batch[0], outcome.why);
    } else {
      // One of them is the reason, and is to be alone in the end.
      this.#most = Math.ceil(batch.length / 2);
    }
  }

  #refuse(event: Event | undefined, why: string): void {
    if (event && this.#forget([event]).length) this.#options.onRefused(event, why);
  }

  /** Those of them that waited. */
  #forget(events: readonly Event[]): readonly Event[] {
    const over = new Set(events);
    const forgotten = this.#waiting.filter((event) => over.has(event));
    this.#waiting = this.#waiting.filter((event) => !over.has(event));
    return forgotten;
  }

  /** The first wait that was begun is kept; one that begins with a failure takes its place. */
  #later(milliseconds: number): void {
    if (this.#timer !== undefined) {
      if (milliseconds > 0 && this.#failures === 0) return;
      this.#stop();
    }
    this.#timer = this.#options.timers.set(() => void this.flush(), milliseconds);
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#options.timers.clear(this.#timer);
    this.#timer = undefined;
  }
}

function known({ useCase, source, variant, generation, experiment, recommendationId }: Origin) {
  return {
    useCase,
    // An entry of the inbox does not say: notifications are made of stored lists.
    source: source ?? "batch",
    variant: variant ?? "personalize",
    ...(generation ? { generation } : {}),
    ...(experiment === undefined ? {} : { experiment }),
    ...(recommendationId === undefined ? {} : { recommendationId }),
  };
}

/** The first of them, as many as fit into so many bytes, and so many at least. */
function fitting(events: readonly Event[], most: number, least = 0): readonly Event[] {
  let size = ENVELOPE;
  const fits = events.findIndex((event) => (size += bytesOf(event) + 1) > most);
  return fits < 0 ? events : events.slice(0, Math.max(fits, least));
}

const ENVELOPE = '{"events":[]}'.length;
const encoder = new TextEncoder();
const bytesOf = (event: Event): number => encoder.encode(JSON.stringify(event)).length;
const bytes = (events: readonly Event[]): number =>
  events.reduce((sum, event) => sum + bytesOf(event) + 1, ENVELOPE);

/** count: of the events that were sent. */
function judged(answer: Answer, count: number): Outcome {
  const { status } = answer;
  if (status < 300) return { kind: "taken" };
  const problem = new ApiProblem(answer);
  if (status === 400) {
    const why = new Map<number, string>();
    for (const { where, detail } of problem.errors) {
      const place = /^body\.events\[(\d+)\]/.exec(where)?.[1];
      if (place !== undefined && Number(place) < count) why.set(Number(place), `${where.replace(/^body\.events\[\d+\]\.?/, "")} ${detail}`.trim());
    }
    return why.size ? { kind: "refused", why } : { kind: "unclear", why: problem.message };
  }
  // The API's own word: the gateway's 403 has no code, and is about credentials, which may be better soon.
  if (status === 413 || (status === 403 && problem.code)) return { kind: "unclear", why: problem.message };
  return { kind: "later", milliseconds: answer.retryAfterMs ?? 0 };
}
