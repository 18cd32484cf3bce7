"""The watch on a table and figures: it brings people back, and needs nothing of what failed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.cloudwatch.models import Statistics

from local_cloud.events import metrics
from pipeline.errors import ExperimentChanged
from pipeline.experiments.store import ExperimentStore
from pipeline.ramping.reading import Services
from steps.experiments import watch_experiment
from steps.experiments.common import again
from tests.app.support.in_memory import TABLE
from tests.app.unit.ramping.deployed import (
    LONG_AGO,
    figure,
    mails,
    put,
    ramp,
    watch,
)

pytestmark = pytest.mark.usefixtures("deployed")


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


class Down:
    """A client of a service that does not answer."""

    def get_paginator(self, name: str) -> Any:
        raise EndpointConnectionError(endpoint_url=name)


def test_without_figures_the_watch_decides_by_the_table(
    store: ExperimentStore, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = Services(cloudwatch=Down(), dynamodb=dynamodb, table=TABLE)
    monkeypatch.setattr(watch_experiment, "services", lambda: down)
    put(dynamodb)
    blind = watch()
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "own"}})

    assert blind["action"] == "stay" and "not seen: CloudWatch" in blind["words"]
    assert watch()["action"] == "return"


def test_who_was_overtaken_looks_again_a_few_times() -> None:
    calls: list[int] = []

    def attempt(good_at: int) -> int:
        calls.append(1)
        if len(calls) < good_at:
            raise ExperimentChanged("somebody was faster")
        return len(calls)

    assert again(lambda: attempt(3)) == 3
    with pytest.raises(ExperimentChanged):
        again(lambda: attempt(99))


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


def test_a_variant_that_is_slow_or_fails_altogether_is_brought_back(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Statistics, "get_statistics_for_type", metrics.statistic)
    put(dynamodb)
    for arm in ("treatment", "control"):
        figure("Requests", 1_000, use_case="posts", arm=arm)
        figure("AnswerTime", 900, use_case="posts", arm=arm)
    assert watch()["action"] == "stay", "everybody waits as long"
    for _ in range(2):
        figure("AnswerTime", 2_000, use_case="posts", arm="treatment")
    figure("Errors", 30, use_case="posts", arm="treatment")

    words = watch()["words"]

    assert "3.0% of 1,000 answers to the treated failed altogether (5xx), and 0.0%" in words
    assert (
        "to the treated take 2,000 ms or more, and 800 ms are allowed (that of the control is 900 ms)"
        in words
    )


def test_in_a_region_that_is_not_active_neither_ramp_nor_watch_does_anything(
    store: ExperimentStore, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, deployed: str
) -> None:
    put(dynamodb)
    before = store.current()
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "own"}})
    monkeypatch.setenv("ACTIVE_REGIONS", "eu-central-1,eu-west-1")

    found = [watch(), ramp()]

    assert [step["action"] for step in found] == ["fenced", "fenced"]
    assert all("eu-central-1 is the active region" in step["words"] for step in found)
    assert store.current() == before and not mails(deployed)
    monkeypatch.setenv("ACTIVE_REGIONS", "eu-west-1")
    assert watch()["action"] == "return"
