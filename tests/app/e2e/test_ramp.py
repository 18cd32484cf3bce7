"""The deployed definition of a ramp on the local cloud, with the deployed handlers, and time skipped."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.experiments.changes import Note, approved
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from pipeline.regions.epoch import Epoch, epoch_key, item_of
from tests.app.support.experiments.experimenting import experiment, put_experiment
from tests.app.support.ramped import RAMP_USE_CASES, STACK, hurried, synthesise_ramped
from tests.app.support.template_reading import Template, flat, machines_of, resources_of
from tests.local_cloud.support.local_aws import ROLE, ROOT, LocalAws, serving
from tests.support import tables
from tests.support.waiting import eventually

TABLE, USE_CASE = "ramped-serving", "posts"
BEGAN = datetime.now(UTC) - timedelta(days=40)
NAME = "".join(sign for sign in BEGAN.isoformat() if sign.isalnum())
BY_PEOPLE = Note(by="ann", why="as good, and cheaper", at=datetime.now(UTC).isoformat())
CODE = """
import os, sys

sys.path.insert(0, {source!r})
os.environ.update({variables!r})

from steps.experiments.{step} import lambda_handler as handler
"""


@dataclass(frozen=True)
class World:
    aws: LocalAws
    machine: str
    watch: str
    watched: dict[str, Any]
    bucket: str
    queue: str

    @property
    def store(self) -> ExperimentStore:
        return ExperimentStore(self.aws.client("dynamodb"), TABLE, USE_CASE)

    def put(self, **changes: Any) -> None:
        """As begun long ago; a new one every time."""
        number = self.store.newest_version() + 1
        given = {"version": number, "started_at": BEGAN.isoformat(), "changed_at": BEGAN.isoformat()}
        put_experiment(self.aws.client("dynamodb"), USE_CASE, experiment(**{**given, **changes}), TABLE)

    def report(self, *, right: bool) -> None:
        found = {
            "format": 1,
            "day": (datetime.now(UTC) - timedelta(days=1)).date().isoformat(),
            "split": {"right": right},
            "decision": {"verdict": "stop: nothing bigger", "words": "stop: nothing bigger than +1.0%"},
            "guardrails": [{"name": "impressions per person", "state": "holds"}],
        }
        for name in (NAME, f"{NAME}-aa"):
            self._put_json(f"measured/use_case={USE_CASE}/reports/{name}/newest.json", found)

    def comparison(self) -> None:
        found = {"format": 1, "run": "20270101T000000000", "blocks": []}
        self._put_json(f"comparisons/{USE_CASE}/20270101T000000000/personalize-own.json", found)

    def _put_json(self, key: str, value: Any) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=json.dumps(value).encode())

    def current(self) -> Experiment:
        found = self.store.current()
        assert found
        return found

    def until(self, **members: Any) -> Experiment:
        def reached() -> Experiment | None:
            now = self.current()
            return now if all(getattr(now, name) == value for name, value in members.items()) else None

        try:
            found: Experiment = eventually(reached, 180)
        except AssertionError:
            raise AssertionError(f"not {members}, but {self.current()}") from None
        return found

    def mails(self, most: int) -> list[tuple[str, str]]:
        """Subjects and texts."""
        bodies = [json.loads(body) for body in self.aws.received(self.queue, most)]
        return [(body["Subject"], body["Message"]) for body in bodies]

    @contextmanager
    def started(self) -> Iterator[str]:
        execution = self.aws.started(self.machine, {"trigger": "test"})
        try:
            yield execution
        finally:
            self.aws.client("stepfunctions").stop_execution(executionArn=execution)
            self.aws.ended(execution)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Template:
    use_cases = tuple(hurried(case) for case in RAMP_USE_CASES if case.ramp)
    return synthesise_ramped(tmp_path_factory.mktemp("ramped"), use_cases)[STACK]


@pytest.fixture(scope="module")
def world(stack: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with serving(tmp_path_factory.mktemp("local-cloud")) as aws:
        yield _deployed(aws, stack)


def _deployed(aws: LocalAws, stack: Template) -> World:
    bucket, (queue, queue_arn) = aws.bucket({}), aws.queue()
    topic = aws.client("sns").create_topic(Name="failures")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    tables.create(aws.client("dynamodb"), TABLE)
    for variant in ("personalize", "own"):
        generations = Generations(aws.client("dynamodb"), TABLE, USE_CASE, variant)
        generations.publish("20270101T000000000", users=1_000)
    variables = {
        "DATA_BUCKET": bucket,
        "SERVING_TABLE": TABLE,
        "ACTIVE_REGIONS": aws.client("dynamodb").meta.region_name,
        "STAGE": "ramp",
        "TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    ramp, watch = (
        aws.function(CODE.format(source=str(ROOT / "lambda_src"), variables=variables, step=step))
        for step in ("ramp_experiment", "watch_experiment")
    )
    [machine] = [one for one in machines_of(stack) if one.name.endswith("-ramp")]
    definition = json.loads(json.dumps(machine.definition).replace("<AWS::Partition>", "aws"))
    definition["States"][definition["StartAt"]]["Arguments"]["TableName"] = TABLE
    definition["States"]["Decide"]["Arguments"]["FunctionName"] = ramp
    definition["States"]["Tell"]["Arguments"]["TopicArn"] = topic
    created = aws.client("stepfunctions").create_state_machine(
        name="ramp", definition=json.dumps(definition), roleArn=ROLE
    )
    [watched] = [
        json.loads(flat(schedule["Target"]["Input"]))
        for schedule in resources_of(stack, "AWS::Scheduler::Schedule").values()
        if schedule["ScheduleExpression"] == "rate(5 minutes)"
    ]
    return World(aws, created["stateMachineArn"], watch, watched, bucket, queue)


@pytest.fixture
def execution(world: World) -> Iterator[str]:
    with world.started() as execution:
        yield execution


@pytest.mark.prove
def test_a_ramp_goes_from_a_shadow_to_all_but_those_held_back(world: World, execution: str) -> None:
    world.put(state="shadow", exposure=0)
    [waits] = world.mails(1)
    world.comparison()
    world.report(right=True)

    asked = world.until(approval="asked")
    told = world.mails(4)
    skipped = world.aws.ended(world.aws.started(world.machine, {}))
    world.store.change(asked, approved(asked, BY_PEOPLE))
    full = world.until(state="full")

    assert waits[0] == "ramp posts: the ramp waits" and "have not been compared yet" in waits[1]
    assert [subject for subject, _ in told] == [
        "ramp posts: the ramp goes on: A/A",
        "ramp posts: the ramp goes on: 10 % treated",
        "ramp posts: the ramp goes on: 50 % treated",
        "ramp posts: the ramp asks for approval: all but 2 % held back",
    ]
    assert json.loads(skipped["output"])["outcome"] == "skipped"
    assert (full.held_back, full.changed_by) == (200, "ramp")
    seen = [past.experiment for past in world.store.history()]
    assert [(one.state, one.exposure, one.changed_by) for one in seen if one][1:] == [
        ("aa", 2_000, "ramp"),
        ("running", 2_000, "ramp"),
        ("running", 10_000, "ramp"),
        ("running", 10_000, "ramp"),
        ("running", 10_000, "ann"),
        ("full", 10_000, "ramp"),
    ]
    assert [subject for subject, _ in world.mails(1)] == [
        "ramp posts: the ramp goes on: all but 2 % held back"
    ]
    _rounds_are_short(world, execution)


def _rounds_are_short(world: World, execution: str) -> None:
    """As many events as were counted when the length of an execution was chosen."""
    events = _events(world, execution)
    assert _rounds(events) >= 6
    assert len(events) <= 16 * _rounds(events) + 19


def _events(world: World, execution: str) -> list[dict[str, Any]]:
    pages = world.aws.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]


def _rounds(events: list[dict[str, Any]]) -> int:
    return sum(
        event["type"] == "TaskStateEntered" and event["stateEnteredEventDetails"]["name"] == "Decide"
        for event in events
    )


@pytest.mark.prove
def test_a_wrong_split_pauses(world: World, execution: str) -> None:
    world.report(right=False)
    world.put(exposure=2_000)

    paused = world.until(state="paused")

    assert "do not have the people that were planned" in paused.why
    assert [subject for subject, _ in world.mails(1)] == ["ramp posts: the experiment is paused"]


@pytest.mark.prove
def test_a_bad_variant_is_brought_back_by_the_watch_and_told_and_the_ramp_leaves_it_at_that(
    world: World,
) -> None:
    world.report(right=True)
    world.put(exposure=2_000)
    for arm, empty in (("treatment", 500.0), ("control", 0.0)):
        for name, value in (("Requests", 1_000.0), ("Empty", empty)):
            _figure(world, name, value, arm)

    answer = world.aws.client("lambda").invoke(
        FunctionName=world.watch, Payload=json.dumps(world.watched).encode()
    )

    found = json.loads(answer["Payload"].read())
    assert found["action"] == "return", found
    assert "50.0% of 1,000 answers to the treated were empty" in found["words"]
    [mail] = world.mails(1)
    assert mail[0] == "ramp posts: RETURNED to the default variant" and found["words"] in mail[1]
    returned = world.current()
    with world.started() as execution:
        eventually(lambda: _rounds(_events(world, execution)) >= 3, 180)
    assert (world.current(), returned.state, returned.changed_by) == (returned, "returned", "watch")


def _figure(world: World, name: str, value: float, arm: str) -> None:
    dimensions = {"stage": "ramp", "use_case": USE_CASE, "arm": arm}
    world.aws.client("cloudwatch").put_metric_data(
        Namespace="Recommendations",
        MetricData=[
            {
                "MetricName": name,
                "Value": value,
                "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                "Dimensions": [{"Name": key, "Value": word} for key, word in dimensions.items()],
            }
        ],
    )


@pytest.mark.prove
def test_in_a_region_that_is_not_active_an_execution_ends_fenced_and_changes_nothing(world: World) -> None:
    table = world.aws.client("dynamodb")
    away = Epoch(number=1, region="eu-central-1")
    before = world.current()
    table.put_item(TableName=TABLE, Item=item_of(away))
    try:
        ended = world.aws.ended(world.aws.started(world.machine, {}))
    finally:
        table.delete_item(TableName=TABLE, Key=epoch_key(away))

    output = json.loads(ended["output"])
    assert (ended["status"], output["outcome"]) == ("SUCCEEDED", "fenced")
    assert "eu-central-1 is the active region" in output["reason"]
    assert world.current() == before
