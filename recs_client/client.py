"""Asks a region, and the next one if that does not answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import urllib3

from .authorizing import Authorize, Outgoing
from .limits import TOO_MANY, retry_seconds
from .preference import Preference

_BROKEN = 500


@dataclass(frozen=True)
class Answer:
    """region: whose it is. body: of JSON; None if there is none. failed: what else was asked, and why that
    was not the answer.
    """

    region: str
    status: int
    body: Any
    failed: tuple[tuple[str, str], ...] = ()


class NoRegionAnswered(Exception):
    """failed: regions in the order in which they were asked, each with what was wrong."""

    def __init__(self, failed: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{region}: {why}" for region, why in failed))
        self.failed = tuple(failed)


class _NoAnswer(Exception):
    pass


@dataclass(frozen=True)
class _Heard:
    """again: seconds until a region that has too many requests is to be asked; None: it has answered."""

    status: int
    body: Any
    again: float | None


def segment(text: str) -> str:
    """An id, as a part of a path."""
    return quote(text, safe="")


class RegionalClient:
    """Of any number of threads.

    regions: address of the API by region, the one to be asked first at the beginning. A region that answers
    with 5xx, not in `attempt_seconds`, or not at all, is asked last for `avoid_seconds`, and then by one
    request. One with too many requests (429) is asked last for as long as it says; if all others fail too, it
    is asked once more at that time, unless that is too late. Only then is 429 the answer. A request takes
    `total_seconds` at most, whatever happens. Requests may arrive in two regions; all routes of the API bear
    that, events by their ids.
    """

    def __init__(
        self,
        regions: Mapping[str, str],
        authorize: Authorize,
        *,
        attempt_seconds: float = 2.0,
        total_seconds: float = 5.0,
        avoid_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises: ValueError, if there is no region, or no time."""
        if not regions or min(attempt_seconds, total_seconds) <= 0:
            raise ValueError("regions must name one at least, and times be above 0 seconds")
        self._urls = {region: url.rstrip("/") for region, url in regions.items()}
        self._authorize = authorize
        self._attempt, self._total = attempt_seconds, total_seconds
        self._clock, self._sleep = clock, sleep
        self._preference = Preference([*regions], avoid_seconds, clock)
        self._pools = urllib3.PoolManager(maxsize=10, retries=False)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Raises: NoRegionAnswered."""
        return self.ask("GET", path, query=query)

    def post_events(self, events: Iterable[Mapping[str, Any]]) -> Answer:
        """An event without an `eventId` is given one, before it is sent anywhere: it counts once, however
        many regions take it. Raises: NoRegionAnswered.
        """
        known = [{"eventId": str(uuid4()), **event} for event in events]
        return self.ask("POST", "/v1/events", document={"events": known})

    def ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, document: Any = None
    ) -> Answer:
        """path: begins with a slash, its parts percent-encoded (`segment`). document: of JSON.

        Raises: NoRegionAnswered, after `total_seconds` at the latest.
        """
        end = self._clock() + self._total
        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        body = b"" if document is None else json.dumps(document).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        failed: list[tuple[str, str]] = []
        busy: dict[str, float] = {}
        said: Answer | None = None
        for region in self._turns(busy, end):
            seconds = min(self._attempt, end - self._clock())
            if seconds <= 0:
                failed.append((region, "not asked: no time is left"))
                continue
            outgoing = Outgoing(region, method, self._urls[region] + target, body, headers)
            try:
                heard = _within(seconds, partial(self._send, outgoing, seconds))
            except _NoAnswer as reason:
                self._preference.failed(region)
                failed.append((region, str(reason)))
                continue
            answer = Answer(region, heard.status, heard.body, tuple(failed))
            if heard.again is None:
                self._preference.answered(region)
                return answer
            self._preference.failed(region, heard.again)
            failed.append((region, f"status {heard.status}"))
            said, busy[region] = answer, self._clock() + heard.again
        if said:
            return replace(said, failed=tuple(failed))
        raise NoRegionAnswered(failed)

    def _turns(self, busy: Mapping[str, float], end: float) -> Iterator[str]:
        """busy: regions with too many requests, and when they are to be asked; grows meanwhile."""
        yield from self._preference.order()
        if busy:
            region = min(busy, key=busy.__getitem__)
            if busy[region] < end:
                self._sleep(max(0.0, busy[region] - self._clock()))
                yield region

    def _send(self, request: Outgoing, seconds: float) -> _Heard:
        """Raises: _NoAnswer."""
        try:
            answer = self._pools.request(
                request.method,
                request.url,
                body=request.body or None,
                headers=self._authorize(request),
                timeout=urllib3.Timeout(connect=seconds, read=seconds),
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _NoAnswer(f"{type(error).__name__}: {error}") from error
        if answer.status >= _BROKEN:
            raise _NoAnswer(f"status {answer.status}")
        again = None
        if answer.status == TOO_MANY:
            again = retry_seconds(answer.headers.get("Retry-After"))
        try:
            return _Heard(answer.status, json.loads(answer.data) if answer.data else None, again)
        except ValueError:
            raise _NoAnswer(f"status {answer.status}, and no JSON") from None


def _within(seconds: float, work: Callable[[], _Heard]) -> _Heard:
    """Time-outs of sockets bound single reads and single addresses: what is late is left to a thread.

    Raises: _NoAnswer; whatever the work raises.
    """
    done: SimpleQueue[_Heard | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:
            done.put(error)

    Thread(target=run, daemon=True).start()
    try:
        found = done.get(timeout=seconds)
    except Empty:
        raise _NoAnswer(f"no answer within {seconds:.3g} s") from None
    if isinstance(found, Exception):
        raise found
    return found
