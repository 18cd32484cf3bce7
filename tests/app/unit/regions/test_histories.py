"""Random histories of two regions, and the one history that each rule is there for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings

from pipeline.errors import Fenced
from pipeline.regions.epoch import Epoch
from pipeline.regions.fence import Fence
from tests.app.support.regions.two_regions import (
    CENTRAL,
    HISTORIES,
    WEST,
    Action,
    Violation,
    World,
)

pytestmark = pytest.mark.usefixtures("aws")


class Unfenced(Fence):
    """Without the check of the epoch: whoever asks may act."""

    def acting(self) -> Epoch:
        return replace(self.epochs.current(), region=self.epochs.region, state="active")

    def alone(self, *, number: int | None = None) -> Epoch:
        return self.acting()


class Unasking(Fence):
    """Relies on what has been copied."""

    def alone(self, *, number: int | None = None) -> Epoch:
        return Fence(self.epochs).alone(number=number)


class Undoubting(Fence):
    """Tells people at once after a region was lost."""

    def alone(self, *, number: int | None = None) -> Epoch:
        return replace(super().alone(number=number), lost=())


class Forgetting(Fence):
    """Goes on telling people beside a region that was active at the same time, and may have told them."""

    def alone(self, *, number: int | None = None) -> Epoch:
        epoch = self.beginning()
        for other in self.others.values():
            with suppress(EndpointConnectionError):
                if other.current().term.rank > epoch.term.rank:
                    raise Fenced("another one is active")
        return epoch


WEEK: list[Action] = [("up", WEST, 0)] * 19
"""Nothing but time goes by."""
LOST: list[Action] = [("cut", WEST, 0), ("switch", CENTRAL, 0)]
ALL_TOLD = [("plan", 0), ("tell", 2)]


def told(where: str) -> list[Action]:
    return [(what, where, number) for what, number in ALL_TOLD]


WITNESSES: dict[str, tuple[dict[str, Any], list[Action], str]] = {
    "nobody looks at the epoch, and an older run outbids a newer one": (
        {"kind": Unfenced},
        [
            *LOST,
            *(("begin", WEST, 0), ("load", WEST, 0), ("train", CENTRAL, 0), ("read", CENTRAL, 0)),
            *(("heal", WEST, 0), ("deliver", CENTRAL, 0), ("publish", WEST, 0), ("deliver", WEST, 0)),
        ],
        "saw",
    ),
    "nobody looks at the epoch, and both regions notify": (
        {"kind": Unfenced},
        [*LOST, *WEEK, *told(WEST), *told(CENTRAL)],
        "told twice",
    ),
    "the pointer is one item that both regions write": (
        {"one_pointer": True},
        [
            *LOST,
            *(("train", CENTRAL, 0), ("read", CENTRAL, 0), ("train", WEST, 0)),
            *(("heal", WEST, 0), ("deliver", WEST, 0), ("read", CENTRAL, 0)),
        ],
        "saw",
    ),
    "a region that was left behind does not ask before it notifies": (
        {"kind": Unasking},
        [*LOST, *WEEK, *told(WEST), *told(CENTRAL)],
        "told twice",
    ),
    "people are told in the week in which the region was lost that had told them": (
        {"kind": Undoubting},
        [*told(WEST), *LOST, *told(CENTRAL)],
        "told twice",
    ),
}


APART: list[Action] = [*LOST, ("usurp", WEST, 0), *WEEK]
"""Each is the active region without the other, a week later."""
WITNESSES["each region was made the active one without the other, and one has told people"] = (
    {"kind": Forgetting},
    [*APART, *told(CENTRAL), ("heal", WEST, 0), *told(WEST)],
    "told twice",
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_nobody_sees_older_lists_again_or_is_told_twice_whatever_happens(history: list[Action]) -> None:
    World().run(history)


@pytest.mark.parametrize(("broken", "history", "words"), WITNESSES.values(), ids=WITNESSES)
def test_without_any_one_of_its_rules_some_history_goes_wrong(
    broken: dict[str, Any], history: list[Action], words: str
) -> None:
    World().run(history)

    with pytest.raises(Violation, match=words):
        World(**broken).run(history)


def test_until_anything_of_a_new_epoch_is_here_the_newest_lists_that_are_here_answer() -> None:
    world = World()
    world.act(
        [
            *(("switch", CENTRAL, 0), ("train", CENTRAL, 0), ("read", CENTRAL, 0), ("cut", WEST, 0)),
            *(("switch", WEST, 0), ("train", WEST, 0), ("heal", WEST, 0), ("deliver", WEST, 1)),
        ]
    )
    _, before = world.seen[CENTRAL, "u1"]

    found = world.found(CENTRAL, "u1", afresh=True)

    shown = [item.id for item in found.items]
    assert (found.source, found.generation, shown) == ("batch", before, [f"{before}/u1"])
    assert world.found(CENTRAL, "nobody", afresh=True).generation == before
    world.act([action for _ in range(6) for action in (("deliver", WEST, 1), ("read", CENTRAL, 0))])
    world.settle()
    assert world.seen[CENTRAL, "u1"][0] == (2, "")
