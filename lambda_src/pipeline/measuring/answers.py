"""How the serving API answered the arms, by the hour, and whether the treated are served worse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.measuring.experiment import Experiment
from pipeline.names import NAMESPACE
from pipeline.statistics.decision import Guard, guard
from pipeline.statistics.paired import Hour, difference
from pipeline.statistics.ratio import Interval

SLOW, ERRORS = "p95 of the answers", "errors (5xx)"
MILLISECONDS, SHARE = "ms", "share"
_METRICS = {"requests": ("Requests", "Sum"), "errors": ("Errors", "Sum"), "slow": ("AnswerTime", "p95")}
_HOUR = 3600
_LEAST_ANSWERS = 20
"""Of an hour: of fewer, the slowest one is the 95th percentile."""
_RULE_OF_THREE = 3.0
"""Without an error in n answers, their share is below 3 / n (Hanley, Lippman-Hand 1983, JAMA 249)."""

Figures = Mapping[str, Mapping[datetime, float]]
"""By `<control or treatment>_<requests, errors or slow>` and hour."""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Where figures are: a client of CloudWatch, and the stage."""

    cloudwatch: Any
    stage: str

    def figures(self, experiment: Experiment, through: date) -> Figures | None:
        """Of the whole days after the first one. None: CloudWatch does not answer."""
        begin = _midnight(experiment.first_day + timedelta(days=1))
        end = _midnight(through + timedelta(days=1))
        if begin >= end:
            return {}
        found: dict[str, dict[datetime, float]] = {}
        try:
            for page in self.cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=list(self._queries(experiment)), StartTime=begin, EndTime=end
            ):
                for result in page["MetricDataResults"]:
                    hours = zip(result["Timestamps"], result["Values"], strict=True)
                    found.setdefault(result["Id"], {}).update(hours)
        except (ClientError, BotoCoreError):
            return None
        return found

    def _queries(self, experiment: Experiment) -> Iterator[dict[str, Any]]:
        for label, arm in (("control", experiment.control), ("treatment", experiment.treatment)):
            of = {"stage": self.stage, "use_case": experiment.use_case, "arm": arm}
            for name, (metric, statistic) in _METRICS.items():
                yield {
                    "Id": f"{label}_{name}",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": NAMESPACE,
                            "MetricName": metric,
                            "Dimensions": [{"Name": key, "Value": value} for key, value in of.items()],
                        },
                        "Period": _HOUR,
                        "Stat": statistic,
                    },
                }


def answer_guardrails(
    experiment: Experiment, figures: Figures | None, bound: float | None
) -> list[dict[str, Any]]:
    """figures: None: not known. bound: one-sided, in standard errors; None: before the first look."""
    found, of = figures or {}, experiment.answers
    shown = []
    if of.slower_ms is not None:
        shown.append(_guardrail(SLOW, MILLISECONDS, of.slower_ms, found, bound))
    if of.more_errors is not None:
        shown.append(_guardrail(ERRORS, SHARE, of.more_errors, found, bound))
    return shown


def _guardrail(name: str, unit: str, margin: float, figures: Figures, bound: float | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": name, "unit": unit, "margin": margin, "moreIsWorse": True}
    hours = list(_slow(figures) if unit == MILLISECONDS else _errors(figures))
    apart = difference(hours)
    enough = unit == MILLISECONDS or min(_total(hours, 1), _total(hours, 3)) >= _RULE_OF_THREE / margin
    if bound is None or apart is None or not enough:
        return shown | {"state": Guard.OPEN}
    error = bound * math.sqrt(apart.variance)
    interval = Interval(apart.value - error, apart.value + error)
    return shown | {
        "state": guard(interval, margin, more_is_worse=True),
        "control": _total(hours, 0) / _total(hours, 1),
        "treatment": _total(hours, 2) / _total(hours, 3),
        "difference": {"value": apart.value, "low": interval.low, "high": interval.high},
        "hours": len(hours),
    }


def _slow(figures: Figures) -> Iterator[Hour]:
    """Hours in which both arms had enough answers; each counts as one."""
    control, treatment = figures.get("control_slow", {}), figures.get("treatment_slow", {})
    for hour in sorted(control.keys() & treatment.keys()):
        answers = (figures.get(f"{arm}_requests", {}).get(hour, 0.0) for arm in ("control", "treatment"))
        if min(answers) >= _LEAST_ANSWERS:
            yield control[hour], 1.0, treatment[hour], 1.0


def _errors(figures: Figures) -> Iterator[Hour]:
    requests = [figures.get(f"{arm}_requests", {}) for arm in ("control", "treatment")]
    errors = [figures.get(f"{arm}_errors", {}) for arm in ("control", "treatment")]
    for hour in sorted(requests[0].keys() & requests[1].keys()):
        yield errors[0].get(hour, 0.0), requests[0][hour], errors[1].get(hour, 0.0), requests[1][hour]


def _total(hours: list[Hour], place: int) -> float:
    return sum(hour[place] for hour in hours)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
