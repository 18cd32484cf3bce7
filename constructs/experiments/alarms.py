"""Alarms of experiments: functions that fail, a watch that does not look, calls that were not delivered."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.ground.alarm import LESS_THAN, alarm, queue_alarm
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.python_function import PythonFunction


@dataclass(frozen=True, kw_only=True)
class ExperimentAlarmsProps:
    """functions: by the step's name. watch: of them, the one that must be called every so many minutes."""

    functions: Mapping[str, PythonFunction]
    watch: PythonFunction
    watch_minutes: int
    dead_letters: sqs.IQueue
    topic: sns.ITopic


class ExperimentAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ExperimentAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        FunctionAlarms(self, "Steps", functions=props.functions, topic=props.topic)
        minutes = 3 * props.watch_minutes
        alarm(
            self,
            "WatchIsSilent",
            props.watch.function.metric_invocations(statistic="Sum", period=cdk.Duration.minutes(minutes)),
            topic=props.topic,
            comparison=LESS_THAN,
            missing=cloudwatch.TreatMissingData.BREACHING,
            remedy="Nobody watches the experiments",
            what=f"Nobody has watched the experiments for {minutes} minutes: nobody is brought back.",
            todo="See whether the schedules are enabled and may call the function. Until then, by hand: "
            "python -m operations experiment back.",
        )
        queue_alarm(
            self,
            "DeadLetters",
            props.dead_letters,
            topic=props.topic,
            remedy="A start or a message was not delivered",
            what="A call of the watch, or a start of a ramp or a measurement, was not delivered.",
            todo="The message in the queue names the schedule or the execution, its attributes the error. "
            "The next one follows by itself; delete the message.",
        )
