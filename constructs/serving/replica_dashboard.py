"""One page about a region that only serves: its copy of the table, and how far behind it is."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.storage.table_alarms import table_metric


@dataclass(frozen=True, kw_only=True)
class ReplicaDashboardProps:
    """name: holds stage and region. primary_region: where the copied writes come from."""

    name: str
    table_name: str
    primary_region: str


class ReplicaDashboard(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ReplicaDashboardProps) -> None:
        super().__init__(scope, construct_id)

        def here(name: str) -> cloudwatch.Metric:
            return table_metric(props.table_name, name)

        latency = table_metric(
            props.table_name,
            "ReplicationLatency",
            statistic="Average",
            region=props.primary_region,
            ReceivingRegion=cdk.Stack.of(self).region,
        )
        graphs: list[tuple[str, list[cloudwatch.IMetric]]] = [
            ("Read units", [here("ConsumedReadCapacityUnits")]),
            ("Throttled by the table", [here("ReadThrottleEvents"), here("WriteThrottleEvents")]),
            (f"Copying from {props.primary_region} (ms)", [latency]),
        ]
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.name,
            default_interval=cdk.Duration.days(14),
            widgets=[
                [
                    cloudwatch.GraphWidget(title=title, left=metrics, width=8, height=6)
                    for title, metrics in graphs
                ]
            ],
        )
