"""Simulated people who use the application: every visit asks the serving API, and its events are posted."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import quote

from trial_data.people import Town
from trial_data.visits import Shown, Visit, told, visit, visitors

_VISITS_PER_POST = 10
_MOST_EVENTS = 100
"""Of a request with events, as the API takes them."""
_BUSY = (429, 502, 503, 504)
_ATTEMPTS = 6


class NotAnswered(RuntimeError):
    """The API refused a list or events."""


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> Any: ...


class Api(Protocol):
    """Signed requests; path begins with a slash."""

    def get(self, path: str) -> Answer: ...
    def post(self, path: str, document: Any) -> Answer: ...


@dataclass(frozen=True)
class Application:
    """Where a use case is asked: /v1/users/{id}/<path>. places: items of a list. at_once: visits."""

    api: Api
    use_case: str
    path: str
    places: int = 5
    at_once: int = 4
    sleep: Callable[[float], None] = time.sleep

    def day(self, town: Town, day: date, visits: Sequence[tuple[int, int]] | None = None) -> list[Visit]:
        """Everybody who comes on the day, in order. visits: rows and times of people, if not all are to come.

        Raises: NotAnswered.
        """
        coming = visitors(town, day) if visits is None else list(visits)
        parts = [coming[at : at + _VISITS_PER_POST] for at in range(0, len(coming), _VISITS_PER_POST)]
        with ThreadPoolExecutor(self.at_once) as threads:
            return [one for part in threads.map(lambda part: self._part(town, part), parts) for one in part]

    def shown(self, person: str) -> Shown:
        """Raises: NotAnswered."""
        path = f"/v1/users/{quote(person, safe='')}/{self.path}?limit={self.places}"
        answer = self._again(lambda: self.api.get(path))
        if answer.status != 200:
            raise NotAnswered(f"the list of {person} was answered with {answer.status}: {answer.body}")
        body = answer.body
        return Shown(
            items=tuple(item["id"] for item in body["items"]),
            source=body["source"],
            variant=body["variant"],
            generation=body.get("generation"),
            arm=body.get("arm"),
            experiment=body.get("experiment"),
        )

    def _part(self, town: Town, part: Sequence[tuple[int, int]]) -> list[Visit]:
        done = [visit(town, row, at, self.shown(town.people[row])) for row, at in part]
        events = [event for one in done for event in self._events(town, one)]
        for begin in range(0, len(events), _MOST_EVENTS):
            some = {"events": events[begin : begin + _MOST_EVENTS]}
            answer = self._again(partial(self.api.post, "/v1/events", some))
            if answer.status != 202:
                raise NotAnswered(f"events were answered with {answer.status}: {answer.body}")
        return done

    def _again(self, ask: Callable[[], Answer]) -> Answer:
        """Who is busy is asked again, as the API says: events are counted once."""
        for attempt in range(_ATTEMPTS - 1):
            answer = ask()
            if answer.status not in _BUSY:
                return answer
            self.sleep(0.2 * 2**attempt)
        return ask()

    def _events(self, town: Town, of: Visit) -> Iterator[dict[str, Any]]:
        if of.shown.source == "none":
            return
        about = {
            "useCase": self.use_case,
            "userId": of.person,
            "occurredAt": f"{datetime.fromtimestamp(of.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "source": of.shown.source,
            "variant": of.shown.variant,
            **({"generation": of.shown.generation} if of.shown.generation else {}),
            **({} if of.shown.experiment is None else {"experiment": of.shown.experiment}),
        }
        for event_id, kind, item in told(town, of):
            yield {"eventId": event_id, "type": kind, "itemId": item, **about}
