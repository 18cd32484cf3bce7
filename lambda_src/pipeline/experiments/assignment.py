"""Who gets which: a function of the experiment's salt and the person's id, the same everywhere and always.

One SHA-256 of salt, NUL and id. Its first 8 bytes modulo 10,000 are the bucket of the split, in which arms
are half-open ranges in their order; its next 8 bytes modulo 10,000 are the bucket of the exposure. So
exposure grows without moving anybody from one arm to another, and experiments do not depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from pipeline.experiments.experiment import (
    AA,
    BUCKETS,
    CONTROL,
    RETURNED,
    SHADOW,
    STOPPED,
    Arm,
    Experiment,
)

_WORD = 8


@dataclass(frozen=True)
class Assigned:
    """arm: None for who takes no part. variant: whose lists are shown; None: those of the default variant."""

    arm: str | None = None
    variant: str | None = None


NOBODY = Assigned()


@dataclass(frozen=True)
class Place:
    """Two independent numbers, 0 to 9,999 each."""

    split: int
    exposure: int


def place(salt: str, unit: str) -> Place:
    digest = sha256(f"{salt}\0{unit}".encode("utf-8", "surrogatepass")).digest()
    return Place(
        int.from_bytes(digest[:_WORD], "big") % BUCKETS,
        int.from_bytes(digest[_WORD : 2 * _WORD], "big") % BUCKETS,
    )


def assigned(experiment: Experiment, unit: str) -> Assigned:
    """unit: a user, or the session of somebody who is not signed in. Testers see their arm's variant before
    others do, and not after a return.
    """
    if experiment.state == STOPPED:
        return NOBODY
    tester = experiment.arm(experiment.overrides.get(unit, ""))
    if tester:
        return Assigned(tester.name, None if experiment.state == RETURNED else tester.variant)
    if experiment.state == SHADOW:
        return NOBODY
    shown = experiment.state not in (AA, RETURNED)
    at = place(experiment.salt, unit)
    arm = _arm_at(experiment.arms, at.split)
    if experiment.held_back:
        if arm.name == CONTROL and at.split < BUCKETS - experiment.held_back:
            # Released when everybody got the treatment's lists: of neither arm from then on.
            return Assigned(None, experiment.arms[0].variant if shown else None)
    elif at.exposure >= experiment.exposure:
        return NOBODY
    return Assigned(arm.name, arm.variant if shown else None)


def counted(experiment: Experiment, unit: str) -> str | None:
    """The arm in which a unit is measured; None for testers too, who know what they look at."""
    return None if unit in experiment.overrides else assigned(experiment, unit).arm


def _arm_at(arms: Iterable[Arm], bucket: int) -> Arm:
    end = 0
    for arm in arms:
        end += arm.weight
        if bucket < end:
            return arm
    raise ValueError(f"the weights end at {end:,}: no arm has bucket {bucket:,}")
