"""GetMetricData with expressions, as dashboards ask it: moto does not compute them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend

from local_cloud.alarms.definitions import computed
from local_cloud.alarms.errors import BadExpression
from local_cloud.alarms.series import Series
from local_cloud.ground.patching import replace

_INSIGHTS = "SELECT"


def install() -> None:
    """Raises: RuntimeError, if moto has nothing to mend."""

    def get_metric_data(
        self: Any,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[Any]:
        """Queries of Metrics Insights, which are no metric math, are left to moto."""
        expressions = {query["Id"]: query["Expression"] for query in queries if "Expression" in query}
        if not expressions or any(text.startswith(_INSIGHTS) for text in expressions.values()):
            return list(stock(self, queries, start_time, end_time, scan_by))
        asked = [{**query, "ReturnData": True} for query in queries if "MetricStat" in query]
        found = {each["id"]: each for each in stock(self, asked, start_time, end_time)}
        try:
            grid = _Grid.of(queries, start_time, end_time)
            metrics = {id_: grid.series(each) for id_, each in found.items()}
            for query in queries:
                if "Expression" in query:
                    value = computed(expressions, metrics, query["Id"])
                    found[query["Id"]] = grid.shown(query, value)
        except BadExpression as problem:
            raise ValidationError(f"Error in expression: {problem}") from None
        shown = [found[query["Id"]] for query in queries if query.get("ReturnData", True)]
        return [_turned(each) for each in shown] if scan_by == "TimestampDescending" else shown

    stock = replace(CloudWatchBackend, "get_metric_data", get_metric_data)


class _Grid:
    """The periods that are asked for."""

    def __init__(self, start: datetime, end: datetime, period: int) -> None:
        self._start = start.replace(microsecond=0)
        self._period = period
        self._length = -int((self._start - end.replace(microsecond=0)).total_seconds() // period)

    @classmethod
    def of(cls, queries: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> "_Grid":
        """Raises: BadExpression, if metrics have several periods."""
        periods = {int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query}
        if len(periods) > 1:
            raise BadExpression(f"metrics of one request with the periods {sorted(periods)}, and not one")
        own = [int(query["Period"]) for query in queries if query.get("Period")]
        return cls(start, end, periods.pop() if periods else max(own, default=300))

    def series(self, result: Mapping[str, Any]) -> Series:
        places = [
            int((moment - self._start).total_seconds() // self._period) for moment in result["timestamps"]
        ]
        values = (float(value) for value in result["values"])
        return Series(dict(zip(places, values, strict=True)), self._length, self._period)

    def shown(self, query: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """Raises: BadExpression, if it is no single time series."""
        if not isinstance(value, Series):
            raise BadExpression(f"{query['Id']} is no single time series")
        places = sorted(value.values)
        step = timedelta(seconds=self._period)
        return {
            "id": query["Id"],
            "label": query.get("Label") or query["Id"],
            "values": [value.values[place] for place in places],
            "timestamps": [self._start + place * step for place in places],
            "status_code": "Complete",
        }


def _turned(result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "values": result["values"][::-1], "timestamps": result["timestamps"][::-1]}
