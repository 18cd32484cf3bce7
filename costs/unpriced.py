"""What a change of templates changes and no difference has a price for: said without a figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from costs.estimating.reading import FUNCTION, SCHEDULE
from costs.usage.fixed import stage_of
from review.reading.assemblies import Stack
from review.reading.templates import resources_of

_Place = tuple[str, str, str]


@dataclass(frozen=True)
class Unpriced:
    """why: what would have to be known."""

    stage: str
    region: str
    cause: str
    why: str


def unpriced(before: Sequence[Stack], after: Sequence[Stack]) -> Iterator[Unpriced]:
    """Memory of functions that are not priced by seconds of their own, and clocks of what does not train."""
    for (stage, region, name), (was, now) in _changed(before, after, FUNCTION, _memory):
        yield Unpriced(
            stage, region, f"function {name}: memory {was:,} -> {now:,} MB", "how long it runs is not known"
        )
    clocks = _changed(_besides_training(before), _besides_training(after), SCHEDULE, _times)
    for (stage, region, name), (was, now) in clocks:
        cause = f"schedule {name}: {was} -> {now}"
        yield Unpriced(stage, region, cause, "`python -m costs` estimates what it begins, on each side")


def _besides_training(stacks: Sequence[Stack]) -> list[Stack]:
    return [stack for stack in stacks if not stack.name.endswith("-Training")]


def _memory(function: Any) -> int:
    return int(function.get("MemorySize", 128))


def _times(schedule: Any) -> str:
    off = schedule.get("State", "ENABLED") != "ENABLED"
    return "off" if off else str(schedule["ScheduleExpression"])


def _changed(
    before: Sequence[Stack], after: Sequence[Stack], kind: str, value: Any
) -> Iterator[tuple[_Place, tuple[Any, Any]]]:
    """By stage, region and logical id: the value of what is there on both sides, and is not the same."""
    found: defaultdict[_Place, dict[int, Any]] = defaultdict(dict)
    for side, stacks in enumerate((before, after)):
        for stack in stacks:
            for name, resource in resources_of(stack.template, kind).items():
                found[stage_of(stack), stack.region, name][side] = value(resource)
    for place, values in found.items():
        if len(values) == 2 and values[0] != values[1]:
            yield place, (values[0], values[1])
