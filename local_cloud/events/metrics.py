"""CloudWatch's figures: percentiles, which moto does not know, and for each query its own metric's data."""

import re
from types import SimpleNamespace
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, Statistics

from local_cloud.ground.patching import replace

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_others = Statistics.get_statistics_for_type


def percentile(values: list[float], share: float) -> float:
    """Between the two nearest ones in proportion. share: 0 to 1."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def statistic(of: Any, name: str) -> Any:
    """In the place of moto's. None: nothing was put, or sums only, which have no percentiles."""
    asked = _PERCENTILE.fullmatch(name)
    if asked is None:
        return _others(of, name)
    values = of.metric_single_values_list
    return percentile(values, float(asked[1]) / 100) if values else None


def install() -> None:
    """moto looks through all data of the time for each period of a query, and mixes namespaces where there
    are dimensions. Expressions, which look at other queries, are left to it.
    """

    def get_metric_data(self: Any, queries: list[dict[str, Any]], *times: Any, **named: Any) -> list[Any]:
        if not all("MetricStat" in query for query in queries):
            return list(stock(self, queries, *times, **named))
        everything = self.get_all_metrics()
        found = []
        for query in queries:
            metric = query["MetricStat"]["Metric"]
            wanted = metric["Namespace"], metric["MetricName"]
            mine = [datum for datum in everything if (datum.namespace, datum.name) == wanted]
            found += stock(SimpleNamespace(get_all_metrics=lambda mine=mine: mine), [query], *times, **named)
        return found

    stock = replace(CloudWatchBackend, "get_metric_data", get_metric_data)
    replace(Statistics, "get_statistics_for_type", statistic)
