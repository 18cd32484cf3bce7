"""Alarms of the notification workflows: runs that end badly, messages that fail or are in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.ground.alarm import alarm, queue_alarm
from constructs.ground.construct_id import construct_id_of
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.ground.python_function import PythonFunction
from constructs.notifications.workflow import RUN_FAILED, NotificationWorkflow

_CHANNELS = ("push", "email")
_REDRIVE = "Remove the cause, then redrive the execution within 14 days: nobody is told twice."


@dataclass(frozen=True, kw_only=True)
class NotificationAlarmsProps:
    """functions: by the step's name. unsent: none sends no e-mails.
    failed: messages of a channel and run from which on somebody is told."""

    workflows: tuple[NotificationWorkflow, ...]
    functions: Mapping[str, PythonFunction]
    dead_letters: sqs.IQueue
    unsent: sqs.IQueue | None
    metrics: PipelineMetrics
    topic: sns.ITopic
    failed: int = 50


class NotificationAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: NotificationAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        for workflow in props.workflows:
            name = construct_id_of(workflow.notification)
            place = Construct(self, name)
            self._runs(place, workflow)
            for channel in _CHANNELS:
                self._messages(place, workflow, channel)
        FunctionAlarms(self, "Steps", functions=props.functions, topic=props.topic)
        queue_alarm(
            self,
            "DeadLetters",
            props.dead_letters,
            topic=props.topic,
            remedy="A start or a message was not delivered",
            what="A scheduled start of notifications, or a message about its ending, was not delivered.",
            todo="The message in the queue names the schedule or the execution, its attributes the error. "
            "Start the run by hand, or see how it ended; then delete the message.",
        )
        if props.unsent:
            queue_alarm(
                self,
                "Unsent",
                props.unsent,
                topic=props.topic,
                remedy="E-mails that SES could not send",
                what="SES has accepted e-mails and could not send them.",
                todo="The messages in the queue have its reason, most often a value that a template lacks. "
                "Mend it, then purge the queue; who was to get them is not told again this week.",
            )

    def _runs(self, place: Construct, workflow: NotificationWorkflow) -> None:
        machine, five_minutes = workflow.state_machine, cdk.Duration.minutes(5)
        for construct_id, metric, ending in (
            ("Failed", machine.metric_failed(statistic="Sum", period=five_minutes), "failed"),
            ("TimedOut", machine.metric_timed_out(statistic="Sum", period=five_minutes), "timed out"),
            ("Aborted", machine.metric_aborted(statistic="Sum", period=five_minutes), "was aborted"),
        ):
            alarm(
                place,
                construct_id,
                metric,
                topic=self._props.topic,
                remedy=RUN_FAILED,
                what=f"A run of the notification {workflow.notification} {ending} before everybody was told.",
                todo=_REDRIVE,
            )

    def _messages(self, place: Construct, workflow: NotificationWorkflow, channel: str) -> None:
        def metric(name: str) -> cloudwatch.Metric:
            return self._props.metrics.metric(name, workflow.use_case, channel=channel)

        alarm(
            place,
            f"Failed{channel.capitalize()}",
            metric("Failed"),
            topic=self._props.topic,
            threshold=self._props.failed,
            remedy="Messages were refused",
            what=f"{self._props.failed} or more {channel} messages of {workflow.notification} were refused.",
            todo="The run's record under runs/notifications counts them by the provider's reason.",
        )
        alarm(
            place,
            f"Uncertain{channel.capitalize()}",
            metric("Uncertain"),
            topic=self._props.topic,
            remedy="Messages that may have left",
            what=f"{channel.capitalize()} messages of {workflow.notification} may or may not have left.",
            todo='They are not sent again; start a run with {"resendUncertain": true} if they should be.',
        )
