"""CloudWatch's figures, found sooner: moto looks through all data of the time for each period of a query."""

from types import SimpleNamespace
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from local_cloud.ground.patching import replace


def install() -> None:
    """Each query sees the data of its own metric only; expressions, which look at other queries, are left."""

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
