"""Alarms of copies of objects on their way to other regions, in the region that they come from.

Metrics: Amazon S3 user guide, "Monitoring replication with metrics".
"""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import alarm
from constructs.storage.bucket_copies import Receiver, rule_id

_PERIOD = cdk.Duration.minutes(5)


@dataclass(frozen=True, kw_only=True)
class CopyAlarmsProps:
    """bucket_name: that is copied, by the rules of these prefixes. late_minutes: that a copy may take."""

    bucket_name: str
    receivers: tuple[Receiver, ...]
    prefixes: tuple[str, ...]
    topic: sns.ITopic
    late_minutes: int = 15


class CopyAlarms(Construct):
    """Two for each region that gets copies: of all of its rules together."""

    def __init__(self, scope: Construct, construct_id: str, props: CopyAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        for receiver in props.receivers:
            alarm(
                self,
                f"Late{receiver.region}",
                self._together(receiver, "ReplicationLatency", "Maximum", "MAX"),
                topic=props.topic,
                threshold=props.late_minutes * 60,
                periods=3,
                remedy="Another region is behind",
                what=f"Copies of data, events, models or records take over {props.late_minutes} minutes "
                f"to reach {receiver.region}: a switch would find them missing there.",
                todo="See the AWS Health Dashboard of both regions; the copies catch up by themselves.",
            )
            alarm(
                self,
                f"Failed{receiver.region}",
                self._together(receiver, "OperationsFailedReplication", "Sum", "SUM"),
                topic=props.topic,
                remedy="Objects were not copied",
                what=f"Amazon S3 could not copy some objects to {receiver.region}, and does not try again.",
                todo="See whether bucket and key are there, and what the role of the rules may do. Then have "
                "S3 Batch Replication copy what failed.",
            )

    def _together(
        self, receiver: Receiver, name: str, statistic: str, function: str
    ) -> cloudwatch.MathExpression:
        metrics: dict[str, cloudwatch.IMetric] = {
            prefix: cloudwatch.Metric(
                namespace="AWS/S3",
                metric_name=name,
                dimensions_map={
                    "SourceBucket": self._props.bucket_name,
                    "DestinationBucket": receiver.bucket_name,
                    "RuleId": rule_id(receiver.region, prefix),
                },
                statistic=statistic,
                period=_PERIOD,
            )
            for prefix in self._props.prefixes
        }
        return cloudwatch.MathExpression(
            expression=f"{function}([{', '.join(metrics)}])",
            using_metrics=metrics,
            label=f"{name} to {receiver.region}",
            period=_PERIOD,
        )
