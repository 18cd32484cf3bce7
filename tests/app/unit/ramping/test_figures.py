"""Answers to people of an arm are counted and timed by arm: what a ramp is brought back by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from api import answering, environment
from api.arms import ArmTelemetry
from pipeline.experiments.assignment import assigned
from pipeline.http.endpoint import Entry
from pipeline.serving.campaigns import Scored
from pipeline.serving.found import Found
from pipeline.serving.settings import ApiSettings
from tests.app.support.experiments.experimenting import experiment, put_experiment
from tests.app.support.gateway_events import BACKEND, event
from tests.app.support.in_memory import TABLE
from tests.app.support.serving_api import POSTS, publish

LIST = (Scored("a", None),)
TREATED = next(id_ for id_ in map(str, range(99)) if assigned(experiment(), id_).arm == "treatment")


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {"STAGE": "test", "USER_CLAIM": "sub"}.items():
        monkeypatch.setenv(name, value)
    environment.api_environment.cache_clear()
    yield
    environment.api_environment.cache_clear()


def of_arms(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if ["stage", "use_case", "arm"] in _dimensions(line)]


def _dimensions(line: dict[str, Any]) -> list[list[str]]:
    return [
        of
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ())
        for of in directive["Dimensions"]
    ]


@pytest.mark.parametrize(
    ("source", "reasons", "status", "expected"),
    [
        ("batch", (), 200, (1, 0, 0, 0, 0)),
        ("popular", ("user_unknown",), 200, (1, 1, 0, 0, 0)),
        ("batch", ("campaign_timeout",), 200, (1, 1, 1, 0, 0)),
        ("none", ("own_failed", "user_unknown"), 200, (1, 1, 1, 1, 0)),
        ("catalogue", (), 200, (1, 0, 0, 0, 0)),
        (None, (), 503, (1, 0, 0, 0, 1)),
    ],
)
def test_answers_fallbacks_failures_empty_lists_and_errors_are_counted_by_arm(
    capsys: pytest.CaptureFixture[str],
    source: str | None,
    reasons: tuple[str, ...],
    status: int,
    expected: tuple[int, ...],
) -> None:
    telemetry = ArmTelemetry()

    telemetry.assigned(POSTS, "treatment")
    if source:
        telemetry.found(Found(LIST if source in ("batch", "popular") else (), source, "own", "g", reasons))
    telemetry.handled(status, 12.5)

    [found] = of_arms(capsys)
    names = ("Requests", "Fallbacks", "Failures", "Empty", "Errors")
    assert tuple(found[name][0] for name in names) == expected
    assert (found["use_case"], found["arm"], found["AnswerTime"]) == ("posts", "treatment", [12.5])


@pytest.mark.parametrize(("arm", "status"), [(None, 200), (None, 500), ("treatment", 410)])
def test_who_has_no_arm_and_who_was_refused_is_not_counted_by_arm(
    capsys: pytest.CaptureFixture[str], arm: str | None, status: int
) -> None:
    telemetry = ArmTelemetry()
    telemetry.assigned(POSTS, arm)
    telemetry.handled(status, 1.0)

    assert not of_arms(capsys)


class Broken:
    """A table whose lists are of no kind that anybody knows, while `broken`; its pointers are fine."""

    def __init__(self, real: Any) -> None:
        self._real, self.broken = real, False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            if self.broken and name == "get_item":
                return {"Item": 0}
            return getattr(self._real, name)(**arguments)

        return call


def deployed(monkeypatch: pytest.MonkeyPatch, client: Any) -> Entry:
    monkeypatch.setattr(answering, "table_client", lambda: client)
    posts = {name: value for name, value in asdict(POSTS).items() if value} | {"others": ["own"]}
    api = json.dumps({"stage": "test", "authorization": "iam", "endpoints": [posts]})
    assert ApiSettings.from_json(api)
    return answering.answering(answering.ServingEnvironment(api=api, serving_table=TABLE))


def test_an_answer_that_fails_altogether_is_an_error_of_the_arm_that_it_was_for(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variant in ("personalize", "own"):
        publish(dynamodb, "posts", "g1", {TREATED: ["a"]}, popular=["p"], variant=variant)
    put_experiment(dynamodb, "posts", experiment())
    table = Broken(dynamodb)
    handler = deployed(monkeypatch, table)
    statuses, figures = [], []

    for broken, somebody in ((False, TREATED), (True, TREATED), (False, TREATED)):
        table.broken = broken
        asked = event(POSTS.route, path={"userId": somebody}, authorizer=BACKEND)
        statuses.append(handler(asked, None)["statusCode"])
        figures += [(one["arm"], one["Requests"], one["Errors"]) for one in of_arms(capsys)]

    assert statuses == [200, 500, 200]
    assert figures == [("treatment", [1.0], [float(error)]) for error in (False, True, False)]
