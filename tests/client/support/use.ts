// Lines that TypeScript takes, and lines that it refuses: where it took one of those, the mark would be the mistake.
import type { paths } from "./api.js";
import { EventQueue, RecsClient, RegionalClient, bearer, type Origin } from "client";

const asks = new RegionalClient({ regions: { home: "https://api.example.com" }, authorize: bearer(() => "token") });
const client = new RecsClient<paths>(asks);
const queue = new EventQueue({ asks, actor: () => ({ userId: "7" }) });
const path = { userId: "7" };

const posts = await client.get("/v1/users/{userId}/posts", { path, query: { limit: 5 } });
const first: { id: string; rank: number } | undefined = posts.items[0];
const source: "campaign" | "realtime" | "batch" | "popular" | "catalogue" | "none" = posts.source;
const origin: Origin = posts;
queue.add("like", "42", posts);

const directory = await client.get("/v1/users/{userId}/training-programs", { path });
const matched: boolean | undefined = directory.items[0]?.matched;
const ranked = await client.post("/v1/users/{userId}/training-programs/ranking", { path, body: { items: ["1"] } });
const similar = await client.get("/v1/similar-programs/{itemId}/similar", { path: { itemId: "1" } });
const inbox = await client.get("/v1/inbox");
const read: boolean | undefined = inbox.entries[0]?.read;
queue.add("view", "42", inbox.entries[0]!);
const health: "healthy" = (await client.get("/v1/health")).status;
const none: null = await client.delete("/v1/devices/{deviceId}", { path: { deviceId: "1" } });

// @ts-expect-error: there is no such path
await client.get("/v1/users/{userId}/films", { path });
// @ts-expect-error: a path needs its parameters
await client.get("/v1/users/{userId}/posts");
// @ts-expect-error: they have names
await client.get("/v1/users/{userId}/posts", { path: { user: "7" } });
// @ts-expect-error: the query has types
await client.get("/v1/users/{userId}/posts", { path, query: { limit: "many" } });
// @ts-expect-error: a ranking needs items
await client.post("/v1/users/{userId}/training-programs/ranking", { path, body: {} });
// @ts-expect-error: a feed is not posted
await client.post("/v1/users/{userId}/posts", { path });
// @ts-expect-error: only a directory says whether an item matched
posts.items[0]?.matched;
// @ts-expect-error: somebody acts
new EventQueue({ asks, actor: () => ({}) });
