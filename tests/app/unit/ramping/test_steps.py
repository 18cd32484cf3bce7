"""The ramp on a table, a bucket and figures: it changes the item, says why, and tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from operations.cli import main
from pipeline.experiments.changes import resumed
from pipeline.experiments.store import ExperimentStore
from pipeline.storage import Bucket
from steps.experiments import plan_measurement
from tests.app.support.experiments.experimenting import NOTE
from tests.app.unit.ramping.deployed import (
    CONTEXT,
    LONG_AGO,
    NAME,
    compared,
    put,
    ramp,
    reported,
)

pytestmark = pytest.mark.usefixtures("deployed")


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
