"""Takes messages off the queue: counts events, stores them, sends them on; says which messages to keep there.

A message is taken off only when nothing is left to do for it. Killed at any point, the consumer gets the
message again, and does what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import InvalidInput, PipelineError, UnknownFormat
from pipeline.regions.epoch import Epoch
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket
from pipeline.tracking import lake, messages, personalize_events
from pipeline.tracking.arms import Arms
from pipeline.tracking.attributes import Attributes, AttributeSender
from pipeline.tracking.batch import LARGEST, Batch
from pipeline.tracking.conversion import Hour
from pipeline.tracking.counters import Count
from pipeline.tracking.event import Event
from pipeline.tracking.ledger import Ledger
from pipeline.tracking.recent import RecentEvents
from pipeline.tracking.use_cases import TrackedUseCase

Publish = Callable[[Sequence[Count], Set[Hour]], None]
_FAILURES = (ClientError, BotoCoreError, PipelineError)


@dataclass(frozen=True)
class Message:
    id: str
    body: str


@dataclass
class Outcome:
    """failed: why a message has to stay in the queue, by its id. new, repeated: how many events were counted
    now, and how many had been before. unknown_experiments: how many named a version that there is not.
    fenced: how many Personalize was not told of, as another region is the active one.
    """

    failed: dict[str, str] = field(default_factory=dict)
    new: int = 0
    repeated: int = 0
    unknown_experiments: int = 0
    fenced: int = 0


@dataclass(frozen=True)
class Consumer:
    """events: a client of personalize-events, which hears of nothing in a region that is not the active one:
    its models are trained elsewhere. seconds_left: until the function is stopped.
    publish: is given all counts of every day that was touched, and the hours that were.
    """

    use_cases: Mapping[str, TrackedUseCase]
    ledger: Ledger
    bucket: Bucket
    arms: Arms
    recent: RecentEvents
    attributes: AttributeSender
    events: Any
    fence: Fence
    publish: Publish
    seconds_left: Callable[[], float]

    def consume(self, received: Sequence[Message]) -> Outcome:
        outcome = Outcome()
        try:
            epoch = self.fence.epochs.current()
        except _FAILURES as error:
            outcome.failed |= {message.id: f"{type(error).__name__}: {error}" for message in received}
            return outcome
        active = epoch.region == self.fence.epochs.region
        events, attributes = self._read(received, epoch, outcome)
        for use_case, mine in events.items():
            different = self._assigned(use_case, list(_different(mine)), outcome)
            for start in range(0, len(different), LARGEST):
                self._take(use_case, dict(different[start : start + LARGEST]), outcome)
        for use_case, mine in events.items():
            self._publish(use_case, mine, outcome)
        for (use_case, dataset), posted in attributes.items():
            self._send_attributes(use_case, dataset, posted, active, outcome)
        return outcome

    def _read(
        self, received: Sequence[Message], epoch: Epoch, outcome: Outcome
    ) -> tuple[dict[str, list[tuple[Event, str]]], dict[tuple[str, str], list[tuple[Attributes, str]]]]:
        """Events by use case, attributes by use case and dataset; each with the id of its message."""
        events: dict[str, list[tuple[Event, str]]] = {}
        attributes: dict[tuple[str, str], list[tuple[Attributes, str]]] = {}
        for message in received:
            try:
                content = messages.read(message.body)
                if content.use_case not in self.use_cases:
                    raise InvalidInput(f"no use case {content.use_case!r} is tracked")
            except (InvalidInput, UnknownFormat) as error:
                outcome.failed[message.id] = str(error)
                continue
            if isinstance(content, Event):
                noted = self._noted(content, epoch)
                events.setdefault(content.use_case, []).append((noted, message.id))
            else:
                place = (content.use_case, content.dataset)
                attributes.setdefault(place, []).append((content, message.id))
        return events, attributes

    def _noted(self, event: Event, epoch: Epoch) -> Event:
        """With where and when it was accepted: regions read each other's stored events."""
        here = self.fence.epochs.region
        fenced = True if epoch.region != here else None
        return replace(event, region=event.region or here, epoch=epoch.number, fenced=fenced)

    def _assigned(
        self, use_case: str, some: Sequence[tuple[Event, list[str]]], outcome: Outcome
    ) -> Sequence[tuple[Event, list[str]]]:
        """Before they are counted: what is counted is stored as it is. Who names no experiment goes on."""
        try:
            events, unknown = self.arms.assign(use_case, [event for event, _ in some])
        except _FAILURES as error:
            waiting = [message_ids for event, message_ids in some if event.experiment is not None]
            reason = f"{type(error).__name__}: {error}"
            outcome.failed |= {message_id: reason for message_ids in waiting for message_id in message_ids}
            return self._assigned(use_case, [one for one in some if one[0].experiment is None], outcome)
        outcome.unknown_experiments += unknown
        return [(event, message_ids) for event, (_, message_ids) in zip(events, some, strict=True)]

    def _take(self, name: str, some: Mapping[Event, Sequence[str]], outcome: Outcome) -> None:
        use_case = self.use_cases[name]
        ids = {event.claim: message_ids for event, message_ids in some.items()}

        def fail(claims: Mapping[str, str]) -> None:
            for claim, reason in claims.items():
                for message_id in ids.get(claim, ()):
                    outcome.failed[message_id] = reason

        if self.seconds_left() < _SECONDS_FOR_A_BATCH:
            fail(dict.fromkeys(ids, "no time left in this invocation"))
            return
        try:
            claims = self.ledger.claim(use_case, list(some))
            outcome.new += len(claims.new.events) if claims.new else 0
            outcome.repeated += len(some) - (len(claims.new.events) if claims.new else 0)
        except _FAILURES as error:
            fail(dict.fromkeys(ids, f"{type(error).__name__}: {error}"))
            return
        try:
            for batch in self._batches(claims.new, claims.earlier):
                fail(self._deliver(use_case, batch, outcome))
        except _FAILURES as error:
            fail(dict.fromkeys(ids, f"{type(error).__name__}: {error}"))

    def _batches(self, new: Batch | None, earlier: set[str]) -> Iterator[Batch]:
        if new:
            yield new
        for batch_id in sorted(earlier):
            pending = self.ledger.pending(batch_id)
            if pending:
                yield pending

    def _deliver(self, use_case: TrackedUseCase, batch: Batch, outcome: Outcome) -> dict[str, str]:
        """Why events of the batch were not taken by Personalize, by claim."""
        if batch.unsent is None:
            lake.store(self.bucket, batch)
            if use_case.remembered:
                self.recent.remember(batch.events, use_case.remembered)
        undelivered: dict[str, str] = {}
        if use_case.tracking_id:
            due = [event for event in batch.events if batch.unsent is None or event.claim in batch.unsent]
            # By what is stored with the event, whoever is active by now: a training goes by that, too.
            told = [event for event in due if not event.fenced]
            outcome.fenced += len(due) - len(told)
            if told:
                refused = personalize_events.send(self.events, use_case.tracking_id, told)
                undelivered = {entry.event.claim: entry.reason for entry in refused}
        if undelivered:
            self.ledger.keep(batch, frozenset(undelivered))
        else:
            self.ledger.finish(batch)
        return undelivered

    def _publish(self, use_case: str, mine: Sequence[tuple[Event, str]], outcome: Outcome) -> None:
        """Also when all events were counted before: whoever counted them may have come no further."""
        hours = {(use_case, event.happened.date().isoformat(), event.happened.hour) for event, _ in mine}
        days = sorted({day for _, day, _ in hours})
        try:
            self.publish([count for day in days for count in self.ledger.counts(use_case, day)], hours)
        except _FAILURES as error:
            for _, message_id in mine:
                outcome.failed.setdefault(message_id, f"{type(error).__name__}: {error}")

    def _send_attributes(
        self,
        use_case: str,
        dataset: str,
        posted: Sequence[tuple[Attributes, str]],
        active: bool,
        outcome: Outcome,
    ) -> None:
        ids = {id(entry): message_id for entry, message_id in posted}
        entries = [entry for entry, _ in posted]
        try:
            if not active:
                self.attributes.remember(entries)
                outcome.fenced += len(entries)
                return
            refused = self.attributes.send(self.use_cases[use_case], dataset, entries)
        except _FAILURES as error:
            outcome.failed |= dict.fromkeys(ids.values(), f"{type(error).__name__}: {error}")
            return
        outcome.failed |= {ids[id(entry.attributes)]: entry.reason for entry in refused}


_SECONDS_FOR_A_BATCH = 15.0


def _different(mine: Sequence[tuple[Event, str]]) -> Iterator[tuple[Event, list[str]]]:
    """Each event once, the first of those with the same claim, with the ids of all its messages."""
    found: dict[str, tuple[Event, list[str]]] = {}
    for event, message_id in mine:
        found.setdefault(event.claim, (event, []))[1].append(message_id)
    yield from found.values()
