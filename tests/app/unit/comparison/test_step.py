"""The step that compares: what it answers, and what it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.comparison.request import Comparing
from pipeline.errors import InvalidInput
from pipeline.names import camel_case
from pipeline.storage import Bucket
from steps import clients, compare_variants, environment
from tests.app.support.compared import RUN, USE_CASE, World, comparing, datasets

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="id"
)


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> Iterator[None]:
    for name, value in {"DATA_BUCKET": bucket.name, "SERVING_TABLE": "table", "STAGE": "test"}.items():
        monkeypatch.setenv(name, value)
    cached = (clients.client, environment.step_environment, environment.stage)
    for one in cached:
        one.cache_clear()
    yield
    for one in cached:
        one.cache_clear()


@pytest.fixture
def asked(bucket: Bucket) -> Comparing:
    """The second variant has no lists at all."""
    items = [f"i{number}" for number in range(40)]
    people = [f"u{number}" for number in range(30)]
    own: dict[str, list[str]] = {person: [] for person in people}
    lists = {person: items[at % 10 :][:30] for at, person in enumerate(people)}
    data = datasets(bucket, [(person, items[at], 1_700_000_000) for at, person in enumerate(people)], items)
    return comparing(World(bucket, own, lists, own).write(), data)


def sent(value: Any) -> Any:
    """As the state machine sends it."""
    match value:
        case dict():
            return {camel_case(name): sent(member) for name, member in value.items()}
        case tuple():
            return [sent(one) for one in value]
    return value


def metrics(output: str) -> dict[str, Any]:
    """Of the pair: the line that has its dimension."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    [found] = [line for line in lines if "variants" in line]
    return found


def test_what_blocks_a_ramp_is_answered_and_counted_by_pair(
    asked: Comparing, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = compare_variants.lambda_handler(sent(asdict(asked)), CONTEXT)

    [compared] = answer["compared"]
    assert (compared["a"], compared["b"]) == ("personalize", "own")
    assert compared["blocks"] == ["short", "empty"]
    counted = metrics(capsys.readouterr().out)
    assert (counted["variants"], counted["use_case"]) == ("personalize-own", USE_CASE)
    assert counted["RampBlocks"] == [2]
    assert counted["EmptyListsB"] == [1] and counted["ShortListsA"] == [0]
    assert counted["VariantsOverlap10"] == [0]
    assert "NextDayHitRateDifference" not in counted
    assert "VariantsKendall" not in counted


def test_an_incomplete_request_is_refused_by_its_members(asked: Comparing) -> None:
    request = sent(asdict(asked))
    del request["thresholds"]["leastPeople"], request["variants"][0]["shardsKey"]

    with pytest.raises(InvalidInput, match=r"variants\[0\].shardsKey is missing; thresholds.leastPeople"):
        compare_variants.lambda_handler(request, CONTEXT)

    assert request["run"] == RUN
