"""Items are denied and allowed by a command each; the table has who, when and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.cli import main
from pipeline.generations import Generations
from pipeline.serving_items import catalogue_key, list_item
from pipeline.withholding import deny_list
from pipeline.withholding.deny_list import DenyList
from tests.app.support.in_memory import TABLE

WHERE = ["--stage", "test", "--region", "eu-west-1"]
POSTS, BOTH = ["--use-case", "posts"], ["--use-case", "posts", "--use-case", "similar_programs"]
NOW = 1_800_000_000.0


def say(command: str, *more: str, now: float = NOW) -> int:
    return main([command, *WHERE, *more], clock=lambda: now)


def told(capsys: pytest.CaptureFixture[str], *more: str, now: float = NOW) -> Any:
    capsys.readouterr()
    assert say("denied", "--json", *more, now=now) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def table(dynamodb: Any) -> Any:
    """A directory's catalogue, and popular items only of another use case."""
    generations = Generations(dynamodb, TABLE, "similar_programs", "personalize")
    generations.store("g1", ["1", "2"], users=1, expires=4_000_000_000)
    generations.publish("g1", users=1)
    return dynamodb


def test_what_is_denied_is_listed_with_who_when_and_why_until_it_is_allowed(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("deny", *BOTH, "--item", "1", "--item", "2", "--reason", "a fault", "--by", "ann") == 0
    assert told(capsys, *POSTS) == [
        {
            "useCase": "posts",
            "item": item,
            "until": None,
            "reason": "a fault",
            "by": "ann",
            "at": "2027-01-15T08:00:00Z",
        }
        for item in ("1", "2")
    ]
    assert say("allow", *POSTS, "--item", "2", "--item", "3", "--by", "ben", now=NOW + 60) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "posts: 2 is allowed again; seen everywhere within a minute",
        "posts: 3 is not denied, nothing to do",
    ]

    assert [(one["useCase"], one["item"]) for one in told(capsys)] == [
        ("posts", "1"),
        ("similar_programs", "1"),
        ("similar_programs", "2"),
    ]
    changes = told(capsys, *POSTS, "--changes")
    assert [(one["what"], one["item"], one["by"], one["at"]) for one in changes] == [
        ("denied", "1", "ann", "2027-01-15T08:00:00Z"),
        ("denied", "2", "ann", "2027-01-15T08:00:00Z"),
        ("allowed", "2", "ben", "2027-01-15T08:01:00Z"),
    ]


def test_a_denial_ends_by_itself_and_may_be_made_longer(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    end = "2027-01-15T09:00:00+01:00"  # now
    assert say("deny", *POSTS, "--item", "1", "--until", end) == 2
    assert "2027-01-15T08:00:00Z is past" in capsys.readouterr().err
    assert say("deny", *POSTS, "--item", "1", "--until", "2027-01-15T08:00:30Z") == 0
    assert [one["until"] for one in told(capsys)] == ["2027-01-15T08:00:30Z"]
    assert told(capsys, now=NOW + 30) == []
    assert say("allow", *POSTS, "--item", "1", now=NOW + 30) == 0

    assert say("deny", *POSTS, "--item", "1", "--until", "2027-01-15T08:00:30Z") == 0
    assert say("deny", *POSTS, "--item", "1") == 0
    assert [one["until"] for one in told(capsys, now=NOW + 30)] == [None]


def test_who_denies_is_the_caller_unless_said(table: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert say("deny", *POSTS, "--item", "1") == 0

    [denial] = told(capsys)
    assert denial["by"].startswith("arn:aws:sts::")


def test_items_that_nothing_is_known_of_are_denied_with_a_word_of_doubt(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("deny", *BOTH, "--item", "1", "--item", "l2") == 0
    assert capsys.readouterr().err.splitlines() == [
        "posts: nothing is published, so that nobody can say whether these items exist",
        "similar_programs: l2 is not among the 2 most popular items, but denied all the same: a typo?",
    ]

    key = catalogue_key("similar_programs", "personalize", "g1", 0)
    item = list_item(key["pk"]["S"], key["sk"]["S"], ["1", "l2"], 4_000_000_000) | {"pages": {"N": "1"}}
    table.put_item(TableName=TABLE, Item=item)
    assert say("deny", *BOTH[2:], "--item", "l2", "--item", "3") == 0
    assert "3 is not in the catalogue" in capsys.readouterr().err
    assert len(told(capsys, *BOTH[2:])) == 3


def test_all_mistakes_are_told_at_once_and_nothing_is_denied(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("deny", *POSTS, "--item", "a\n", "--reason", "x" * 501) == 2

    said = capsys.readouterr().err
    assert [line.split(":")[0] for line in said.splitlines()] == ["--item", "--reason"]
    assert say("deny", "--use-case", "psts", *POSTS, "--item", "a") == 2
    assert "there is no use case 'psts': choose from posts" in capsys.readouterr().err
    assert told(capsys) == []
    with pytest.raises(SystemExit, match="2"):
        say("deny", *POSTS, "--item", "1", "--until", "2027-01-31T18:00:00")
    assert "time zone" in capsys.readouterr().err


def test_no_more_are_denied_than_functions_can_look_at(
    table: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deny_list, "MOST", 120)
    many = [argument for number in range(120) for argument in ("--item", str(number))]
    assert say("deny", *POSTS, *many) == 0

    assert say("deny", *POSTS, "--item", "119", "--item", "120") == 1
    assert "121 items would be, and 120 may be" in capsys.readouterr().err
    assert len(told(capsys)) == 120
    assert say("deny", *POSTS, "--item", "119", "--reason", "again") == 0


def test_the_longest_id_that_there_may_be_is_denied(table: Any) -> None:
    """DynamoDB takes 1,024 bytes as a sort key."""
    longest, later = "\N{PILE OF POO}" * 256, "\N{PILE OF POO}" * 255 + "x"
    denied = DenyList(table, TABLE, "posts", lambda: NOW)
    denied.deny([longest, later], until=None, reason="", by="ann")

    assert {denial.item for denial in denied.current()} == {longest, later}
    assert [change.denial.item for change in denied.changes()] == [longest, later]


def test_a_stage_that_is_not_there_is_told(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert say("deny", *POSTS, "--item", "1") == 1
    assert "there is no table recs-test-serving in eu-west-1" in capsys.readouterr().err
