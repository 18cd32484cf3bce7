/**
 * A client of the serving API for browsers, React Native and Node.js; it needs nothing else.
 *
 *   const asks = new RegionalClient({ regions: { "eu-west-1": "https://..." }, authorize: bearer(() => session.token()) });
 *   const client = new RecsClient<paths>(asks);      // paths: of your stage's description, by openapi-typescript
 *   const queue = new EventQueue({ asks, actor: () => ({ userId: session.userId }) });
 *
 *   const list = await client.get("/v1/users/{userId}/films", { path: { userId: "42" }, query: { limit: 5 } });
 *   queue.add("like", list.items[0].id, list);
 */
export { bearer, signature, signed } from "./authorizing.js";
export { ApiProblem, RecsClient } from "./client.js";
export { EventQueue, MOST_BYTES, MOST_EVENTS, MOST_KEEPALIVE_BYTES } from "./events.js";
export { newId } from "./ids.js";
export { NoRegionAnswered, RegionalClient, segment } from "./regional.js";
export { SeenItems } from "./seen.js";
