/** The widget with people to follow: a few, and the next one for each who is followed. */

import { element, nothing, onceButton } from "./elements.js";

const PATH = "/v1/users/{userId}/people-to-follow";
const SHOWN = 5;

export async function people({ person, client, queue, seen, label }, section) {
  const list = section.querySelector("ul");
  const gone = [];

  async function fill() {
    const shown = [...list.querySelectorAll("[data-id]")].map(({ dataset }) => dataset.id);
    const missing = SHOWN - shown.length;
    if (missing > 0) {
      const query = { limit: missing, ...leftOut([...gone, ...shown]) };
      const answer = await client.get(PATH, { path: { userId: person.id }, query });
      list.querySelector(".empty")?.remove();
      list.append(...answer.items.map((item) => card(item, answer)));
    }
    if (!list.children.length) list.append(nothing("Nobody new at the moment."));
  }

  function card({ id }, answer) {
    const [name, ...about] = label(answer.useCase, id).split(", ");
    const made = element(
      "li",
      {},
      element("span", { class: "title" }, name),
      element(
        "div",
        { class: "actions" },
        onceButton("Follow", "Following", name, () => {
          queue.add("follow", id, answer);
          gone.push(id);
          delete made.dataset.id;
          return fill();
        }),
      ),
      element("span", { class: "note" }, about.join(", ") || "\u00a0"),
    );
    made.dataset.id = id;
    seen.watch(made, id, answer);
    return made;
  }

  await fill();
}

function leftOut(ids) {
  return ids.length ? { exclude: ids.slice(-100).join(",") } : {};
}
