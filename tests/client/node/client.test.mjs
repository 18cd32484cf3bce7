// How operations are asked by their paths, and ids are made.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem, NoRegionAnswered, RecsClient, RegionalClient, bearer, newId } from "../../../client_typescript/built/index.js";

/** Answers one after the other; an Error is thrown. */
function asking(...answers) {
  const asked = [];
  const slept = [];
  const asks = {
    async ask(method, path, { query, document }) {
      asked.push([method, path, query, document]);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return { region: "here", failed: [], body: null, ...answer };
    },
  };
  const sleep = async (milliseconds) => slept.push(milliseconds);
  return { client: new RecsClient(asks, { random: () => 1, sleep }), asked, slept };
}

test("a path is filled in and encoded, an id with a slash goes into the query, what is undefined nowhere", async () => {
  const { client, asked } = asking({ status: 200, body: { items: [] } }, { status: 200 }, { status: 202 });

  const answer = await client.get("/v1/users/{userId}/films", { path: { userId: "a b'" }, query: { limit: 5, cursor: undefined } });
  await client.get("/v1/users/{userId}/films", { path: { userId: "a/b" } });
  await client.put("/v1/users/{userId}/attributes", { path: { userId: "7" }, body: { useCase: "films", attributes: {} } });

  assert.deepEqual(answer, { items: [] });
  assert.deepEqual(asked, [
    ["GET", "/v1/users/a%20b%27/films", { limit: "5" }, undefined],
    ["GET", "/v1/users/-/films", { userId: "a/b" }, undefined],
    ["PUT", "/v1/users/7/attributes", {}, { useCase: "films", attributes: {} }],
  ]);
  await assert.rejects(client.get("/v1/users/{userId}/films", { path: {} }), /path.userId is missing/);
});

test("a refusal tells status, code and every mistake, and is not repeated", async () => {
  const errors = [{ where: "query.limit", detail: "must be a whole number from 1 to 100" }];
  const body = { code: "invalid_request", detail: "The request is wrong.", errors };
  const { client, asked } = asking({ status: 400, body }, { status: 403, body: { message: "Forbidden" } });

  const wrong = await client.get("/v1/inbox", {}).catch((error) => error);
  const refused = await client.get("/v1/inbox").catch((error) => error);

  assert.ok(wrong instanceof ApiProblem);
  assert.deepEqual([wrong.status, wrong.code, wrong.errors], [400, "invalid_request", errors]);
  assert.match(wrong.message, /query.limit must be a whole number/);
  assert.deepEqual([refused.status, refused.code, refused.message], [403, "", "403: Forbidden"]);
  assert.equal(asked.length, 2);
});

test("what nobody answers is asked three times, with waits between", async () => {
  const lost = () => new NoRegionAnswered([["here", "status 500"]]);
  const good = asking(lost(), lost(), { status: 200, body: 1 });
  const bad = asking(lost(), lost(), lost(), { status: 200 });
  const broken = asking(new TypeError("no token"));

  assert.equal(await good.client.get("/v1/health"), 1);
  await assert.rejects(bad.client.get("/v1/health"), NoRegionAnswered);
  await assert.rejects(broken.client.get("/v1/health"), TypeError);

  assert.deepEqual([good.slept, bad.slept, broken.slept], [[100, 200], [100, 200], []]);
});

test("too many requests: it comes back when it was told to, if that is soon", async () => {
  const busy = (retryAfterMs) => ({ status: 429, retryAfterMs, body: { message: "Too Many Requests" } });
  const soon = asking(busy(1000), { status: 200, body: 1 });
  const late = asking(busy(60_000), { status: 200 });

  assert.equal(await soon.client.get("/v1/health"), 1);
  await assert.rejects(late.client.get("/v1/health"), { status: 429 });

  assert.deepEqual([soon.slept, late.slept], [[1100], []]);
});

test("a redirect, of which a browser shows nothing, is no answer", async (context) => {
  context.mock.method(globalThis, "fetch", async () => Response.error());
  const client = new RegionalClient({ regions: { here: "https://a" }, authorize: bearer(() => "token") });

  await assert.rejects(client.get("/v1/health"), { name: "NoRegionAnswered", failed: [["here", "status 0"]] });
});

test("ids are UUIDs and differ, in secure pages, in others, and where there is no cryptography", (context) => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  for (const source of [crypto, { getRandomValues }, undefined]) {
    const one = context.mock.getter(globalThis, "crypto", () => source);
    const made = new Set(Array.from({ length: 1000 }, () => newId()));
    one.mock.restore();
    assert.equal(made.size, 1000);
    for (const id of made) assert.match(id, pattern);
  }
});
