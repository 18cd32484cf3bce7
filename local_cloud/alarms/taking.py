"""CloudWatch takes what services have measured of themselves since the last minute."""

from typing import Any

from local_cloud.ground.tally import TALLY


def take(backend: Any) -> None:
    """Into moto's list of data, a datum for each metric."""
    by_namespace: dict[str, list[dict[str, Any]]] = {}
    for (_, namespace, metric, name, value), sums in TALLY.take(backend.region_name):
        datum = {
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value}],
            "StatisticValues": {
                "SampleCount": sums.count,
                "Sum": sums.total,
                "Minimum": sums.least,
                "Maximum": sums.most,
            },
        }
        by_namespace.setdefault(namespace, []).append(datum)
    for namespace, data in by_namespace.items():
        backend.put_metric_data(namespace, data)
