/** The feed: page after page, and anew when what was liked has changed it. */

import { element, nothing, onceButton } from "./elements.js";

const PATH = "/v1/users/{userId}/posts";
const SHOWN = 10;
const LOOKS_MS = [500, 1500, 3000];

export async function posts({ person, client, queue, seen, label }, section) {
  const [list, more, news] = ["ul", ".more", ".news"].map((one) => section.querySelector(one));
  let first = [];
  let next;
  let looking = 0;

  const page = (cursor) =>
    client.get(PATH, { path: { userId: person.id }, query: { limit: SHOWN, ...(cursor ? { cursor } : {}) } });

  async function begin() {
    news.hidden = true;
    const answer = await page();
    first = answer.items.map(({ id }) => id);
    for (const old of list.children) seen.unwatch(old);
    list.replaceChildren();
    append(answer);
  }

  function append(answer) {
    list.append(...answer.items.map((item) => post(item, answer)));
    if (!list.children.length) list.append(nothing("No posts yet."));
    next = answer.nextCursor;
    more.hidden = !next;
  }

  function post({ id }, answer) {
    const [title, topics] = label(answer.useCase, id).split(/ \[(?=[^[]*\]$)|\]$/);
    const like = onceButton("Like", "Liked", title, () => acted("like", id, answer));
    const made = element(
      "li",
      {},
      element("span", { class: "title" }, title),
      element("div", { class: "actions" }, like),
      topics ? element("span", { class: "note" }, topics) : null,
    );
    made.dataset.id = id;
    seen.watch(made, id, answer);
    return made;
  }

  /** What was liked reaches the model a moment later. */
  async function acted(type, id, answer) {
    queue.add(type, id, answer);
    await queue.flush();
    const mine = (looking += 1);
    for (const milliseconds of LOOKS_MS) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      if (mine !== looking) return;
      const now = (await page()).items.map((item) => item.id);
      if (now.join() !== first.join()) {
        news.hidden = false;
        return;
      }
    }
  }

  more.addEventListener("click", async () => {
    const place = list.children.length;
    append(await page(next));
    list.children[place]?.querySelector("button")?.focus();
  });
  news.addEventListener("click", async () => {
    await begin();
    section.focus();
  });
  await begin();
}
