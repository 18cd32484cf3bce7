"""The ramp and its watch on a table, a bucket and figures: they change the item, say why, and tell of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.experiments.changes import resumed
from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from pipeline.storage import Bucket
from steps import clients, environment
from steps.experiments import plan_measurement, ramp_experiment, watch_experiment
from tests.app.support.experimenting import NOTE, experiment, put_experiment
from tests.app.support.in_memory import TABLE, client

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="id"
)
STEPS = [
    {"phase": "shadow", "hours": 24},
    {"phase": "aa", "hours": 24},
    {"phase": "running", "hours": 24, "treated": 1_000},
    {"phase": "running", "hours": 24, "treated": 5_000},
    {"phase": "full", "hours": 0, "heldBack": 200, "approval": True, "decided": True},
]
PLAN = {"default": "personalize", "treatment": "own", "steps": STEPS, "limits": {}}
NOW = datetime.now(UTC)
LONG_AGO = (NOW - timedelta(days=3)).isoformat()
PLACE = {"apiId": "api", "route": "GET /v1/users/{userId}/posts"}


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, bucket: Bucket, dynamodb: Any) -> Iterator[str]:
    """The environment of deployed functions; both variants are published; the queue hears the topic."""
    topic = client("sns").create_topic(Name="failures")["TopicArn"]
    for name, value in {
        "DATA_BUCKET": bucket.name,
        "SERVING_TABLE": TABLE,
        "STAGE": "test",
        "TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
    }.items():
        monkeypatch.setenv(name, value)
    caches = (environment.step_environment, environment.topic, environment.stage, clients.client)
    for cached in caches:
        cached.cache_clear()
    for variant in ("personalize", "own"):
        Generations(dynamodb, TABLE, "posts", variant).publish("20270101T000000000", users=100)
    queue = client("sqs").create_queue(QueueName="mail")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    yield queue
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def store(dynamodb: Any) -> ExperimentStore:
    return ExperimentStore(dynamodb, TABLE, "posts")


def mails(queue: str) -> list[dict[str, Any]]:
    answer = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", ())]


def ramp(said: str = "") -> dict[str, Any]:
    request = {"useCase": "posts", "plan": PLAN, "said": said, **PLACE}
    return dict(ramp_experiment.lambda_handler(request, CONTEXT))


def watch() -> dict[str, Any]:
    return dict(watch_experiment.lambda_handler({"useCase": "posts", "limits": {}, **PLACE}, CONTEXT))


def put(dynamodb: Any, **changes: Any) -> None:
    put_experiment(
        dynamodb, "posts", experiment(**{"changed_at": LONG_AGO, "started_at": LONG_AGO, **changes})
    )


def compared(bucket: Bucket, *blocks: str) -> None:
    found = {"format": 1, "run": "r2", "blocks": [{"words": words} for words in blocks]}
    bucket.write_json("comparisons/posts/20270101T000000000/personalize-own.json", found | {"run": "r1"})
    bucket.write_json("comparisons/posts/20270102T000000000/personalize-own.json", found)


def reported(bucket: Bucket, *, name: str, right: bool = True, verdict: str = "ship") -> None:
    found = {
        "format": 1,
        "day": (NOW - timedelta(days=1)).date().isoformat(),
        "split": {"right": right},
        "decision": {"verdict": verdict, "words": f"{verdict}: as measured"},
        "guardrails": [],
    }
    bucket.write_json(f"measured/use_case=posts/reports/{name}/newest.json", found)


def figure(name: str, value: float, **dimensions: str) -> None:
    client("cloudwatch").put_metric_data(
        Namespace="Recommendations",
        MetricData=[
            {
                "MetricName": name,
                "Timestamp": NOW - timedelta(minutes=3),
                "Value": value,
                "Dimensions": [{"Name": k, "Value": v} for k, v in {"stage": "test", **dimensions}.items()],
            }
        ],
    )


NAME = "".join(sign for sign in LONG_AGO if sign.isalnum())


def test_a_shadow_goes_on_once_lists_have_been_compared_and_it_is_told(
    store: ExperimentStore, dynamodb: Any, bucket: Bucket
) -> None:
    put(dynamodb, state="shadow", exposure=0)
    waits = ramp()
    compared(bucket)

    told = ramp()

    assert waits["action"] == "stay" and "have not been compared yet" in waits["words"] and waits["tell"]
    current = store.current()
    assert current and (current.state, current.exposure, current.changed_by) == ("aa", 2_000, "ramp")
    assert told["tell"] and told["subject"] == "test posts: the ramp goes on: A/A"
    assert current.why in told["text"] and "experiment show --stage test --use-case posts" in told["text"]


def test_what_waits_is_told_once_by_an_execution(dynamodb: Any) -> None:
    put(dynamodb, state="shadow", exposure=0)

    first = ramp()

    assert first["tell"] and not ramp(first["said"])["tell"]


def test_what_stands_against_it_is_read_from_the_newest_comparison(dynamodb: Any, bucket: Bucket) -> None:
    put(dynamodb, state="shadow", exposure=0)
    compared(bucket, "3.00% of the people have an empty list, and 0.10% may")

    assert "the comparison of r2 found: 3.00% of the people have an empty list" in ramp()["words"]


def test_approval_is_asked_for_once_awaited_and_taken(
    store: ExperimentStore, dynamodb: Any, bucket: Bucket
) -> None:
    from operations.cli import main

    put(dynamodb)
    compared(bucket)
    reported(bucket, name=NAME)
    asked, waits = ramp(), ramp()
    assert (asked["action"], waits["action"]) == ("ask", "stay")
    assert asked["tell"] and "experiment approve" in asked["text"] and not waits["tell"]
    where = ["--stage", "test", "--use-case", "posts", "--region", "eu-west-1"]

    assert main(["experiment", "approve", *where, "--why", "as good and cheaper", "--by", "ann"]) == 0
    taken = ramp()

    assert taken["action"] == "advance"
    current = store.current()
    assert current and (current.state, current.held_back, current.approval) == ("full", 200, "")
    assert [past.experiment.changed_by for past in store.history() if past.experiment][1:] == [
        *("ramp", "ann", "ramp"),
    ]


def test_a_wrong_split_pauses_and_nothing_goes_on_by_itself(
    store: ExperimentStore, dynamodb: Any, bucket: Bucket
) -> None:
    put(dynamodb, exposure=2_000)
    compared(bucket)
    reported(bucket, name=NAME, right=False)

    paused, after = ramp(), ramp()

    assert (paused["action"], after["action"]) == ("pause", "stay")
    current = store.current()
    assert current and (current.state, current.changed_by) == ("paused", "ramp")


def test_a_bad_variant_is_brought_back_by_the_watch_and_told(
    store: ExperimentStore, dynamodb: Any, deployed: str
) -> None:
    put(dynamodb)
    assert watch()["action"] == "stay" and not mails(deployed)
    for arm, failures in (("treatment", 300.0), ("control", 3.0)):
        figure("Requests", 1_000, use_case="posts", arm=arm)
        figure("Failures", failures, use_case="posts", arm=arm)

    found = watch()

    assert found["action"] == "return"
    assert "30.0% of 1,000 answers to the treated met an error or a time-out" in found["words"]
    current = store.current()
    assert current and (current.state, current.changed_by, current.why) == (
        "returned",
        "watch",
        found["words"],
    )
    [mail] = mails(deployed)
    assert mail["Subject"] == "test posts: RETURNED to the default variant"
    assert found["words"] in mail["Message"] and "experiment resume" in mail["Message"]
    assert watch()["action"] == "stay" and ramp()["action"] == "stay" and not mails(deployed)


def test_the_watch_needs_neither_rows_nor_figures(store: ExperimentStore, dynamodb: Any) -> None:
    put(dynamodb, state="full", held_back=200)
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "own"}})

    found = watch()

    assert found["action"] == "return" and found["words"] == "nothing is published for own"


def test_lists_that_were_found_up_to_date_are_not_stale(dynamodb: Any) -> None:
    put(dynamodb)
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "own"}},
        UpdateExpression="SET published_at = :at",
        ExpressionAttributeValues={":at": {"S": LONG_AGO}},
    )
    figure("FreshGeneration", 1, use_case="posts", variant="own")
    assert watch()["action"] == "stay"

    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "personalize"}},
        UpdateExpression="SET #users = :users",
        ExpressionAttributeNames={"#users": "users"},
        ExpressionAttributeValues={":users": {"N": "1000"}},
    )
    assert "100 people have lists of own, and 1,000 have lists" in watch()["words"]


@pytest.mark.parametrize(
    "broken", [{"state": {"S": "sleeping"}}, {"format": {"N": "99"}}, {"version": {"S": "x"}}]
)
def test_an_item_that_cannot_be_read_is_left_alone(dynamodb: Any, broken: dict[str, Any]) -> None:
    put(dynamodb)
    key = {"pk": {"S": "experiment#posts"}, "sk": {"S": "current"}}
    item = dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    dynamodb.put_item(TableName=TABLE, Item={**item, **broken})

    assert (watch()["action"], ramp()["action"]) == ("stay", "stay")
    assert dynamodb.get_item(TableName=TABLE, Key=key)["Item"] == {**item, **broken}


def test_measurements_begin_with_the_first_whole_day_of_different_lists(
    store: ExperimentStore, dynamodb: Any
) -> None:
    measuring = {"actions": ["like"], "people": 10_000, "effect": 0.05, "guardrails": []}
    request = {"useCase": "posts", "measuring": measuring}
    assert not plan_measurement.lambda_handler(request, CONTEXT)["measures"]
    put(dynamodb, state="shadow", exposure=0)
    assert "nobody has an arm" in plan_measurement.lambda_handler(request, CONTEXT)["words"]
    put(dynamodb, version=2, state="aa", exposure=2_000)
    in_aa = plan_measurement.lambda_handler(request, CONTEXT)["request"]
    put(dynamodb, version=3, exposure=2_000)
    put(dynamodb, version=4, state="returned", exposure=2_000)
    current = store.current()
    assert current
    store.change(current, resumed(current, NOTE))

    running = plan_measurement.lambda_handler(request, CONTEXT)["request"]

    assert (in_aa["name"], in_aa["firstVersion"]) == (f"{NAME}-aa", 2)
    assert (running["name"], running["firstVersion"]) == (NAME, 3)
    assert running["start"] == LONG_AGO[:10]
    assert running["metric"]["of"] == {"types": ["like"], "sources": []}
    assert [change["what"] for change in running["changes"]] == [
        "version 3: running",
        "version 4: returned",
        "version 5: running",
    ]
