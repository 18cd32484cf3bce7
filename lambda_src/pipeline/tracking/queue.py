"""Puts messages into the queue, all of them or an error: what is acknowledged is in the queue."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import QueueUnavailable

PER_CALL = 10
_ATTEMPTS = 4
_FIRST_SECONDS = 0.05
_MOST_SECONDS = 1.0
_CALLS_AT_ONCE = 5
_AVOIDED_SECONDS = 30.0


class Queue(Protocol):
    def send(self, bodies: Sequence[str]) -> None: ...


@dataclass
class QueuesInTurn:
    """Queues of several regions, found when they are first needed: whatever one does not take is sent to the
    next, as a whole; who reads events knows those that both have. One that failed comes last for a while.
    """

    find: Sequence[Callable[[], Queue]]
    clock: Callable[[], float] = time.monotonic
    _found: dict[int, Queue] = field(default_factory=dict)
    _failed: dict[int, float] = field(default_factory=dict)

    def send(self, bodies: Sequence[str]) -> None:
        """Raises: QueueUnavailable, of the last one, if none takes everything."""
        reasons = []
        for place in sorted(range(len(self.find)), key=self._is_avoided):
            try:
                if place not in self._found:
                    self._found[place] = self.find[place]()
                self._found[place].send(bodies)
            except (QueueUnavailable, ClientError, BotoCoreError) as error:
                self._failed[place] = self.clock()
                reasons.append(str(error))
            else:
                return
        raise QueueUnavailable("; ".join(reasons))

    def _is_avoided(self, place: int) -> bool:
        failed = self._failed.get(place)
        return failed is not None and self.clock() - failed < _AVOIDED_SECONDS


@dataclass(frozen=True)
class EventQueue:
    """`client` is an SQS client that retries nothing itself. seconds: after these no attempt begins."""

    client: Any
    url: str
    rng: random.Random
    sleep: Callable[[float], None] = time.sleep
    seconds: float = 2.5
    clock: Callable[[], float] = time.monotonic

    def send(self, bodies: Sequence[str]) -> None:
        """Each body is a message. Raises: QueueUnavailable; some of them may be in the queue nevertheless."""
        until = self.clock() + self.seconds
        calls = [bodies[start : start + PER_CALL] for start in range(0, len(bodies), PER_CALL)]
        if len(calls) == 1:
            self._send(calls[0], until)
            return
        with ThreadPoolExecutor(max_workers=_CALLS_AT_ONCE, thread_name_prefix="send") as threads:
            for _ in threads.map(lambda call: self._send(call, until), calls):
                pass

    def _send(self, bodies: Sequence[str], until: float) -> None:
        """Sends again what alone was not accepted."""
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        reason = "no time was left"
        for attempt in range(_ATTEMPTS):
            if attempt:
                self.sleep(self.rng.uniform(0, min(_MOST_SECONDS, _FIRST_SECONDS * 4**attempt)))
            if self.clock() > until:
                break
            try:
                answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                reason = f"{type(error).__name__}: {error}"
                continue
            accepted = {entry["Id"] for entry in answer.get("Successful", ())}
            entries = [entry for entry in entries if entry["Id"] not in accepted]
            if not entries:
                return
            reason = ", ".join(sorted({entry["Code"] for entry in answer.get("Failed", ())}))
        raise QueueUnavailable(f"{len(entries)} messages could not be put into the queue: {reason}")
