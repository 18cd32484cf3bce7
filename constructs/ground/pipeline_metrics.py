"""The metrics that the functions write, as CloudWatch knows them."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "Recommendations"


@dataclass(frozen=True)
class PipelineMetrics:
    """Metrics of one stage, by use case and what else tells them apart."""

    stage: str

    def metric(
        self, name: str, use_case: str, *, statistic: str = "Sum", **dimensions: str
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"stage": self.stage, "use_case": use_case, **dimensions},
            statistic=statistic,
            period=cdk.Duration.hours(1),
        )
