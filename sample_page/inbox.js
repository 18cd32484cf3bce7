/** Notifications, newest first; opening one marks it as read. */

import { element, nothing } from "./elements.js";

export async function inbox({ client, queue, seen }, section) {
  const list = section.querySelector("ul");
  const { entries } = await client.get("/v1/inbox");
  list.append(...entries.map(entry));
  if (!list.children.length) list.append(nothing("Nothing yet: notifications come once a week."));

  function entry(told) {
    const open = element("button", { type: "button" }, told.read ? "Opened" : "Open");
    open.setAttribute("aria-label", `Open: ${told.title}`);
    const made = element(
      "li",
      { class: told.read ? "" : "unread" },
      element("span", { class: "title" }, told.title),
      element("div", { class: "actions" }, open),
      element("span", { class: "note" }, told.body),
    );
    open.addEventListener("click", async () => {
      queue.add("view", told.itemId, told);
      await client.post("/v1/inbox/{entryId}/read", { path: { entryId: told.entryId } });
      made.classList.remove("unread");
      open.textContent = "Opened";
    });
    made.dataset.id = told.itemId;
    seen.watch(made, told.itemId, told);
    return made;
  }
}
