/** The sample business's page: its four lists for one person, who tells by using it what suits them. */

import { element } from "./elements.js";
import { inbox } from "./inbox.js";
import { people } from "./people.js";
import { posts } from "./posts.js";
import { programs } from "./programs.js";
import { signIn } from "./session.js";

const PARTS = { people, posts, programs, inbox };
const byId = (id) => document.getElementById(id);

function problem(error) {
  byId("problem").textContent = String(error?.message ?? error);
}

/** Counts what the API has taken. */
function telling() {
  const counts = { impressions: 0, actions: 0 };
  return (events) => {
    for (const { type } of events) counts[type === "impression" ? "impressions" : "actions"] += 1;
    Object.assign(byId("told").dataset, counts);
    byId("told").textContent = `The API was told of ${counts.impressions} impressions and ${counts.actions} actions.`;
  };
}

function choosing({ people: all, person }) {
  const select = byId("person");
  select.append(...all.map(({ id, name }) => element("option", { value: id, selected: id === person.id }, name)));
  select.addEventListener("change", () => {
    location.search = new URLSearchParams({ as: select.value }).toString();
  });
  byId("about").textContent = person.about;
}

addEventListener("unhandledrejection", ({ reason }) => problem(reason));
try {
  const session = await signIn({ taken: telling(), refused: (event, why) => problem(`${event.type}: ${why}`) });
  choosing(session);
  await Promise.all(
    Object.entries(PARTS).map(([id, fill]) => fill(session, byId(id)).catch((error) => problem(`${id}: ${error.message}`))),
  );
  document.body.dataset.ready = "true";
} catch (error) {
  problem(error);
}
