"""What watches the training of a stage: alarms that tell its topic, and one dashboard."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.events.alarms import EventAlarms, event_widgets
from constructs.events.conversion import ConversionAlarm, ConversionMetrics, conversion_widgets
from constructs.ground.alarm import queue_alarm
from constructs.ground.construct_id import construct_id_of
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.models.first_deployments import FirstDeployments
from constructs.notifications.widgets import notification_widgets
from constructs.serving.region_metrics import active_metric, region_widgets
from constructs.storage.copy_alarms import CopyAlarms, CopyAlarmsProps
from constructs.storage.data_bucket import COPIED
from constructs.storage.table_alarms import TableAlarms, TableAlarmsProps
from constructs.training.alarms import WorkflowAlarms, WorkflowAlarmsProps
from constructs.training.campaign_alarm import CampaignAlarm, CampaignAlarmProps, campaign_widgets
from constructs.training.dashboard import DashboardUseCase, TrainingDashboard, TrainingDashboardProps

from config.derived.names import app_name
from config.schema import StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.api_watch import watch_api
from stacks.props.canary import region_metrics
from stacks.props.function_environment import step_environment
from stacks.props.spending import limit_of
from stacks.props.variants_rows import variants_rows
from stacks.serving import ServingStack
from stacks.tracking import TrackingStack, conversion_props
from stacks.training import TrainingStack


class ObservabilityStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        data: DataStack,
        training: TrainingStack,
        tracking: TrackingStack,
        serving: ServingStack,
        notified: Sequence[str] = (),
    ) -> None:
        """notified: use cases whose lists people are told of."""
        super().__init__(
            scope, construct_id, description=f"Recommendations, {stage.name}: alarms and dashboard"
        )
        topic = training.topic.topic
        metrics = PipelineMetrics(stage.name)
        datasets = {use_case.name: tuple(kind.value for kind in use_case.datasets) for use_case in use_cases}
        begins = data.active.regions[0] == stage.region
        active = active_metric(stage.name) if len(data.active.regions) > 1 else None
        idle_days = {
            use_case.name: campaign.idle_days
            for use_case in use_cases
            if (campaign := use_case.campaign_in(stage.name)) and campaign.idle_days
        }
        campaigns = {name: model.campaign_arn for name, model in data.models.items() if model.campaign_arn}
        first = None
        if idle_days or (begins and any(use_case.by_engine for use_case in use_cases)):
            first = FirstDeployments(
                self,
                "FirstDeployments",
                environment=step_environment(stage),
                metrics=metrics,
                retain_logs=stage.keeps_data,
            )
        for use_case in use_cases:
            WorkflowAlarms(
                self,
                construct_id_of(use_case.name),
                WorkflowAlarmsProps(
                    workflow=training.workflows[use_case.name],
                    metrics=metrics,
                    topic=topic,
                    datasets=datasets[use_case.name],
                    interval_hours=stage.schedule.interval_hours,
                    begins=begins,
                    active=active,
                    deployments=data.settings.deployments if use_case.personalize and data.settings else None,
                    first_deployments=first,
                    budgeted=bool(use_case.personalize and limit_of(stage, use_case)),
                ),
            )
        for name, days in idle_days.items():
            assert first
            CampaignAlarm(
                self,
                f"{construct_id_of(name)}Campaign",
                CampaignAlarmProps(
                    workflow=training.workflows[name],
                    campaign_arn=campaigns[name],
                    first_deployments=first,
                    metrics=metrics,
                    topic=topic,
                    interval_hours=stage.schedule.interval_hours,
                    idle_days=days,
                ),
            )
        FunctionAlarms(self, "Steps", functions=training.functions.watched, topic=topic)
        TableAlarms(
            self,
            "Serving",
            TableAlarmsProps(table_name=data.table.name, topic=topic, receiving_regions=stage.other_regions),
        )
        if data.receivers:
            CopyAlarms(
                self,
                "Copies",
                CopyAlarmsProps(
                    bucket_name=data.bucket.bucket.bucket_name,
                    receivers=data.receivers,
                    prefixes=COPIED,
                    topic=topic,
                ),
            )
        queue_alarm(
            self,
            "DeadLetters",
            training.dead_letters.queue,
            topic=topic,
            remedy="A start or a message was not delivered",
            what="A scheduled start of a training run, or a message about its ending, was not delivered.",
            todo="The message in the queue names the schedule or the execution, its attributes the error. "
            "Start the run by hand, or see how it ended; then delete the message.",
        )
        dashboard = TrainingDashboard(
            self,
            "Training",
            TrainingDashboardProps(
                name=f"{app_name(stage.name)}-{stage.region}",
                use_cases=tuple(
                    DashboardUseCase(
                        workflow=training.workflows[use_case.name],
                        datasets=datasets[use_case.name],
                        offline_metric=use_case.judgement.metric,
                    )
                    for use_case in use_cases
                ),
                functions=training.functions.shared,
                table_name=data.table.name,
                metrics=metrics,
            ),
        )
        told = notification_widgets(notified, metrics) if notified else []
        for row in (*variants_rows(use_cases, metrics), campaign_widgets(campaigns), told):
            if row:
                dashboard.dashboard.add_widgets(*row)
        self._track(stage, use_cases, tracking, topic, dashboard.dashboard)
        watch_api(
            self, stage, serving.api, serving.serving.use_cases, serving.functions, topic, dashboard.dashboard
        )
        # Last, so that everything else stands where it stands in stages of one region.
        if stage.api.canary.enabled and stage.other_regions:
            for row in region_widgets(region_metrics(stage), data.table.name):
                dashboard.dashboard.add_widgets(*row)
        cdk.CfnOutput(
            self,
            "DashboardName",
            value=dashboard.dashboard.dashboard_name,
            description="CloudWatch dashboard of this stage and region",
        )

    def _track(
        self,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        tracking: TrackingStack,
        topic: sns.ITopic,
        dashboard: cloudwatch.Dashboard,
    ) -> None:
        EventAlarms(self, "Events", queue=tracking.queue, topic=topic)
        FunctionAlarms(
            self, "Tracking", functions={"consume_events": tracking.consumer.consumer}, topic=topic
        )
        metrics, tracked = ConversionMetrics(stage.name), conversion_props(stage, use_cases)
        for props in tracked:
            name = construct_id_of(props.use_case)
            ConversionAlarm(self, f"{name}Conversion", props, metrics=metrics, topic=topic)
        for row in (*conversion_widgets(metrics, tracked), event_widgets(tracking.queue)):
            dashboard.add_widgets(*row)
