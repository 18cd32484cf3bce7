"""People who read and act while the drill goes on, each in a thread of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random
from threading import Event, Thread
from uuid import uuid4

from botocore.credentials import Credentials

from local_cloud.drill.client import Answered, Person
from recs_client import segment

_READ_SECONDS, _POST_SECONDS = 0.1, 0.25
"""Between two requests of a person."""
_LIMIT = 5


@dataclass(frozen=True, kw_only=True)
class Read:
    """reader: who reads, by number."""

    reader: int
    answered: Answered
    use_case: str
    person: str
    generation: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Posted:
    """An event; the region that has acknowledged it."""

    answered: Answered
    event: str


@dataclass
class Traffic:
    """addresses: of the API, by region, in the order in which they are asked. paths: of lists for a person,
    by use case. tracked: a use case and an item of it, of which events are posted. learned: the type of
    events that the use case is trained on.
    """

    addresses: Mapping[str, str]
    credentials: Credentials
    paths: Mapping[str, str]
    people: Sequence[str]
    tracked: tuple[str, str]
    learned: str
    readers: int = 2
    reads: list[Read] = field(default_factory=list)
    posts: list[Posted] = field(default_factory=list)
    _ended: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)
    _clients: list[Person] = field(default_factory=list)

    def begin(self) -> None:
        reads = [partial(self._read, number) for number in range(self.readers)]
        works: list[Callable[[Person, Random], None]] = [*reads, self._act]
        for number, work in enumerate(works):
            client = Person(self.addresses, self.credentials)
            self._clients.append(client)
            thread = Thread(target=work, args=(client, Random(number)), name=f"person {number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def prefer(self, region: str) -> None:
        """From now on people ask this region first."""
        for client in self._clients:
            client.prefer(region)

    def _read(self, reader: int, client: Person, random: Random) -> None:
        while not self._ended.wait(_READ_SECONDS):
            use_case, path = random.choice(sorted(self.paths.items()))
            person = random.choice(self.people)
            answered = client.ask("GET", f"/v1/users/{segment(person)}/{path}?limit={_LIMIT}")
            body = answered.body if isinstance(answered.body, Mapping) else {}
            self.reads.append(
                Read(
                    reader=reader,
                    answered=answered,
                    use_case=use_case,
                    person=person,
                    generation=str(body.get("generation", "")),
                    items=tuple(item["id"] for item in body.get("items", ())),
                )
            )

    def _act(self, client: Person, random: Random) -> None:
        use_case, item = self.tracked
        while not self._ended.wait(_POST_SECONDS):
            event = str(uuid4())
            document = {
                "eventId": event,
                "useCase": use_case,
                "type": random.choice(("impression", self.learned)),
                "itemId": item,
                "userId": random.choice(self.people),
                "occurredAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "source": "batch",
                "variant": "personalize",
            }
            answered = client.ask("POST", "/v1/events", {"events": [document]})
            self.posts.append(Posted(answered=answered, event=event))
