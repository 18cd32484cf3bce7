"""Figures of CloudWatch as they are asked for: by their own metric, dimensions, period and statistic."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.local_cloud.support.local_aws import LocalAws

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put(aws: LocalAws, namespace: str, name: str, arm: str, minute: int, value: float) -> None:
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": "arm", "Value": arm}],
        "Timestamp": BEGIN + timedelta(minutes=minute),
        "Value": value,
    }
    aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def query(
    id_: str, namespace: str, name: str, arm: str, period: int, statistic: str = "Sum"
) -> dict[str, Any]:
    dimensions = [{"Name": "arm", "Value": arm}]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def figures(aws: LocalAws, *queries: dict[str, Any]) -> dict[str, list[float]]:
    results = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=list(queries), StartTime=BEGIN, EndTime=BEGIN + timedelta(hours=1)
    )["MetricDataResults"]
    return {result["Id"]: result["Values"] for result in results}


def test_each_query_has_the_figures_of_its_metric(aws: LocalAws) -> None:
    data = (("Asked", "a", 1.0), ("Asked", "b", 20.0), ("Failed", "a", 300.0), ("Asked", "a", 4000.0))
    for namespace, factor in (("One", 1), ("Other", 7)):
        for minute, (name, arm, value) in enumerate(data):
            put(aws, namespace, name, arm, minute, value * factor)

    assert figures(
        aws,
        query("a", "One", "Asked", "a", 60),
        query("b", "One", "Asked", "b", 3600),
        query("c", "Other", "Failed", "a", 60),
        query("d", "One", "Nothing", "a", 60),
    ) == {"a": [4000.0, 1.0], "b": [20.0], "c": [2100.0], "d": []}


def test_percentiles_lie_where_so_many_of_the_values_are_below(aws: LocalAws) -> None:
    for number in range(101):
        put(aws, "Times", "Took", "a", number % 50, float(number))

    [p50], [p95], [p99_9], [p100] = figures(
        aws,
        *(
            query(f"q{n}", "Times", "Took", "a", 3600, f"p{n}".replace("_", "."))
            for n in (50, 95, "99_9", 100)
        ),
    ).values()

    assert abs(p50 - 50) <= 1 and abs(p95 - 95) <= 1
    assert p95 < p99_9 <= p100 == 100
