"""What a metric alarm looks at, read from moto's record of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.alarms.errors import BadExpression
from local_cloud.alarms.expressions import compute, ids_in
from local_cloud.alarms.figures import Figures, Metric, Stat
from local_cloud.alarms.functions import Value
from local_cloud.alarms.series import Series
from local_cloud.alarms.states import COMPARISONS, Missing, Rule

_ALWAYS_IGNORED = "AWS/DynamoDB"
"""Of this namespace what is missing is ignored, if nothing else is said."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """`stats` and `expressions` by id, in the order in which they are said; `watched`: the id of one."""

    rule: Rule
    comparison: str
    threshold: float
    period: int
    stats: Mapping[str, Stat]
    expressions: Mapping[str, str]
    watched: str

    def values(self, figures: Figures, *, now: float, scale: float) -> Series:
        """Of the evaluation range. now: seconds since 1970. scale: seconds of a period in one real second.

        Raises: BadExpression, UnknownFunction.
        """
        seconds, length = self.period / scale, self.rule.range
        found = {
            id_: figures.series(stat, end=now, seconds=seconds, length=length)
            for id_, stat in self.stats.items()
        }
        series = computed(self.expressions, found, self.watched)
        if not isinstance(series, Series):
            raise BadExpression(f"{self.watched} is no single time series")
        return series

    def points(self, series: Series) -> list[bool | None]:
        """Whether each value breaches the threshold, the newest last."""
        breaches = COMPARISONS[self.comparison]
        values = (series.values.get(place) for place in range(series.length))
        return [None if value is None else breaches(value, self.threshold) for value in values]

    def has_data(self, figures: Figures, *, now: float, scale: float) -> bool:
        since = now - self.rule.range * self.period / scale
        return any(figures.has(stat.metric, since) for stat in self.stats.values())


def computed(expressions: Mapping[str, str], metrics: Mapping[str, Series], wanted: str) -> Value:
    """Of an id, whatever it needs. Raises: BadExpression, UnknownFunction."""
    found: dict[str, Value] = dict(metrics)
    waiting = dict(expressions)
    while wanted not in found:
        ready = {id_: text for id_, text in waiting.items() if not ids_in(text) & (waiting.keys() - {id_})}
        if not ready:
            raise BadExpression(f"there is no {wanted}, or expressions need each other")
        for id_, text in ready.items():
            found[id_] = compute(text, found, metrics)
            del waiting[id_]
    return found[wanted]


def definition_of(alarm: Any) -> Definition:
    """`alarm`: moto's record. Raises: BadExpression, UnknownFunction, ValueError, if it cannot be judged."""
    if alarm.comparison_operator not in COMPARISONS:
        raise BadExpression(f"ComparisonOperator {alarm.comparison_operator} is not evaluated here")
    periods = int(alarm.evaluation_periods)
    stats, expressions, watched = _queries(alarm) if alarm.metric_data_queries else _alone(alarm)
    default = Missing.IGNORE if _only_of(stats, _ALWAYS_IGNORED) else Missing.MISSING
    found = Definition(
        rule=Rule(
            periods=periods,
            alarming=int(alarm.datapoints_to_alarm or periods),
            missing=Missing(alarm.treat_missing_data) if alarm.treat_missing_data else default,
        ),
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        period=max((stat.period for stat in stats.values()), default=60),
        stats=stats,
        expressions=expressions,
        watched=watched,
    )
    found.values(Figures(()), now=0.0, scale=1.0)
    return found


def _alone(alarm: Any) -> tuple[dict[str, Stat], dict[str, str], str]:
    dimensions = frozenset((each.name, each.value) for each in alarm.dimensions)
    stat = Stat(
        metric=Metric(alarm.namespace, alarm.metric_name, dimensions),
        period=int(alarm.period),
        statistic=alarm.extended_statistic or alarm.statistic,
        unit=alarm.unit,
    )
    return {"m": stat}, {}, "m"


def _queries(alarm: Any) -> tuple[dict[str, Stat], dict[str, str], str]:
    stats, expressions, returned = {}, {}, []
    for query in alarm.metric_data_queries:
        if query.return_data is None or query.return_data in (True, "true"):
            returned.append(query.id)
        if query.expression:
            expressions[query.id] = query.expression
            continue
        of, metric = query.metric_stat, query.metric_stat.metric
        dimensions = frozenset((each.name, each.value) for each in metric.dimensions)
        stats[query.id] = Stat(
            metric=Metric(metric.namespace, metric.metric_name, dimensions),
            period=int(of.period),
            statistic=of.stat,
            unit=of.unit,
        )
    if len(returned) != 1:
        raise BadExpression("exactly one of Metrics must have ReturnData true")
    if len({stat.period for stat in stats.values()}) > 1:
        raise BadExpression("all of Metrics must have the same Period")
    return stats, expressions, returned[0]


def _only_of(stats: Mapping[str, Stat], namespace: str) -> bool:
    return bool(stats) and all(stat.metric.namespace == namespace for stat in stats.values())
