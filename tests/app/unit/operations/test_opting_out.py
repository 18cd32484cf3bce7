"""People are opted out and in again by a command each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.cli import main

WHERE = ["--stage", "test", "--region", "eu-west-1"]


def say(command: str, *more: str) -> int:
    return main([command, *WHERE, *more], clock=lambda: 1_800_000_000.0)


def listed(capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    assert say("opted-out", "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_who_opts_out_is_listed_as_of_the_first_time_until_they_opt_in(
    dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("opt-out", "--user", "7", "--reason", "by letter", "--by", "ann") == 0
    assert say("opt-out", "--user", "7", "--user", "8") == 0
    first, second = listed(capsys)
    assert first == {"user": "7", "by": "ann", "at": "2027-01-15T08:00:00Z", "reason": "by letter"}
    assert (second["user"], second["by"].startswith("arn:aws:sts::")) == ("8", True)

    assert say("opt-in", "--user", "7", "--user", "9") == 0
    told = capsys.readouterr()
    assert told.out.startswith("7: personalised again") and told.err == "had not opted out: 9\n"
    assert [one["user"] for one in listed(capsys)] == ["8"]


def test_what_is_no_id_is_told_and_nobody_is_opted_out(
    dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("opt-out", "--user", "7", "--user", "", "--reason", "x" * 501) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["--user", "--reason"]
    assert listed(capsys) == []
