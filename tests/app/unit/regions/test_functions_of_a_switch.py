"""The functions of a switch as its state machine calls them, where a lost region is taken over from."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from config.derived.switching import SWITCH_STEPS, SwitchStep
from pipeline.errors import InvalidInput, SwitchRefused
from pipeline.names import camel_case
from steps import clients, environment
from steps.switching import act, lead
from tests.app.support.in_memory import BUCKET, REGION
from tests.app.support.in_memory import client as aws_client
from tests.support import tables

TABLE, LOST, FUNCTION = "recs-shop-serving", "eu-central-1", "recs-shop-region"
ESTATE = {
    "schedules": ["recs-shop-posts"],
    "machines": ["recs-shop-posts"],
    "tables": [TABLE],
    "served": [{"useCase": "posts", "variants": ["own"]}],
}
CONTEXT = SimpleNamespace(
    function_name=FUNCTION,
    memory_limit_in_mb=128,
    invoked_function_arn=f"arn:aws:lambda:{REGION}:123456789012:function:{FUNCTION}",
    aws_request_id="id",
)


class Lambda:
    """Calls the function that acts, as JSON goes there and back."""

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        assert FunctionName == FUNCTION
        try:
            said = act.lambda_handler(json.loads(Payload), CONTEXT)
        except Exception as error:
            failed = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(failed).encode())}
        return {"Payload": io.BytesIO(json.dumps(said).encode())}


@pytest.fixture(autouse=True)
def deployed(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "DATA_BUCKET": BUCKET,
        "SERVING_TABLE": TABLE,
        "ACTIVE_REGIONS": f"{LOST},{REGION}",
        "REGION_FUNCTION": FUNCTION,
        "STAGE": "shop",
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
    }.items():
        monkeypatch.setenv(name, value)
    tables.create(aws_client("dynamodb"), TABLE)
    place = {"LocationConstraint": REGION}
    aws_client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    boto3.client("scheduler").create_schedule(
        Name="recs-shop-posts",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED",
        Target={"Arn": f"arn:aws:states:{REGION}:1:stateMachine:x", "RoleArn": "arn:aws:iam::1:role/x"},
    )
    monkeypatch.setattr(lead, "_client", lambda region: {REGION: Lambda()}[region])
    cached: tuple[Any, ...] = (clients.client, clients._elsewhere, environment.step_environment)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def called(step: SwitchStep, switch: dict[str, Any]) -> dict[str, Any]:
    said = {camel_case(name): value for name, value in asdict(step).items()}
    members = ("key", "title", "there", "limitMinutes")
    event = {name: said[name] for name in members} | {"switch": switch, "estate": ESTATE}
    answer = lead.lambda_handler(json.loads(json.dumps(event)), CONTEXT)
    return dict(json.loads(json.dumps(answer)))


def test_each_call_is_given_what_the_one_before_has_answered() -> None:
    switch: dict[str, Any] = {"run": "20270115T080000000", "planned": False, "by": "ann", "why": "a flood"}
    switch |= {"lost": [LOST], "known": 4}

    for step in SWITCH_STEPS:
        if not step.if_asked:
            answer = called(step, switch)
            assert answer["done"], answer["switch"]["waiting"]
            switch = answer["switch"]

    assert (switch["epoch"], [step["step"] for step in switch["steps"]][-1]) == (5, "report")
    assert boto3.client("scheduler").get_schedule(Name="recs-shop-posts")["State"] == "ENABLED"
    record = aws_client("s3").get_object(Bucket=BUCKET, Key="switches/20270115T080000000.json")
    assert json.loads(record["Body"].read())["lost"] == [LOST]


def test_what_speaks_against_it_is_raised_by_its_name_and_input_is_checked() -> None:
    look, *_ = SWITCH_STEPS

    with pytest.raises(SwitchRefused, match="say that it is lost, or plan the switch"):
        called(look, {"run": "r", "planned": False, "by": "ann", "why": "w", "lost": []})
    with pytest.raises(InvalidInput, match=r"switch\.planned is missing; switch\.by must be a text"):
        called(look, {"run": "r", "by": 1, "why": "w"})
