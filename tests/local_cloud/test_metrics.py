"""Figures of CloudWatch as they are asked for together, by their own metric, dimensions and period."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.local_cloud.support.local_aws import LocalAws

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def asked(id_: str, namespace: str, name: str, period: int, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}


def test_each_query_has_the_figures_of_its_metric_and_expressions_those_of_the_others(aws: LocalAws) -> None:
    cloudwatch = aws.client("cloudwatch")
    for namespace in ("One", "Other"):
        for minute, (name, arm, value) in enumerate(
            (("Asked", "a", 1.0), ("Asked", "b", 20.0), ("Failed", "a", 300.0), ("Asked", "a", 4000.0))
        ):
            datum = {
                "MetricName": name,
                "Dimensions": [{"Name": "arm", "Value": arm}],
                "Timestamp": BEGIN + timedelta(minutes=minute),
                "Value": value * (1 if namespace == "One" else 7),
            }
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    queries = [
        asked("a", "One", "Asked", 60, arm="a"),
        asked("b", "One", "Asked", 3600, arm="b"),
        asked("c", "Other", "Failed", 60, arm="a"),
        asked("d", "One", "Nothing", 60, arm="a"),
    ]
    for more in ([], [{"Id": "e", "Expression": "a + a"}]):
        results = cloudwatch.get_metric_data(
            MetricDataQueries=[*queries, *more], StartTime=BEGIN, EndTime=BEGIN + timedelta(hours=1)
        )["MetricDataResults"]
        found = {result["Id"]: result["Values"] for result in results}
        assert {id_: found[id_] for id_ in "abcd"} == {
            "a": [4000.0, 1.0],
            "b": [20.0],
            "c": [2100.0],
            "d": [],
        }
