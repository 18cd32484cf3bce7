"""A stage of two regions as its operators reach it: AWS in memory, which may be gone, but for state machines
and Amazon Personalize, which answer what they are told to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError

from operations.cli import parser
from operations.regions import command, places
from pipeline.generations import Generations
from pipeline.regions.epochs import Epochs, Note
from pipeline.switching.schedules import Schedules
from pipeline.terms import Term
from tests.support import tables

WEST, CENTRAL = "eu-west-1", "eu-central-1"
REGIONS = ["--stage", "dev", "--regions", f"{WEST},{CENTRAL}"]
TABLE = "recs-dev-serving"
NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""


@cache
def aws_client(region: str, service: str) -> Any:
    return boto3.client(service, region_name=region, aws_access_key_id="t", aws_secret_access_key="t")


class Gone:
    def __init__(self, region: str) -> None:
        self.region = region

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            raise EndpointConnectionError(endpoint_url=f"https://{self.region}")

        return call


@dataclass
class Machines:
    """Step Functions: what is begun has ended well, unless it is to fail."""

    begun: list[dict[str, Any]] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    cause: str = ""

    def list_executions(self, **_: Any) -> Any:
        return {"executions": [{"executionArn": arn} for arn in self.running]}

    def start_execution(self, *, stateMachineArn: str, input: str) -> Any:
        self.begun.append({"machine": stateMachineArn, **json.loads(input)})
        return {"executionArn": "the-execution"}

    def describe_execution(self, **_: Any) -> Any:
        return {"status": "FAILED" if self.cause else "SUCCEEDED", "cause": self.cause}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> Iterator[Any]:
        step = {"title": "Start the schedules", "words": "2 of 2 turned on"}
        times = {"began": "2027-01-15T08:00:00.000Z", "ended": "2027-01-15T08:00:01.500Z"}
        payload = {"Payload": {"switch": {"epoch": 7, "steps": [step | times]}}}
        yield {
            "events": [
                {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Verify"}},
                {
                    "type": "TaskSucceeded",
                    "taskSucceededEventDetails": {"output": json.dumps(payload)},
                },
            ]
        }


class Trained:
    """Amazon Personalize, whose trainings have taken an hour and a half each."""

    def list_solution_versions(self, *, solutionArn: str) -> Any:
        version = {"solutionVersionArn": f"{solutionArn}/1", "status": "ACTIVE", "creationDateTime": 1}
        return {"solutionVersions": [version]}

    def describe_solution_version(self, **_: Any) -> Any:
        return {"solutionVersion": {"trainingHours": 1.5}}


@dataclass
class World:
    machines: Machines = field(default_factory=Machines)
    gone: set[str] = field(default_factory=set)
    typed: list[str] = field(default_factory=list)

    @classmethod
    def made(cls) -> World:
        stage = places.stage_named("dev", f"{WEST},{CENTRAL}")
        for region in (WEST, CENTRAL):
            tables.create(aws_client(region, "dynamodb"), TABLE)
            for name in stage.estate(region).schedules:
                aws_client(region, "scheduler").create_schedule(
                    Name=name,
                    ScheduleExpression="rate(1 day)",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    State="ENABLED" if region == WEST else "DISABLED",
                    Target={
                        "Arn": f"arn:aws:states:{region}:1:stateMachine:x",
                        "RoleArn": "arn:aws:iam::1:role/x",
                    },
                )
        return cls()

    def clients(self, region: str, service: str) -> Any:
        if region in self.gone:
            return Gone(region)
        ours = {"stepfunctions": self.machines, "personalize": Trained()}
        return ours.get(service) or aws_client(region, service)

    def run(self, *arguments: str) -> int:
        options = parser().parse_args(["region", *arguments])
        return command.run(
            options, self.clients, clock=lambda: NOW, sleep=lambda _: None, ask=lambda _: self.typed.pop()
        )

    def epochs(self, region: str) -> Epochs:
        return Epochs(aws_client(region, "dynamodb"), TABLE, region, WEST, clock=lambda: NOW)

    def switched(self, lost: bool = False) -> None:
        """To CENTRAL, and both have heard of it unless WEST is gone."""
        for region in (CENTRAL,) if lost else (WEST, CENTRAL):
            epochs = replace(self.epochs(CENTRAL), client=aws_client(region, "dynamodb"))
            epochs.take_over(Note(by="ann", why="a drill"), others={WEST: self.epochs(WEST)}, lost=[WEST])
        self.turn(CENTRAL, "ENABLED")

    def turn(self, region: str, state: str) -> None:
        stage = places.stage_named("dev", f"{WEST},{CENTRAL}")
        Schedules(aws_client(region, "scheduler"), stage.estate(region).schedules).turn(state)


def publish(region: str, generation: str, term: Term) -> None:
    client = aws_client(region, "dynamodb")
    of = Generations(client, TABLE, "posts", "personalize", lambda: NOW, term)
    of.publish(generation, users=1)
