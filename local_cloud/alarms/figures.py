"""The data points of metrics, as CloudWatch keeps them here, found by metric and time."""

import math
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Statistics

from local_cloud.alarms.series import Series


@dataclass(frozen=True)
class Metric:
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Stat:
    """A statistic of a metric: each period's data become one value. `period` in seconds."""

    metric: Metric
    period: int
    statistic: str
    unit: str | None = None


@dataclass
class Figures:
    """An index over moto's list of all data, which only grows."""

    everything: Sequence[Any]
    _by_metric: dict[Metric, list[tuple[float, int, Any]]] = field(default_factory=dict)
    _read: int = 0

    def read(self) -> None:
        """What has come since the last time."""
        if len(self.everything) < self._read:
            self._by_metric.clear()
            self._read = 0
        for number, datum in enumerate(self.everything[self._read :], start=self._read):
            dimensions = frozenset((each.name, each.value) for each in datum.dimensions)
            metric = Metric(datum.namespace, datum.name, dimensions)
            insort(self._by_metric.setdefault(metric, []), (_seconds(datum.timestamp), number, datum))
            self._read = number + 1

    def has(self, metric: Metric, since: float) -> bool:
        """Whether there is data from then on. since: seconds since 1970."""
        data = self._by_metric.get(metric)
        return data is not None and data[-1][0] >= since

    def series(self, stat: Stat, *, end: float, seconds: float, length: int) -> Series:
        """The newest `length` periods, of which each takes so many seconds, until `end`."""
        data = self._by_metric.get(stat.metric, [])
        begin = end - length * seconds
        found: dict[int, list[Any]] = {}
        for place in range(bisect_left(data, (begin, -1)), len(data)):
            at, _, datum = data[place]
            period = math.floor((at - begin) / seconds)
            if period >= length:
                break
            if stat.unit is None or datum.unit == stat.unit:
                found.setdefault(period, []).append(datum)
        values = {period: _statistic(stat.statistic, these) for period, these in found.items()}
        known: Mapping[int, float] = {place: value for place, value in values.items() if value is not None}
        return Series(known, length, stat.period)


def _statistic(name: str, data: list[Any]) -> float | None:
    of = Statistics([name], datetime.now(tz=UTC))
    of.metric_data = data
    found = of.get_statistics_for_type(name)
    return None if found is None else float(found)


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
