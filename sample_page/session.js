/** Who is signed in, and what the local cloud says of it. An application has its own way to all of this. */

import { EventQueue, RecsClient, RegionalClient, SeenItems, bearer } from "./recs-client/index.js";

const EARLIER_SECONDS = 60;

/** told: is called with what the API took: events, and with what it refused: an event, and why. */
export async function signIn({ taken, refused }) {
  const [session, labels] = await Promise.all(["session", "labels"].map(document_));
  const asked = new URLSearchParams(location.search).get("as");
  const person = session.people.find(({ id }) => id === asked) ?? session.people[0];
  if (!person) throw new Error("There is nobody to sign in as.");
  const asks = new RegionalClient({
    regions: { [session.region]: session.api },
    authorize: bearer(tokens(session.tokens, person.id)),
  });
  const queue = new EventQueue({ asks, actor: () => ({ userId: person.id }), onTaken: taken, onRefused: refused });
  queue.flushOnLeaving();
  return {
    person,
    people: session.people,
    client: new RecsClient(asks),
    queue,
    seen: new SeenItems({ queue }),
    /** What an item of a use case is called. */
    label: (useCase, id) => labels[useCase]?.[id] ?? id,
  };
}

async function document_(name) {
  const answer = await fetch(`data/${name}.json`);
  if (!answer.ok) throw new Error(`data/${name}.json: ${answer.status}`);
  return answer.json();
}

/** Gives a token that is good for a minute at least. */
function tokens(url, sub) {
  let known = { token: Promise.resolve(""), until: 0 };
  return () => {
    if (Date.now() >= known.until) {
      const answer = fetch(url, { method: "POST", body: JSON.stringify({ sub }) }).then((told) => told.json());
      known = { token: answer.then((told) => told.access_token), until: Date.now() + 5000 };
      answer.then(
        (told) => (known.until = Date.now() + 1000 * (told.expires_in - EARLIER_SECONDS)),
        () => (known.until = 0),
      );
    }
    return known.token;
  };
}
