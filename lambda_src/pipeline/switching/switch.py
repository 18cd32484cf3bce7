"""A switch under way: who wants it and why, what is known, and what has been done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.errors import SwitchUnfinished
from pipeline.names import camel_case
from pipeline.times import iso


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step. began, ended: ISO 8601."""

    step: str
    title: str
    began: str
    ended: str
    words: str

    @property
    def seconds(self) -> float:
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.began)).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one call of a step. done: whether there is nothing to wait for. asked: regions that are to be asked
    by later steps. pointers: what is served, by use case and variant.
    """

    words: str
    done: bool = True
    asked: tuple[str, ...] | None = None
    pointers: Mapping[str, str] | None = None
    epoch: int | None = None


@dataclass(frozen=True, kw_only=True)
class Switch:
    """As the state machine hands it from step to step.

    run: name of the execution's record. planned: whether the region that was active is asked to stop.
    lost: regions that do not answer. known: the highest epoch that anybody has seen. asked: regions that
    have to stop. began: of the step that is under way, and waiting, why it is not done; empty before.
    """

    run: str
    planned: bool
    by: str
    why: str
    lost: tuple[str, ...] = ()
    known: int = 0
    asked: tuple[str, ...] = ()
    pointers: dict[str, str] = field(default_factory=dict)
    epoch: int | None = None
    began: str = ""
    waiting: str = ""
    steps: tuple[Done, ...] = ()

    def beginning(self, now: float) -> Switch:
        """With the time at which a step was begun, unless it was before."""
        return self if self.began else replace(self, began=_precise(now))

    def after(self, step: str, title: str, outcome: Outcome, now: float, *, limit_minutes: float) -> Switch:
        """Raises: SwitchUnfinished, if the step has waited long enough."""
        after = self
        if outcome.asked is not None:
            after = replace(after, asked=outcome.asked)
        if outcome.pointers is not None:
            after = replace(after, pointers=dict(outcome.pointers))
        if outcome.epoch is not None:
            after = replace(after, epoch=outcome.epoch)
        if outcome.done:
            done = Done(step=step, title=title, began=self.began, ended=_precise(now), words=outcome.words)
            return replace(after, began="", waiting="", steps=(*self.steps, done))
        waited = now - datetime.fromisoformat(self.began).timestamp()
        if waited >= limit_minutes * 60:
            raise SwitchUnfinished(f"{title}: given up after {waited / 60:.0f} minutes: {outcome.words}")
        return replace(after, waiting=outcome.words)

    def as_json(self) -> dict[str, Any]:
        """As `read_request` takes it."""
        told = {camel_case(name): value for name, value in asdict(self).items()}
        return told | {"steps": [asdict(step) for step in self.steps]}


def _precise(moment: float) -> str:
    """To the millisecond: a step is done in a fraction of a second."""
    return f"{iso(moment)[:-1]}.{int(moment * 1000) % 1000:03d}Z"
