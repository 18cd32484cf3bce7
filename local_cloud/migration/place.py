"""The demo's stage on the local cloud, and what is done there: deployments, runs, commands, looks."""

import io
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.derived.names import events_queue_name, name_in, serving_table_name
from local_cloud import outbox
from local_cloud.demo import serving_table
from local_cloud.ground.clients import client
from local_cloud.ground.clock import Clock
from local_cloud.lifecycle.cdk import Deployment
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import ServingApi
from local_cloud.machine.commands import Commands
from local_cloud.migration.stage import STAGE, USE_CASE
from operations import cli
from operations.arguments import Known
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from pipeline.ramping.measured import Measured, measured, report_key

RETRAINING = name_in(STAGE.name, USE_CASE)
RAMP, MEASUREMENT = f"{RETRAINING}-ramp", f"{RETRAINING}-measurement"
TABLE = serving_table_name(STAGE.name)
_ASKED = re.compile(r"--topic-arn (\S+) --token (\S+)")
_PATIENCE_SECONDS = 180.0
_KNOWN = Known((STAGE,), (USE_CASE,))


class PartFailed(RuntimeError):
    """Something of the story did not come about; the message says what."""


@dataclass(frozen=True)
class Place:
    cloud: Cloud
    clock: Clock
    commands: Commands

    @property
    def folder(self) -> Path:
        return self.cloud.state.path / "migration"

    def client(self, service: str) -> Any:
        return client(self.cloud.settings, service)

    def deployment(self, part: str) -> Deployment:
        made = self.folder / "cdk.out" / part
        return Deployment(self.cloud.settings, STAGE, self.commands, made=made)

    def output(self, stack: str, name: str) -> str:
        """Of a stack, by the last part of its name."""
        found = self.client("cloudformation").describe_stacks(
            StackName=f"{STAGE.id_in(STAGE.region)}-{stack}"
        )
        outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Stacks"][0]["Outputs"]}
        return str(outputs[name])

    def api(self) -> ServingApi:
        return ServingApi(self.cloud.settings, self.output("Serving", "ApiUrl"))

    def upload(self, files: Mapping[str, str]) -> None:
        """CSV by dataset, from which a stage without a database takes it."""
        bucket = self.output("Data", "DataBucketName")
        for name, text in files.items():
            self.client("s3").put_object(
                Bucket=bucket, Key=f"uploads/{USE_CASE}/{name}.csv", Body=text.encode()
            )

    def run(self, machine: str) -> dict[str, Any]:
        """As its schedule starts it, to its good end; its output. Raises: PartFailed."""
        arn = self.start(machine)
        ended = eventually(lambda: self._ended(arn), f"{machine} has ended")
        if ended["status"] != "SUCCEEDED":
            raise PartFailed(f"{machine} {ended['status']}: {ended.get('error')} {ended.get('cause')}")
        return dict(json.loads(ended["output"]))

    def start(self, machine: str) -> str:
        """As its schedule does; the ARN of the execution."""
        target = self.target(f":stateMachine:{machine}")
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=target["Arn"], input=target["Input"]
        )
        return str(answer["executionArn"])

    def target(self, ending: str) -> dict[str, Any]:
        """Of the schedule of the stage whose target's ARN ends so, or has it within. Raises: PartFailed."""
        scheduler = self.client("scheduler")
        for page in scheduler.get_paginator("list_schedules").paginate():
            for entry in page["Schedules"]:
                if not entry["Target"]["Arn"].endswith(ending):
                    continue
                schedule = scheduler.get_schedule(Name=entry["Name"], GroupName=entry["GroupName"])
                return dict(schedule["Target"])
        raise PartFailed(f"no schedule has a target {ending}")

    def watch(self) -> dict[str, Any]:
        """Called once, as every five minutes. Raises: PartFailed."""
        resources = self.client("cloudformation").get_paginator("list_stack_resources")
        pages = resources.paginate(StackName=f"{STAGE.id_in(STAGE.region)}-Experiments")
        [name] = [
            one["PhysicalResourceId"]
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceType"] == "AWS::Lambda::Function" and "Watch" in one["LogicalResourceId"]
        ]
        target = self.target(f":function:{name}")
        answer = self.client("lambda").invoke(FunctionName=name, Payload=target["Input"].encode())
        found = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise PartFailed(f"the watch failed: {found}")
        return dict(found)

    def operations(self, *words: str, most: int = 0) -> str:
        """`python -m operations ...` by the cloud's clock; what it printed. most: the highest exit code
        that is no failure. Raises: PartFailed.
        """
        text = io.StringIO()
        with chdir(self.folder), redirect_stdout(text), redirect_stderr(text):
            code = cli.main(words, clock=lambda: self.clock.now().timestamp(), known=_KNOWN)
        if code > most:
            raise PartFailed(f"`operations {' '.join(words)}` ended with {code}:\n{text.getvalue()}")
        return text.getvalue()

    def experiments(self) -> ExperimentStore:
        return ExperimentStore(self.client("dynamodb"), TABLE, USE_CASE)

    def experiment(self) -> Experiment:
        """Raises: PartFailed, if there is none."""
        found = self.experiments().current()
        if found is None:
            raise PartFailed("there is no experiment")
        return found

    def of_measurement(self) -> Measured:
        """What is measured of the experiment as it is now. Raises: PartFailed, if nothing is."""
        of = measured(self.experiment(), list(self.experiments().history()))
        if of is None:
            raise PartFailed("nothing is measured of the experiment")
        return of

    def report(self, of: Measured) -> dict[str, Any]:
        """The newest measurement."""
        s3, bucket = self.client("s3"), self.output("Data", "DataBucketName")
        body = s3.get_object(Bucket=bucket, Key=report_key(USE_CASE, of))["Body"]
        return dict(json.loads(body.read()))

    def generations(self, variant: str) -> Generations:
        return Generations(
            self.client("dynamodb"), TABLE, USE_CASE, variant, lambda: self.clock.now().timestamp()
        )

    def served(self, variant: str, people: tuple[str, ...]) -> serving_table.Served | None:
        return serving_table.read(self.client("dynamodb"), TABLE, USE_CASE, variant, people)

    def confirm_mails(self) -> None:
        """Subscriptions of the topic, as whoever reads the outbox does."""
        for email in outbox.emails(self.cloud.state.path):
            if email.topic and (asked := _ASKED.search(email.text)):
                self.client("sns").confirm_subscription(TopicArn=asked[1], Token=asked[2])

    def until_counted(self) -> None:
        """Every event that was posted has left the queue. Raises: PartFailed."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=events_queue_name(STAGE.name))["QueueUrl"]
        names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]

        def empty() -> bool:
            counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            return not any(int(count) for count in counts.values())

        eventually(empty, "the queue of events is empty")

    def _ended(self, arn: str) -> dict[str, Any] | None:
        found: dict[str, Any] = self.client("stepfunctions").describe_execution(executionArn=arn)
        return None if found["status"] == "RUNNING" else found


def eventually(look: Callable[[], Any], what: str, *, pause: float = 0.2) -> Any:
    """What is found, once it is. Raises: PartFailed, at the end of all patience."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > until:
            raise PartFailed(f"after {_PATIENCE_SECONDS:.0f} s still not: {what}")
        time.sleep(pause)
    return found
