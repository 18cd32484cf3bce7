"""What a region has that only serves: alarms on its copy of the table, which the primary's stack made."""

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.failure_topic import FailureTopic, FailureTopicProps
from constructs.serving.replica_dashboard import ReplicaDashboard, ReplicaDashboardProps
from constructs.storage.table_alarms import TableAlarms, TableAlarmsProps

from config.derived.names import app_name, serving_table_name
from config.schema import StageConfig
from stacks.props.api_watch import watch_api
from stacks.serving import ServingStack


class ReplicaStack(cdk.Stack):
    """How late the copies arrive is measured, and watched, in the primary region."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: StageConfig, region: str, serving: ServingStack
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: alarms and dashboard of a replica",
        )
        self.topic = topic = FailureTopic(
            self, "Failures", FailureTopicProps(title=app_name(stage.name), emails=stage.alarm_emails)
        )
        table = serving_table_name(stage.name)
        TableAlarms(self, "Serving", TableAlarmsProps(table_name=table, topic=topic.topic))
        dashboard = ReplicaDashboard(
            self,
            "Replica",
            ReplicaDashboardProps(
                # Not that of a region that trains: a region may become one.
                name=f"{app_name(stage.name)}-{region}-replica",
                table_name=table,
                primary_region=stage.region,
            ),
        )
        watch_api(
            self,
            stage,
            serving.api,
            serving.serving.use_cases,
            serving.functions,
            topic.topic,
            dashboard.dashboard,
        )
        cdk.CfnOutput(
            self,
            "DashboardName",
            value=dashboard.dashboard.dashboard_name,
            description="CloudWatch dashboard of this stage and region",
        )
        cdk.CfnOutput(
            self,
            "FailureTopicArn",
            value=topic.topic.topic_arn,
            description="Tells of this region's alarms; subscribe to it",
        )
