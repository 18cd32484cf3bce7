"""Reads what a ramp decides by. What cannot be read is said, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.comparison import stored
from pipeline.errors import PipelineError
from pipeline.experiments.experiment import CONTROL, Experiment
from pipeline.formats import known
from pipeline.generations import Generations
from pipeline.names import NAMESPACE
from pipeline.ramping.acting import moment
from pipeline.ramping.evidence import Answers, Compared, Evidence, Health, Published, Report
from pipeline.ramping.plan import Limits
from pipeline.storage import Bucket

_API = "AWS/ApiGateway"
_MINUTE = 60
_ANSWERS = {
    "requests": "Requests",
    "fallbacks": "Fallbacks",
    "failures": "Failures",
    "empty": "Empty",
    "errors": "Errors",
}
_SLOWEST = "p95_ms"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where figures are. api_id: of the serving API, where the use case has an endpoint."""

    stage: str
    use_case: str
    api_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Services:
    """Clients of CloudWatch and DynamoDB, and the serving table."""

    cloudwatch: Any
    dynamodb: Any
    table: str


def health(services: Services, place: Place, experiment: Experiment, limits: Limits, now: datetime) -> Health:
    """Of an experiment's lists and answers, from the table and from CloudWatch."""
    unread: list[str] = []
    variants = tuple(dict.fromkeys(arm.variant for arm in experiment.arms))
    found = _tried(
        lambda: _figures(services.cloudwatch, place, experiment, limits, now), "CloudWatch", unread
    )
    figures, fresh = found or ({}, {})
    published = {}
    for variant in variants:
        generations = Generations(services.dynamodb, services.table, place.use_case, variant)
        pointer = _tried(generations.pointer, f"the pointer of {variant}", unread)
        if pointer is not None:
            at = max(moment(pointer.published_at), fresh.get(variant, datetime.min.replace(tzinfo=UTC)))
            published[variant] = Published(at=at, users=pointer.users)
    requests, errors = figures.get("api_count", 0.0), figures.get("api_errors", 0.0)
    return Health(
        treated=_answers(figures, "treated") if found else None,
        control=_answers(figures, "control") if found else None,
        published=published,
        api_errors=errors / requests if requests >= limits.least_answers else None,
        unread=tuple(unread),
    )


def evidence(
    bucket: Bucket, found: Health, *, use_case: str, report_key: str | None, variants: tuple[str, str]
) -> Evidence:
    """report_key: None: nothing is measured yet. variants: the default one, and the treatment."""
    unread: list[str] = []
    report = _tried(lambda: _report(bucket, report_key), "the measurement", unread) if report_key else None
    compared = _tried(lambda: _newest(bucket, use_case, variants), "the comparison", unread)
    return Evidence(health=found, report=report, compared=compared, unread=tuple(unread))


def _report(bucket: Bucket, key: str) -> Report | None:
    found = bucket.read_json(key)
    return None if found is None else Report.of(known(found, bucket.url(key)))


def _newest(bucket: Bucket, use_case: str, variants: tuple[str, str]) -> Compared | None:
    found = stored.newest(bucket, use_case, *variants)
    return None if found is None else Compared.of(found)


def _tried(read: Callable[[], T], what: str, unread: list[str]) -> T | None:
    try:
        return read()
    except (PipelineError, ClientError, BotoCoreError, KeyError, TypeError, ValueError) as error:
        unread.append(f"{what} ({error})"[:300])
        return None


def _answers(figures: Mapping[str, float], arm: str) -> Answers:
    counts = {name: figures.get(f"{arm}_{name}", 0.0) for name in _ANSWERS}
    return Answers(**counts, p95_ms=figures.get(f"{arm}_{_SLOWEST}"))


def _figures(
    client: Any, place: Place, experiment: Experiment, limits: Limits, now: datetime
) -> tuple[dict[str, float], dict[str, datetime]]:
    """By name; and when lists of a variant were last found to be up to date."""
    ours = {"stage": place.stage, "use_case": place.use_case}
    window = limits.window_minutes * _MINUTE
    arms = {"treated": experiment.arms[0].name, "control": CONTROL}
    asked: list[dict[str, Any]] = [
        _query(f"{label}_{name}", NAMESPACE, metric, {**ours, "arm": arm}, "Sum", _MINUTE)
        for label, arm in arms.items()
        for name, metric in _ANSWERS.items()
    ]
    if place.api_id:
        for name, metric in (("api_count", "Count"), ("api_errors", "5xx")):
            asked.append(_query(name, _API, metric, {"ApiId": place.api_id}, "Sum", _MINUTE))
    asked += [
        _query(f"{label}_{_SLOWEST}", NAMESPACE, "AnswerTime", {**ours, "arm": arm}, "p95", window)
        for label, arm in arms.items()
    ]
    figures: dict[str, float] = {}
    for name, values, _ in _data(client, asked, now - timedelta(seconds=window), now):
        if values:
            figures[name] = max(values) if name.endswith(_SLOWEST) else sum(values)
    variants = list(dict.fromkeys(arm.variant for arm in experiment.arms))
    stale = [
        _query(f"fresh{n}", NAMESPACE, "FreshGeneration", {**ours, "variant": variant}, "Sum", 60 * _MINUTE)
        for n, variant in enumerate(variants)
    ]
    fresh: dict[str, datetime] = {}
    for name, values, times in _data(client, stale, now - timedelta(hours=limits.stale_hours), now):
        seen = [at for value, at in zip(values, times, strict=True) if value]
        if seen:
            fresh[variants[int(name.removeprefix("fresh"))]] = max(seen)
    return figures, fresh


def _query(
    id_: str, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str, period: int
) -> dict[str, Any]:
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": period,
            "Stat": statistic,
        },
    }


def _data(
    client: Any, queries: Sequence[Mapping[str, Any]], start: datetime, end: datetime
) -> Iterator[tuple[str, list[float], list[datetime]]]:
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), StartTime=start, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            yield result["Id"], result["Values"], result["Timestamps"]
