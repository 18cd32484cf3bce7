// Does what the lines of its input say, one after another, and answers each by a line.
import { createInterface } from "node:readline";
import { RegionalClient, bearer, signature, signed } from "../../../client_typescript/built/index.js";

let now = 0;
let slept = [];
let client;
const still = {
  now: () => now,
  sleep: async (milliseconds) => {
    slept.push(milliseconds / 1000);
    now += milliseconds;
  },
};
const works = {
  client: ({ token, credentials, ...options }) => {
    const authorize = token ? bearer(() => token) : signed(async () => credentials);
    client = new RegionalClient({ ...options, authorize, ...(options.still ? still : {}) });
    slept = [];
  },
  later: ({ seconds }) => {
    now += 1000 * seconds;
  },
  slept: () => slept,
  many: ({ count, path }) => Promise.all(Array.from({ length: count }, () => client.get(path))),
  get: ({ path, query }) => client.get(path, query),
  postEvents: ({ events }) => client.postEvents(events),
  signatures: ({ requests, credentials, date }) =>
    Promise.all(requests.map((request) => signature(request, credentials, new Date(date)))),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { answer: (await works[what](given)) ?? null };
  } catch (error) {
    answer = { error: error.name, failed: error.failed ?? [], message: error.message };
  }
  console.log(JSON.stringify(answer));
}
