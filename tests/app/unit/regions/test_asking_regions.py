"""The canary: asks every region as readers do, and says which region it takes for the active one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from pipeline.canary.asking import Asker
from pipeline.canary.targets import Addresses
from pipeline.regions.epochs import Epochs, Note
from steps.switching import ask_regions
from tests.app.support.in_memory import TABLE, client
from tests.client.support.servers import BROKEN, CREDENTIALS, RegionServer, nobody, serving
from tests.support import tables

HOME, AWAY = "eu-west-1", "eu-central-1"
LIST = "/v1/users/canary/posts?limit=1"
HEALTH: dict[str, Any] = {"status": "healthy", "listAges": [90, 7], "unpublished": 0}
BODIES = {"/v1/health": HEALTH, LIST: {"items": [{"id": "1"}]}}
NOTE = Note(by="ann", why="a flood")


@pytest.fixture
def regions(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, RegionServer]]:
    """Each with its API's address in a parameter, and the environment of a function in the first one."""
    tables.create(client("dynamodb"), TABLE)
    variables = {
        "STAGE": "test",
        "SERVING_TABLE": TABLE,
        "ACTIVE_REGIONS": f"{HOME},{AWAY}",
        "ADDRESS_PARAMETER": "/recs/test/regional-api",
        "CANARY": json.dumps({"addresses": {HOME: None, AWAY: None}, "list_path": LIST}),
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
        "AWS_SESSION_TOKEN": CREDENTIALS.token,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with serving(HOME, AWAY) as servers:
        for region, server in servers.items():
            server.says, server.public = BODIES.__getitem__, ("/v1/health",)
            boto3.client("ssm", region_name=region).put_parameter(
                Name="/recs/test/regional-api", Value=server.url, Type="String"
            )
        for cached in (ask_regions._looker, ask_regions._client):
            cached.cache_clear()
        yield servers
        for cached in (ask_regions._looker, ask_regions._client):
            cached.cache_clear()


def looked(capsys: pytest.CaptureFixture[str]) -> tuple[Any, dict[tuple[str, str], float]]:
    """What the function returns, and its metrics by name and region that was asked."""
    context = SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:{HOME}:123456789012:function:f",
        aws_request_id="id",
    )
    result = ask_regions.lambda_handler({}, context)
    told: dict[tuple[str, str], float] = {}
    for line in capsys.readouterr().out.splitlines():
        record = json.loads(line)
        for group in record.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert {"from_region", "stage"} >= {*group["Dimensions"][0]} - {"to_region"}, record
            for metric in group["Metrics"]:
                [value] = record[metric["Name"]]
                told[metric["Name"], record.get("to_region", "")] = value
    return result, told


def test_each_region_is_asked_for_its_health_and_a_list_signed_for_it(
    regions: dict[str, RegionServer], capsys: pytest.CaptureFixture[str]
) -> None:
    result, told = looked(capsys)

    assert result == {"active": True, "unavailable": {}}
    for region, server in regions.items():
        assert (told["Available", region], told["ListAge", region], server.asked) == (100, 90, 2)
        assert told["Latency", region] > 0
    assert told["ActiveRegion", ""] == 1


@pytest.mark.parametrize("wrong", ["broken", "gone", "not signed for it", "an empty list", "no health"])
def test_what_does_not_answer_as_it_should_is_told_with_the_reason_and_others_are_not_touched(
    regions: dict[str, RegionServer], capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    away = regions[AWAY]
    if wrong == "broken":
        away.weather = BROKEN
    elif wrong == "gone":
        boto3.client("ssm", region_name=AWAY).put_parameter(
            Name="/recs/test/regional-api", Value=nobody(), Type="String", Overwrite=True
        )
    elif wrong == "not signed for it":
        away.region = "us-east-1"
    elif wrong == "an empty list":
        away.says = {**BODIES, LIST: {"items": []}}.__getitem__
    else:
        away.says = {**BODIES, "/v1/health": []}.__getitem__

    result, told = looked(capsys)

    reason = {
        "broken": "status 503",
        "gone": "Could not connect",
        "not signed for it": "status 403",
        "an empty list": "an empty list",
        "no health": "no object",
    }[wrong]
    assert reason in result["unavailable"][AWAY]
    assert (told["Available", AWAY], told["Available", HOME]) == (0, 100)
    assert ("Latency", AWAY) not in told


def test_an_empty_list_is_no_wonder_until_everything_was_published(
    regions: dict[str, RegionServer], capsys: pytest.CaptureFixture[str]
) -> None:
    regions[AWAY].says = {LIST: {"items": []}, "/v1/health": {**HEALTH, "unpublished": 1}}.__getitem__

    result, told = looked(capsys)

    assert (result["unavailable"], told["Available", AWAY]) == ({}, 100)


def test_after_a_switch_the_region_says_that_it_is_not_the_active_one(
    regions: dict[str, RegionServer], capsys: pytest.CaptureFixture[str]
) -> None:
    home = Epochs(client("dynamodb"), TABLE, HOME, HOME)
    away = Epochs(client("dynamodb"), TABLE, AWAY, HOME)
    home.drain(NOTE)
    assert looked(capsys)[1]["ActiveRegion", ""] == 1

    away.take_over(NOTE, others={HOME: home})

    result, told = looked(capsys)
    assert (result["active"], told["ActiveRegion", ""]) == (False, 0)


def test_a_lost_region_is_asked_at_the_address_that_it_had(aws: None) -> None:
    seconds = [0.0]
    known = Addresses(lambda region: boto3.client("ssm", region_name=region), "/a", lambda: seconds[0])
    parameters = boto3.client("ssm", region_name=AWAY)
    with pytest.raises(parameters.exceptions.ParameterNotFound):
        known.of(AWAY)
    parameters.put_parameter(Name="/a", Value="https://one", Type="String")

    assert known.of(AWAY) == "https://one"
    parameters.put_parameter(Name="/a", Value="https://two", Type="String", Overwrite=True)
    assert known.of(AWAY) == "https://one"
    seconds[0] = 599.9
    assert known.of(AWAY) == "https://one"
    seconds[0] = 600
    assert known.of(AWAY) == "https://two"
    parameters.delete_parameter(Name="/a")
    seconds[0] = 2000
    assert known.of(AWAY) == "https://two"


def test_an_answer_that_is_no_json_is_no_answer(regions: dict[str, RegionServer]) -> None:
    regions[HOME].weather = "nonsense"

    with pytest.raises(Exception, match="no JSON"):
        Asker(CREDENTIALS).get(regions[HOME].url)
