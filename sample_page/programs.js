/** The directory of all programs, best match first, and for each what is like it. */

import { element, nothing, onceButton } from "./elements.js";

const PATH = "/v1/users/{userId}/training-programs";
const SIMILAR = "/v1/training-programs/{itemId}/similar";
const SHOWN = 10;
const ALIKE = 3;

export async function programs({ person, client, queue, seen, label }, section) {
  const [list, more] = ["ul", ".more"].map((one) => section.querySelector(one));
  let next;

  async function append() {
    const query = { limit: SHOWN, ...(next ? { cursor: next } : {}) };
    const answer = await client.get(PATH, { path: { userId: person.id }, query });
    list.append(...answer.items.map((item) => program(item, answer)));
    if (!list.children.length) list.append(nothing("No programs yet."));
    next = answer.nextCursor;
    more.hidden = !next;
  }

  function program({ id, matched }, answer) {
    const title = label(answer.useCase, id);
    const alike = element("button", { type: "button" }, "Similar");
    alike.setAttribute("aria-label", `Similar to ${title}`);
    alike.setAttribute("aria-expanded", "false");
    alike.addEventListener("click", () => toggle(alike, made, id, answer.useCase));
    const join = onceButton("Join", "Joined", title, () => queue.add("join", id, answer));
    const made = element(
      "li",
      {},
      element("span", { class: "title" }, title),
      element("div", { class: "actions" }, alike, join),
      element("span", { class: matched ? "note match" : "note" }, matched ? "Matches you" : "From the catalogue"),
    );
    made.dataset.id = id;
    seen.watch(made, id, answer);
    return made;
  }

  async function toggle(button, item, itemId, useCase) {
    const open = item.querySelector("ul");
    button.setAttribute("aria-expanded", String(!open));
    if (open) return open.remove();
    const answer = await client.get(SIMILAR, { path: { itemId }, query: { limit: ALIKE } });
    item.append(element("ul", {}, ...answer.items.map(({ id }) => element("li", {}, label(useCase, id)))));
  }

  more.addEventListener("click", async () => {
    const place = list.children.length;
    await append();
    list.children[place]?.querySelector("button")?.focus();
  });
  await append();
}
