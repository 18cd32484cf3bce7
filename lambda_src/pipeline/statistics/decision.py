"""What an experiment's figures say to do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.statistics.ratio import Interval


class Verdict(StrEnum):
    KEEP_GOING = "keep going"
    SHIP = "ship"
    WORSE = "stop: worse"
    NOTHING_BIGGER = "stop: nothing bigger"
    SPLIT_IS_WRONG = "pause: the split is wrong"


class Guard(StrEnum):
    """holds: surely not worse by more than the margin. broken: surely worse by more. open: not known yet."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    words: str


def guard(lift: Interval | None, margin: float, *, more_is_worse: bool) -> Guard:
    """lift: of one-sided bounds. margin: as a share of the control's value, above 0."""
    low, high = (lift.low, lift.high) if lift else (None, None)
    if more_is_worse:
        low, high = (None if high is None else -high), (None if low is None else -low)
    if high is not None and high < -margin:
        return Guard.BROKEN
    return Guard.HOLDS if low is not None and low > -margin else Guard.OPEN


def decide(
    lift: Interval | None,
    *,
    last: bool,
    wanted: float,
    split_is_right: bool = True,
    broken: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Decision:
    """lift: at the newest look; None before the first, or without figures. last: no look comes after it.
    wanted: the least lift worth having. broken, unknown: names of guardrails.
    """
    if not split_is_right:
        return Decision(
            Verdict.SPLIT_IS_WRONG,
            "pause: the arms do not have the people that were planned; find out who is missing, "
            "no figure below can be trusted",
        )
    if broken:
        return Decision(Verdict.WORSE, f"stop: worse than allowed in {', '.join(broken)}")
    if lift is None:
        return Decision(Verdict.KEEP_GOING, "keep going: there is nothing to look at yet")
    low, high = lift.low, lift.high
    if low is not None and low > 0:
        doubts = f"; not known yet of {', '.join(unknown)}" if unknown else ""
        return Decision(Verdict.SHIP, f"ship: better by {low:.1%} at least{doubts}")
    if high is not None and high < 0:
        return Decision(Verdict.WORSE, f"stop: worse, by {-high:.1%} at least")
    if high is not None and (last or high < wanted):
        return Decision(Verdict.NOTHING_BIGGER, f"stop: nothing bigger than {percent(high)}{_worst(low)}")
    if last:
        return Decision(Verdict.NOTHING_BIGGER, "stop: nothing was found, and too little seen to bound it")
    if low is None and high is None:
        return Decision(Verdict.KEEP_GOING, "keep going: too little was seen to bound anything")
    return Decision(Verdict.KEEP_GOING, f"keep going: between {percent(low)} and {percent(high)} so far")


def percent(share: float | None) -> str:
    """With sign; None: not limited."""
    return "no limit" if share is None else f"{share:+.1%}"


def _worst(low: float | None) -> str:
    return "" if low is None else f", at worst {percent(low)}"
