"""What canaries see of regions: metrics of each region that asks, and what a dashboard draws of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.ground.pipeline_metrics import NAMESPACE
from constructs.storage.table_alarms import table_metric


@dataclass(frozen=True, kw_only=True)
class RegionMetrics:
    """regions: of the stage. minutes: between two looks of a canary."""

    stage: str
    regions: tuple[str, ...]
    minutes: int

    def seen(
        self, name: str, asking: str, asked: str, *, statistic: str, elsewhere: bool = False
    ) -> cloudwatch.Metric:
        """name: Available (percent), Latency (milliseconds) or ListAge (seconds). asking: whose metric it is.
        elsewhere: also in another region's dashboard; alarms cannot look there.
        """
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"stage": self.stage, "from_region": asking, "to_region": asked},
            statistic=statistic,
            period=cdk.Duration.minutes(self.minutes),
            # An alarm on a metric with a label would be one on an expression.
            label=f"{asking} to {asked}" if elsewhere else None,
            region=asking if elsewhere else None,
        )


def active_metric(stage: str) -> cloudwatch.Metric:
    """1 in an hour in which this region was the active one, by its own copy of the table."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name="ActiveRegion",
        dimensions_map={"stage": stage},
        statistic="Maximum",
        period=cdk.Duration.hours(1),
    )


def region_widgets(metrics: RegionMetrics, table_name: str) -> list[list[cloudwatch.IWidget]]:
    """Rows about all regions, whichever of them shows the page. table_name: of what is copied."""
    pairs = [(asking, asked) for asking in metrics.regions for asked in metrics.regions]
    available = [metrics.seen("Available", *pair, statistic="Average", elsewhere=True) for pair in pairs]
    latency = [metrics.seen("Latency", *pair, statistic="Average", elsewhere=True) for pair in pairs]
    ages = [
        metrics.seen("ListAge", region, region, statistic="Maximum", elsewhere=True)
        for region in metrics.regions
    ]
    copying: list[cloudwatch.IMetric] = [
        table_metric(
            table_name, "ReplicationLatency", statistic="Average", region=asking, ReceivingRegion=asked
        )
        for asking, asked in pairs
        if asking != asked
    ]
    return [
        [_graph("Regions: available (%)", available), _graph("Regions: latency (ms)", latency)],
        [_graph("Regions: oldest lists (s)", ages), _graph("Regions: copying (ms)", copying)],
    ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12, height=6)
