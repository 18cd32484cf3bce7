"""What a comparison comes to, in words: per measure, and what stands against a ramp.

Every sentence is about the second variant of the pair, as seen from the first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.comparison.request import Thresholds

BETTER, WORSE, ALIKE = "better", "worse", "not distinguishable"
SHARES = ("short", "empty", "leaked")
"""Shares of people: less is better, and the difference itself counts."""
LESS_IS_BETTER = frozenset(
    {
        *SHARES, "gini@10", "popularity@10", "trainSeconds", "batchSeconds", "latencyP50Ms", "latencyP99Ms",
        "costPer1000",
    }
)  # fmt: skip
LIST_MEASURES = (
    *SHARES, "personalisation@10", "coverage@10", "gini@10", "novelty@10", "popularity@10",
)  # fmt: skip
COST_MEASURES = ("trainSeconds", "batchSeconds", "latencyP50Ms", "latencyP99Ms", "costPer1000")
ORGANIC, FROM_LISTS, ALL = "organic", "fromLists", "all"
_TESTED = {
    ORGANIC: ("the day after, by themselves", ("hit_rate@10", "hit_rate@25", "ndcg@10", "mrr@25")),
    ALL: ("offline, on what has happened since", ("ndcg@10", "precision@10", "recall@10")),
}
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Verdict:
    """first, second: the values of both. words: why."""

    measure: str
    verdict: str
    first: float
    second: float
    words: str

    def as_json(self) -> dict[str, Any]:
        return {
            "measure": self.measure,
            "verdict": self.verdict,
            "a": self.first,
            "b": self.second,
            "words": self.words,
        }


@dataclass(frozen=True)
class Fault:
    """Of the lists of one variant: a value beyond its threshold."""

    variant: str
    measure: str
    value: float
    threshold: float
    words: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verdicts(comparison: Mapping[str, Any], thresholds: Thresholds) -> list[Verdict]:
    """comparison: with segments, costs and after, as `measuring` makes it."""
    names = comparison["a"], comparison["b"]
    everybody = comparison["segments"]["everybody"]
    found = list(_compared(LIST_MEASURES, everybody["a"], everybody["b"], names, thresholds))
    found += _compared(COST_MEASURES, comparison["costs"]["a"], comparison["costs"]["b"], names, thresholds)
    for kind, (what, measures) in _TESTED.items():
        outcomes = (comparison["after"].get(kind) or {}).get("everybody")
        if outcomes:
            found += _tested(kind, what, measures, outcomes, names, thresholds)
    return found


def faults(variant: str, figures: Mapping[str, float | None], thresholds: Thresholds) -> list[Fault]:
    """Short lists, empty lists, own items in them, and lists that are the same for everybody."""
    words = {
        "short": (thresholds.short_share, "of the people have a list shorter than is stored"),
        "empty": (thresholds.empty_share, "of the people have an empty list"),
        "leaked": (thresholds.leaked_share, "of the people are recommended what they have already"),
    }
    found = []
    for measure, (threshold, what) in words.items():
        value = figures[measure]
        if value is not None and value > threshold:
            said = f"{value:.2%} {what}, and {threshold:.2%} may"
            found.append(Fault(variant, measure, value, threshold, said))
    own = figures["personalisation@10"]
    if own is not None and own < thresholds.least_personalisation:
        said = f"lists are (nearly) the same for all people: personalisation is {own:.3f}"
        said += f", and {thresholds.least_personalisation:g} is the least"
        found.append(Fault(variant, "personalisation@10", own, thresholds.least_personalisation, said))
    return found


def summary(names: tuple[str, str], found: Sequence[Verdict], blocks: Sequence[Fault]) -> str:
    """One paragraph for people."""
    second = names[1]
    by_verdict = {
        verdict: [one.measure for one in found if one.verdict == verdict]
        for verdict in (BETTER, WORSE, ALIKE)
    }
    parts = [f"{verdict} in {', '.join(measures)}" for verdict, measures in by_verdict.items() if measures]
    said = f"{second} compared with {names[0]}: {'; '.join(parts) or 'nothing was measured'}."
    if not any(one.measure.startswith(ORGANIC) for one in found):
        said += " What people did afterwards is not known yet."
    if blocks:
        return f"{said} Do not ramp {second}: {'; '.join(block.words for block in blocks)}."
    return f"{said} Nothing stands against a ramp of {second}."


def _compared(
    measures: Sequence[str],
    first: Mapping[str, float | None],
    second: Mapping[str, float | None],
    names: tuple[str, str],
    thresholds: Thresholds,
) -> Iterator[Verdict]:
    for measure in measures:
        one, other = first.get(measure), second.get(measure)
        if one is None or other is None:
            continue
        by_itself = measure in SHARES
        change = other - one
        counts = thresholds.share_change if by_itself else thresholds.relative_change * abs(one)
        verdict = ALIKE
        if abs(change) > counts + _ROUNDING:
            verdict = BETTER if (change < 0) == (measure in LESS_IS_BETTER) else WORSE
        limit = (
            f"{thresholds.share_change:.2%} of the people"
            if by_itself
            else f"{thresholds.relative_change:.0%}"
        )
        words = f"{names[1]} {other:.4g}, {names[0]} {one:.4g}; a difference counts above {limit}"
        yield Verdict(measure, verdict, one, other, words)


def _tested(
    kind: str,
    what: str,
    measures: Sequence[str],
    outcomes: Mapping[str, Any],
    names: tuple[str, str],
    thresholds: Thresholds,
) -> Iterator[Verdict]:
    people = outcomes["people"]
    for measure in measures:
        values = outcomes["metrics"].get(measure)
        if values is None:
            continue
        difference = values["difference"]
        gain, chance = difference["mean"], difference["pValue"]
        verdict = ALIKE
        if (
            people >= thresholds.least_people
            and chance < thresholds.significance
            and not math.isclose(gain, 0)
        ):
            verdict = BETTER if gain > 0 else WORSE
        words = (
            f"{what}: {gain:+.4f} [{difference['low']:+.4f}, {difference['high']:+.4f}] "
            f"of {people:,} people, p = {chance:.4f}"
        )
        if people < thresholds.least_people:
            words += f"; fewer than {thresholds.least_people:,} people tell nothing"
        yield Verdict(f"{kind}:{measure}", verdict, values["a"]["mean"], values["b"]["mean"], words)
