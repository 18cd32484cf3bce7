"""Answers to people of an arm are counted by arm: what a ramp is brought back by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api import environment
from api.answering import _told
from pipeline.serving.campaigns import Scored
from pipeline.serving.found import Found
from tests.app.support.serving_api import POSTS

LIST = (Scored("a", None),)


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
    [directive] = line["_aws"]["CloudWatchMetrics"]
    return list(directive["Dimensions"])


@pytest.mark.parametrize(
    ("source", "reasons", "expected"),
    [
        ("batch", (), (1, 0, 0, 0)),
        ("popular", ("user_unknown",), (1, 1, 0, 0)),
        ("batch", ("campaign_timeout",), (1, 1, 1, 0)),
        ("none", ("own_failed", "user_unknown"), (1, 1, 1, 1)),
        ("catalogue", (), (1, 0, 0, 0)),
    ],
)
def test_answers_fallbacks_failures_and_empty_lists_are_counted_by_arm(
    capsys: pytest.CaptureFixture[str],
    source: str,
    reasons: tuple[str, ...],
    expected: tuple[int, ...],
) -> None:
    _told(
        POSTS,
        Found(
            LIST if source in ("batch", "popular") else (),
            source,
            "own",
            "g",
            reasons,
            arm="treatment",
            experiment=3,
        ),
    )

    [found] = of_arms(capsys)
    names = ("Requests", "Fallbacks", "Failures", "Empty")
    assert tuple(found[name][0] for name in names) == expected
    assert (found["use_case"], found["arm"]) == ("posts", "treatment")


def test_who_has_no_arm_is_not_counted_by_arm(capsys: pytest.CaptureFixture[str]) -> None:
    _told(POSTS, Found(LIST, "batch", "own", "g"))

    assert not of_arms(capsys)
