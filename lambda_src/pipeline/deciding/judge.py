"""Is the newly trained model good enough to replace the one in use?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from pipeline import keys
from pipeline.errors import MetricMissing
from pipeline.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Which metric decides; `tolerance` is the share of the previous value that may be lost, 0.1 = 10 %."""

    metric: str
    floor: float | None
    tolerance: float
    use_worse: bool


@dataclass(frozen=True)
class Verdict:
    """first, better, equal, worse or below_floor, and whether the model is to be used."""

    verdict: str
    use: bool
    reason: str


class Judgement(TypedDict):
    """A verdict, with the metrics of this and of the last good model."""

    verdict: str
    use: bool
    reason: str
    metrics: dict[str, float]
    previous: dict[str, float] | None


def solution_metrics(personalize: Any, arn: str) -> dict[str, float]:
    """Of a solution version of Amazon Personalize."""
    metrics: dict[str, float] = personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    return metrics


def judge_model(
    bucket: Bucket,
    measure: Measure,
    metrics: dict[str, float],
    *,
    use_case: str,
    variant: str,
    run: str,
    model: dict[str, str],
) -> Judgement:
    """Compares with the last good run, and records verdict and figures under the run's name.

    model: which one it is, as members of the record. Raises: MetricMissing.
    """
    last: dict[str, Any] = bucket.read_json(keys.last_good(use_case, variant), newest=True) or {}
    previous: dict[str, float] | None = last.get("metrics") or None
    verdict = judge(metrics, previous, measure)
    result: Judgement = {
        "verdict": verdict.verdict,
        "use": verdict.use,
        "reason": verdict.reason,
        "metrics": metrics,
        "previous": previous,
    }
    record = {
        "useCase": use_case,
        "variant": variant,
        "run": run,
        **model,
        **result,
        "previousRun": last.get("generation"),
        "measure": asdict(measure),
    }
    bucket.write_json(keys.run_record(use_case, variant, run), record)
    return result


def judge(metrics: dict[str, float], previous: dict[str, float] | None, measure: Measure) -> Verdict:
    """The floor is absolute: below it a model is never used, whatever the use case says of worse ones.

    Raises: MetricMissing, if the model has no such figure.
    """
    name = measure.metric
    value = metrics.get(name)
    if value is None or not math.isfinite(value):
        raise MetricMissing(f"no {name} among the metrics: {', '.join(sorted(metrics)) or 'there are none'}")
    if measure.floor is not None and value < measure.floor:
        return Verdict("below_floor", False, f"{name} is {value:.4f}, the floor is {measure.floor:.4f}")
    before = (previous or {}).get(name)
    if before is None:
        return Verdict("first", True, f"{name} is {value:.4f}, with nothing to compare it to")
    figures = f"{name} is {value:.4f} after {before:.4f}"
    if value > before:
        return Verdict("better", True, figures)
    if value >= before * (1 - measure.tolerance):
        within = f"within the tolerance of {measure.tolerance:.0%}"
        return Verdict("equal", True, figures if value == before else f"{figures}, {within}")
    beyond = f"{figures}, beyond the tolerance of {measure.tolerance:.0%}"
    return Verdict(
        "worse", measure.use_worse, f"{beyond}, used nevertheless" if measure.use_worse else beyond
    )
