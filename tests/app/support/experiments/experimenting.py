"""Experiments as tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.experiments.assignment import assigned
from pipeline.experiments.changes import Design, Note, filled, started, stepped
from pipeline.experiments.experiment import CONTROL, TREATMENT, Arm, Experiment
from pipeline.experiments.items import current_key, item_of, version_key
from tests.app.support.in_memory import TABLE

EVEN = (Arm(TREATMENT, "own", 5_000), Arm(CONTROL, "personalize", 5_000))
NOTE = Note(by="tests", why="to see", at="2027-01-01T00:00:00Z")


def experiment(**changes: Any) -> Experiment:
    """A running one of everybody, half and half, unless said otherwise."""
    given: dict[str, Any] = {
        "version": 1,
        "state": "running",
        "salt": "s0",
        "exposure": 10_000,
        "arms": EVEN,
        "hypothesis": "own is as good",
        "metric": "follows per impression",
        "started_at": NOTE.at,
        "changed_at": NOTE.at,
        "changed_by": NOTE.by,
        "why": NOTE.why,
    }
    return Experiment(**{**given, **changes})


def begun(**changes: Any) -> Experiment:
    given: dict[str, Any] = {
        "salt": "s0",
        "arms": EVEN,
        "hypothesis": "own is as good",
        "metric": "follows per impression",
        "phase": "running",
        "overrides": {},
    }
    return started(None, Design(**{**given, **changes}), NOTE, version=1)


def put_experiment(client: Any, use_case: str, given: Experiment, table: str = TABLE) -> None:
    """As the current one, and in the history."""
    for key in (current_key(use_case), version_key(use_case, given.version)):
        client.put_item(TableName=table, Item=item_of(given, key))


@dataclass(frozen=True)
class Ramp:
    """Of 10, 50 and 100 percent. shares: who was treated, to one digit."""

    moved_back: int
    moved_between: int
    shares: tuple[float, ...]


def ramped(salt: str, ids: Sequence[str]) -> Ramp:
    ten = experiment(salt=salt, exposure=2_000)
    fifty = stepped(ten, NOTE, exposure=10_000)
    full = filled(fifty, NOTE, held_back=200)
    steps = [[assigned(step, id_) for id_ in ids] for step in (ten, fifty, full)]
    treated = [{id_ for id_, who in zip(ids, step, strict=True) if who.variant == "own"} for step in steps]
    return Ramp(
        moved_back=len(treated[0] - treated[1]) + len(treated[1] - treated[2]),
        moved_between=sum(len({who.arm for who in seen} - {None}) > 1 for seen in zip(*steps, strict=True)),
        shares=tuple(round(len(group) / len(ids), 1) for group in treated),
    )
