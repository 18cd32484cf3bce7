// How the queue gathers events and gets them to the API, whatever that does.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { MOST_EVENTS, MOST_KEEPALIVE_BYTES } from "../../../client_typescript/built/index.js";
import { Api, LIST, eventually, queueFor } from "./support.mjs";

let api;
beforeEach(async () => {
  api = await new Api().start();
});
afterEach(() => api.stop());

const items = (request) => request.events.map(({ itemId }) => itemId);
const names = (count, from = 0) => Array.from({ length: count }, (_, place) => `item-${from + place}`);
const busy = (retryAfter) => ({ status: 429, headers: { "retry-after": retryAfter }, body: { message: "Too Many Requests" } });
const problem = (status, code, errors) => ({ status, body: { type: "about:blank", title: "", status, code, detail: "no", errors } });

test("an event has all that the API asks for, and who acts, and nothing that is not known", async () => {
  const { queue } = queueFor(api);

  const id = queue.add("impression", "42", { ...LIST, experiment: 3, recommendationId: "r1", items: [], nextCursor: "x" });
  queue.add("like", "43", { useCase: "films", source: "popular", variant: "own", generation: null });
  await queue.flush();

  const [{ events, authorization }] = api.requests;
  assert.equal(authorization, "Bearer a.user's.token");
  assert.deepEqual(events[0], {
    eventId: id, type: "impression", itemId: "42", occurredAt: "2027-01-15T08:00:00.000Z", userId: "7", useCase: "films",
    source: "batch", variant: "personalize", generation: LIST.generation, experiment: 3, recommendationId: "r1",
  });
  assert.ok(!("generation" in events[1]));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("events wait for others for as long as is said, and no longer", async () => {
  const { queue, clock } = queueFor(api, { delayMs: 5000 });

  queue.add("impression", "a", LIST);
  clock.later(3000);
  queue.add("impression", "b", LIST);
  clock.later(1999);
  assert.equal(api.requests.length, 0);
  clock.later(1);

  await eventually(() => queue.size === 0);
  assert.deepEqual(api.requests.map(items), [["a", "b"]]);
});

test("when enough have gathered nobody waits", async () => {
  const { queue, clock } = queueFor(api, { flushAt: 3 });

  for (const name of names(3)) queue.add("impression", name, LIST);
  clock.later(0);

  await eventually(() => queue.size === 0);
  assert.deepEqual(api.requests.map(items), [names(3)]);
});

test("no request has more events than the API takes, and their order stays", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });

  for (const name of names(250)) queue.add("impression", name, LIST);
  assert.ok(await queue.flush());

  assert.deepEqual(api.requests.map(({ events }) => events.length), [MOST_EVENTS, MOST_EVENTS, 50]);
  assert.deepEqual(api.requests.flatMap(items), names(250));
});

for (const [weather, told] of [
  [{ status: 500 }, "a failure"],
  [{ status: 503, headers: { "retry-after": "1" }, body: {} }, "an outage"],
  [{ status: 401, body: { message: "Unauthorized" } }, "a token that is over"],
  [{ status: 403, body: { message: "Forbidden" } }, "the gateway's refusal"],
  ["lost", "an answer that is lost after they were taken"],
]) {
  test(`after ${told} the same events are sent again, with the same ids`, async () => {
    const { queue, clock, taken } = queueFor(api);
    api.weather = [weather];
    const ids = ["a", "b"].map((name) => queue.add("like", name, LIST));

    assert.equal(await queue.flush(), false);
    assert.equal(queue.size, 2);
    clock.later(1000);
    await eventually(() => queue.size === 0);

    assert.deepEqual(api.requests.map(({ events }) => events.map(({ eventId }) => eventId)), [ids, ids]);
    assert.deepEqual([...api.counted.keys()], ids);
    assert.deepEqual(taken.map(({ eventId }) => eventId), ids);
  });
}

test("what is not answered in time is sent again", async () => {
  const { queue } = queueFor(api, { attemptMs: 50 });
  api.weather = ["silent"];
  const id = queue.add("like", "a", LIST);

  assert.equal(await queue.flush(), false);
  // On a busy machine the next ones may be late, too.
  while (!(await queue.flush()));

  assert.ok(api.requests.length > 1);
  assert.deepEqual([...api.counted.keys()], [id]);
});

test("waits double up to the longest, and are spread at random", async () => {
  for (const [random, waits] of [
    [1, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]],
    [0.25, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
  ]) {
    const { queue, clock } = queueFor(api, { random: () => random });
    api.weather = waits.map(() => ({ status: 500 }));
    queue.add("like", "a", LIST);

    const found = [];
    let sent = api.requests.length;
    await queue.flush();
    while (queue.size) {
      found.push(clock.next);
      sent += 1;
      clock.later(clock.next);
      await eventually(() => api.requests.length > sent && clock.next !== undefined || queue.size === 0);
    }
    assert.deepEqual(found, waits);
  }
});

test("after a success the waits begin anew", async () => {
  const { queue, clock } = queueFor(api);
  api.weather = [{ status: 500 }, { status: 500 }, "taken", { status: 500 }];
  queue.add("like", "a", LIST);

  await queue.flush();
  await queue.flush();
  assert.equal(clock.next, 2000);
  await queue.flush();
  queue.add("like", "b", LIST);
  await queue.flush();

  assert.equal(clock.next, 1000);
});

test("too many requests: nobody comes back before it was said", async () => {
  const { queue, clock } = queueFor(api);
  api.weather = [busy("90"), "taken"];
  queue.add("like", "a", LIST);

  await queue.flush();
  assert.equal(clock.next, 90_000);
  queue.add("like", "b", LIST);
  assert.equal(clock.next, 90_000);
  clock.later(90_000);

  await eventually(() => queue.size === 0);
  assert.deepEqual(api.requests.map(items), [["a"], ["a", "b"]]);
});

test("a mistake is told with its event, and keeps none of the others", async () => {
  const { queue, refused } = queueFor(api);
  const mistakes = [
    { where: "body.events[1].type", detail: "must be one of impression, like in films" },
    { where: "body.events[3].itemId", detail: "must be an id" },
  ];
  api.weather = [problem(400, "invalid_request", mistakes)];
  for (const name of names(5)) queue.add("like", name, LIST);

  assert.ok(await queue.flush());

  assert.deepEqual(refused, [
    ["item-1", "type must be one of impression, like in films"],
    ["item-3", "itemId must be an id"],
  ]);
  assert.deepEqual(items(api.requests[1]), ["item-0", "item-2", "item-4"]);
});

for (const [status, code] of [[403, "forbidden"], [413, "too_large"], [400, "invalid_request"]]) {
  test(`what is refused as a whole (${status}) is sent in halves until the reason is alone`, async () => {
    const { queue, refused } = queueFor(api);
    const judge = (events) =>
      events.some(({ itemId }) => itemId === "item-4") ? problem(status, code) : { status: 202, body: { accepted: 1 } };
    api.weather = Array.from({ length: 50 }, () => judge);
    for (const name of names(9)) queue.add("like", name, LIST);

    assert.ok(await queue.flush());

    assert.deepEqual(refused.map(([name]) => name), ["item-4"]);
    const taken = api.requests.filter(({ events }) => !events.some(({ itemId }) => itemId === "item-4"));
    assert.deepEqual(taken.flatMap(items), names(9).filter((name) => name !== "item-4"));
  });
}

test("whoever leaves the page sends all, what is under way once more, and each counts once", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });
  api.weather = ["silent"];
  for (const name of names(3)) queue.add("impression", name, LIST);
  const first = queue.flush();
  await eventually(() => api.requests.length === 1);
  queue.add("like", "item-3", LIST);

  await queue.leave();

  assert.equal(queue.size, 0);
  assert.deepEqual(items(api.requests[1]), names(4));
  assert.deepEqual([...api.counted.values()], [1, 1, 1, 1]);
  api.server.closeAllConnections();
  assert.equal(await first, true);
});

test("leaving takes as many requests as the events need", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });
  for (const name of names(150)) queue.add("impression", name, LIST);

  await queue.leave();

  assert.deepEqual([queue.size, api.requests.length], [0, 2]);
  assert.deepEqual([...api.counted.values()], Array(150).fill(1));
});

test("leaving sends no more than a browser lets outlive its page; the others wait on", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });
  const long = "ü".repeat(256);
  for (const name of names(150)) queue.add("impression", `${long}${name}`.slice(-256), LIST);

  await queue.leave();

  const bytes = api.requests.reduce((sum, request) => sum + request.bytes, 0);
  assert.ok(bytes <= MOST_KEEPALIVE_BYTES && bytes > 0.9 * MOST_KEEPALIVE_BYTES, `${bytes}`);
  const sent = api.requests.reduce((sum, { events }) => sum + events.length, 0);
  assert.equal(queue.size, 150 - sent);
  assert.ok(await queue.flush());
  assert.equal(api.counted.size, 150);
});

test("a page that is hidden or left is told to leave, one that is online again to send", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });
  const page = Object.assign(new EventTarget(), { visibilityState: "visible", defaultView: new EventTarget() });
  const end = queue.flushOnLeaving(page);
  const told = async (target, type) => {
    queue.add("impression", type, LIST);
    target.dispatchEvent(new Event(type));
    await eventually(() => queue.size === 0);
  };

  queue.add("impression", "seen", LIST);
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(api.requests.length, 0);
  page.visibilityState = "hidden";
  await told(page, "visibilitychange");
  await told(page.defaultView, "pagehide");
  await told(page.defaultView, "online");
  end();
  queue.add("impression", "after", LIST);
  page.defaultView.dispatchEvent(new Event("pagehide"));

  assert.deepEqual(api.requests.map(items), [["seen", "visibilitychange"], ["pagehide"], ["online"]]);
  assert.equal(queue.size, 1);
});

test("whoever is told twice to leave, as by a page that is hidden and then left, sends once", async () => {
  const { queue } = queueFor(api, { flushAt: 1000 });
  for (const name of names(2)) queue.add("impression", name, LIST);

  const first = queue.leave();
  queue.add("like", "item-2", LIST);
  await Promise.all([first, queue.leave()]);

  assert.deepEqual(api.requests.map(items).sort(), [["item-0", "item-1"], ["item-2"]]);
  assert.equal(queue.size, 0);
});

test("of too many that wait the oldest is given up, and that is said", async () => {
  const { queue, refused } = queueFor(api, { flushAt: 1000, mostWaiting: 3 });

  for (const name of names(5)) queue.add("impression", name, LIST);
  await queue.flush();

  assert.deepEqual(refused, names(2).map((name) => [name, "more than 3 events wait"]));
  assert.deepEqual(items(api.requests[0]), names(3, 2));
});

test("through any weather every event arrives, and counts once", async () => {
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const kinds = ["taken", "lost", { status: 500 }, { status: 503 }, busy("1"), "taken"];
  const { queue, clock, refused } = queueFor(api, { random, flushAt: 10 });
  api.weather = Array.from({ length: 120 }, () => kinds[Math.floor(random() * kinds.length)]);

  const ids = [];
  for (const name of names(600)) {
    ids.push(queue.add("impression", name, LIST));
    if (random() < 0.1) clock.later(2000);
    if (random() < 0.05) await queue.flush();
  }
  while (!(await queue.flush()));

  assert.deepEqual([...api.counted.keys()].sort(), [...ids].sort());
  assert.deepEqual(refused, []);
  const again = api.requests.flatMap(({ events }) => events.map(({ eventId, itemId }) => `${eventId} ${itemId}`));
  assert.equal(new Set(again).size, 600);
});
