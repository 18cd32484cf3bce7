"""What the demo claims, each claim checked, and the figures it prints; 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_cloud.demo.report import Check
from local_cloud.migration.days import PLACES
from trial_data.figures import Conversion
from trial_data.visits import Visit

_CONTROL = "control"


@dataclass
class Findings:
    checks: list[Check] = field(default_factory=list)

    def check(self, claim: str, holds: bool, detail: str) -> None:
        self.checks.append(Check(claim, holds, detail))

    @property
    def failed(self) -> int:
        return sum(not check.holds for check in self.checks)

    def lines(self) -> Iterator[str]:
        for check in self.checks:
            yield f"{'ok  ' if check.holds else 'NOT '}{check.claim}"
            yield f"      {check.detail}"


@dataclass(frozen=True)
class Lift:
    """Of an experiment's report. truth: of the lists, had everybody got either."""

    of: str
    report: Mapping[str, Any]
    truth: float

    @property
    def limits(self) -> tuple[float | None, float | None] | None:
        """None: there is no interval."""
        lift = self.report["metric"].get("lift")
        return (lift["low"], lift["high"]) if lift else None

    @property
    def covers(self) -> bool:
        if self.limits is None:
            return False
        low, high = self.limits
        return (low is None or low <= self.truth) and (high is None or self.truth <= high)

    def lines(self) -> Iterator[str]:
        metric, look = self.report["metric"], self.report["looks"]["last"]
        yield f"{self.of}, look after {look} days: {self.report['decision']['words']}"
        if self.limits is None:
            return
        low, high = ("no limit" if limit is None else f"{limit:+.0%}" for limit in self.limits)
        inside = "inside" if self.covers else "outside"
        yield (
            f"  {metric['control']['value']:.2%}, {metric['treatment']['value']:.2%}; lift {low} to {high}, "
            f"truth {self.truth:+.0%}, {inside}"
        )


def lift_truth(
    truths: Mapping[tuple[int, str], float], days: Sequence[int], control: str, treatment: str
) -> float:
    """Days count alike: as many people are expected on each."""
    base, other = (sum(truths[day, variant] for day in days) for variant in (control, treatment))
    return other / base - 1 if base else 0.0


def counted_alike(report: Mapping[str, Any], visits: Sequence[Visit], first_version: int) -> Check:
    """visits: until the report's last look."""
    mine = {_CONTROL: (0, 0), "treatment": (0, 0)}
    for one in visits:
        arm, version = one.shown.arm, one.shown.experiment or 0
        if arm is not None and version >= first_version:
            acted, shown = mine[arm]
            mine[arm] = acted + sum(one.acted), shown + len(one.acted)
    found = {arm: (report["metric"][arm]["of"], report["metric"][arm]["per"]) for arm in mine}
    detail = f"actions and impressions {_pairs(found)}; the people themselves {_pairs(mine)}"
    return Check(
        "the measurement counted what the simulated people did, each event once", found == mine, detail
    )


def _pairs(of: Mapping[str, tuple[float, float]]) -> str:
    return ", ".join(f"{acted:.0f}/{shown:.0f}" for acted, shown in of.values())


def of_answers(visits: Sequence[Visit], started: Sequence[int]) -> Iterator[Check]:
    """started: the first version of each experiment."""
    empty = [one for one in visits if not one.shown.items]
    short = sum(len(one.shown.items) < PLACES for one in visits)
    where = "".join(f"; {one.day} {one.shown.variant} from {one.shown.source}" for one in empty[:3])
    detail = f"{len(visits):,} lists, {len(empty)} empty, {short} short{where}"
    yield Check("nobody ever got an empty list, or one that was too short", not short, detail)
    arms: dict[tuple[str, int], set[str]] = {}
    for one in visits:
        if one.shown.arm is not None:
            of = sum(version <= (one.shown.experiment or 0) for version in started)
            arms.setdefault((one.person, of), set()).add(one.shown.arm)
    flipped = sum(len(each) > 1 for each in arms.values())
    yield Check(
        "nobody changed from one arm to the other", not flipped, f"{len(arms):,} assigned, {flipped} moved"
    )


def of_conversions(rows: Sequence[Conversion]) -> Check:
    computed = all(row.value is not None and row.low < row.high for row in rows)
    inside = sum(row.covers for row in rows)
    return Check(
        "an interval was computed for every variant",
        computed,
        f"{inside} of {len(rows)} have the truth inside",
    )
