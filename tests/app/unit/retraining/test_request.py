"""What a step reads of its input, and what it says of what it does not know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import InvalidInput
from steps import environment, telemetry
from steps.request import read_request

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="id"
)


@dataclass(frozen=True)
class Part:
    part_name: str
    size: int = 1


@dataclass(frozen=True)
class Request:
    use_case: str
    parts: tuple[Part, ...] = ()
    by_name: dict[str, Part] | None = None
    anything: dict[str, Any] | None = None


@telemetry.step
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"request": read_request(Request, event)}


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STAGE", "test")
    environment.stage.cache_clear()
    yield
    environment.stage.cache_clear()


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(telemetry.logger, "warning", lambda _, extra: found.append(extra["members"]))
    return found


def counted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    return [line for line in lines if "UnknownMembers" in line]


def test_members_of_nested_objects_lists_and_dictionaries_are_read() -> None:
    part = {"partName": "a"}

    read = read_request(
        Request, {"useCase": "posts", "parts": [part], "byName": {"x": part}, "anything": {"y": [1]}}
    )

    assert read == Request("posts", (Part("a"),), {"x": Part("a")}, {"y": [1]})


def test_unknown_members_are_told_and_counted_and_the_step_goes_on(
    warnings: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    part = {"partName": "a", "colour": "secret"}
    event = {
        "useCase": "posts", "older": "secret", "parts": [part, part], "byName": {"x": part},
        "anything": {"whatever": 1},
    }  # fmt: skip

    answer = handle(event, CONTEXT)

    assert answer["request"].parts == (Part("a"), Part("a"))
    assert warnings == [["byName.x.colour", "older", "parts[].colour"]]
    [line] = counted(capsys)
    assert line["UnknownMembers"] == [3.0]
    assert (line["stage"], line["use_case"], line["step"]) == ("test", "posts", "test_request")
    assert "secret" not in json.dumps(line)


def test_what_is_missing_is_refused_even_beside_what_is_unknown(warnings: list[Any]) -> None:
    with pytest.raises(InvalidInput, match=r"useCase is missing; parts\[0\]\.partName is missing"):
        read_request(Request, {"use_case": "posts", "parts": [{}]})

    assert warnings == [["use_case"]]


def test_a_known_input_is_no_news(warnings: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    handle({"useCase": "posts"}, CONTEXT)

    assert warnings == []
    assert counted(capsys) == []
