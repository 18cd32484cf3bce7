"""A stage in two regions that can be switched: tables, schedules and state machines in memory, and the code
of the functions behind a client that carries JSON as Lambda does.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError

from config.derived.switching import SWITCH_STEPS
from pipeline.generations import Generations
from pipeline.regions.epochs import Epochs
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket
from pipeline.switching.acting import Place, act
from pipeline.switching.leading import Actors, Leader
from pipeline.switching.marks import Marks
from pipeline.switching.schedules import Schedules
from pipeline.switching.switch import Switch
from steps.switching.requests import ActRequest, read_request
from tests.app.support.regions.copied_tables import Region, Tables

WEST, CENTRAL = "eu-west-1", "eu-central-1"
SCHEDULES = ("recs-shop-posts", "recs-shop-news")
MACHINE = "recs-shop-posts"
SERVED = [("posts", "own")]
_ROLE = "arn:aws:iam::123456789012:role/schedules"
_MACHINES = "arn:aws:states:{}:123456789012:stateMachine:recs-shop-posts"


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, aws_access_key_id="t", aws_secret_access_key="t")


@dataclass
class SwitchedStage:
    """The primary is WEST. delivering: whether copies arrive between two calls."""

    tables: Tables
    now: float = 1_800_000_000.0
    delivering: bool = True
    calls: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda region, step: None
    """is told of each call before it acts; what it raises, the call does"""

    @classmethod
    def made(cls) -> SwitchedStage:
        stage = cls(Tables.made((WEST, CENTRAL)))
        for region in (WEST, CENTRAL):
            scheduler, machines = _client("scheduler", region), _client("stepfunctions", region)
            for name in SCHEDULES:
                scheduler.create_schedule(
                    Name=name,
                    Description=f"Retrains {name}",
                    ScheduleExpression="cron(0 3 * * ? *)",
                    ScheduleExpressionTimezone="Europe/Berlin",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    State="ENABLED" if region == WEST else "DISABLED",
                    Target={"Arn": _MACHINES.format(region), "RoleArn": _ROLE, "Input": '{"force": false}'},
                )
            machines.create_state_machine(name=MACHINE, definition="{}", roleArn=_ROLE)
            _client("s3", region).create_bucket(
                Bucket=f"data-{region}", CreateBucketConfiguration={"LocationConstraint": region}
            )
        return stage

    def place(self, name: str) -> Place:
        region = self.tables.regions[name]
        other = self.tables.other(name).name
        epochs = Epochs(region, region.table, name, WEST, clock=lambda: self.now)
        asked = Epochs(self.tables.asked(other), region.table, other, WEST)
        return Place(
            fence=Fence(epochs, {other: asked}),
            schedules=Schedules(_client("scheduler", name), SCHEDULES),
            marks=Marks(region, [region.table], number=3),
            machines=_client("stepfunctions", name),
            runs=[_MACHINES.format(name)],
            served=SERVED,
            bucket=Bucket(_client("s3", name), f"data-{name}"),
            clock=lambda: self.now,
        )

    def fence(self, name: str) -> Fence:
        return self.place(name).fence

    def states(self, name: str) -> set[str | None]:
        return set(self.place(name).schedules.states().values())

    def schedule(self, region: str, name: str) -> dict[str, Any]:
        found = _client("scheduler", region).get_schedule(Name=name)
        return {key: value for key, value in found.items() if key in ("Description", "Target", "State")}

    def record(self, region: str, run: str) -> Any:
        return Bucket(_client("s3", region), f"data-{region}").read_json(f"switches/{run}.json")

    @contextmanager
    def running(self, region: str) -> Iterator[None]:
        machines = _client("stepfunctions", region)
        execution = machines.start_execution(stateMachineArn=_MACHINES.format(region))["executionArn"]
        try:
            yield
        finally:
            machines.stop_execution(executionArn=execution)

    def publish(self, name: str, generation: str) -> None:
        region = self.tables.regions[name]
        term = self.fence(name).publishing(generation)
        of = Generations(region, region.table, "posts", "own", lambda: self.now, term)
        of.store(generation, ["a"], users=1, expires=int(self.now) + 86_400)
        of.publish(generation, users=1)

    def switch(self, to: str, *, planned: bool = True, **said: Any) -> Switch:
        """All steps, as the state machine takes them; what has to be waited for is looked at four
        times, until it is given up."""
        switch = Switch(run="20270115T080000000", planned=planned, by="ann", why="a drill")
        switch = replace(switch, **said)
        leader = Leader(Actors(self._lambda, "recs-shop-region"), to, lambda: self.now)
        for step in SWITCH_STEPS:
            if step.if_asked and not switch.asked:
                continue
            done = False
            while not done:
                done, switch = leader.step(step, switch, _ESTATE)
                self.now += 1.0 if done else step.limit_minutes * 20
                if self.delivering:
                    self.deliver()
        return switch

    def deliver(self) -> None:
        for name in (WEST, CENTRAL):
            self.tables.deliver(name, lambda _: 0)

    def _lambda(self, region: str) -> Any:
        return _Lambda(self, self.tables.regions[region])


_ESTATE = {"schedules": [*SCHEDULES], "machines": [MACHINE], "tables": ["t"], "served": []}


@dataclass(frozen=True)
class _Lambda:
    stage: SwitchedStage
    region: Region

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        if not self.region.up:
            raise EndpointConnectionError(endpoint_url=f"https://lambda.{self.region.name}")
        asked = read_request(ActRequest, json.loads(Payload))
        self.stage.calls.append((self.region.name, asked.step))
        try:
            self.stage.before(self.region.name, asked.step)
            outcome = act(self.stage.place(self.region.name), asked.step, asked.switch)
        except Exception as error:
            failed = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(failed).encode())}
        said = {**vars(outcome), "asked": None if outcome.asked is None else [*outcome.asked]}
        return {"Payload": io.BytesIO(json.dumps(said).encode())}
