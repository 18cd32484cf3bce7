"""Alarms of the serving table in one region."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import alarm

_OPERATIONS = ("BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem")


@dataclass(frozen=True, kw_only=True)
class TableAlarmsProps:
    """receiving_regions: those that this region's writes are copied to. latency_seconds: a copy may take."""

    table_name: str
    topic: sns.ITopic
    receiving_regions: tuple[str, ...] = ()
    latency_seconds: int = 60


class TableAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: TableAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        for kind, todo in (
            (
                "Read",
                "Readers get popular items meanwhile. See whether a hot key is the cause.",
            ),
            ("Write", "Loading repeats what was refused. If it goes on, load fewer shards at a time."),
        ):
            alarm(
                self,
                f"{kind}Throttles",
                table_metric(props.table_name, f"{kind}ThrottleEvents"),
                topic=props.topic,
                remedy="A table is throttled",
                what=f"{kind}s of the table {props.table_name} were throttled.",
                todo=todo,
            )
        alarm(
            self,
            "SystemErrors",
            cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name.lower()}, 0)" for name in _OPERATIONS),
                label="System errors",
                period=cdk.Duration.minutes(5),
                using_metrics={
                    name.lower(): table_metric(props.table_name, "SystemErrors", Operation=name)
                    for name in _OPERATIONS
                },
            ),
            topic=props.topic,
            remedy="DynamoDB failed calls",
            what=f"DynamoDB itself failed calls to the table {props.table_name}.",
            todo="See the AWS Health Dashboard of the region; failed loads can simply be run again.",
        )
        for region in props.receiving_regions:
            alarm(
                self,
                f"Replication{region}",
                table_metric(
                    props.table_name, "ReplicationLatency", statistic="Average", ReceivingRegion=region
                ),
                topic=props.topic,
                threshold=props.latency_seconds * 1000,
                periods=3,
                remedy="Another region is behind",
                what=f"Writes to {props.table_name} take over {props.latency_seconds} s to reach {region}: "
                "its readers may not have the newest generation yet.",
                todo="See the AWS Health Dashboard of both regions; the copy catches up by itself.",
            )


def table_metric(
    table_name: str,
    name: str,
    *,
    statistic: str = "Sum",
    minutes: int = 5,
    region: str | None = None,
    **more: str,
) -> cloudwatch.Metric:
    """region: of the metric, if it is not the stack's own; only dashboards can look there."""
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=name,
        dimensions_map={"TableName": table_name, **more},
        statistic=statistic,
        period=cdk.Duration.minutes(minutes),
        region=region,
    )
