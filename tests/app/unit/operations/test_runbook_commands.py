"""Commands that the runbooks name exist, and take the options that it gives them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from operations.cli import parser

PAGES = [Path(__file__).parents[4] / "docs" / name for name in ("restore.md", "runbook.md")]
_COMMAND = re.compile(r"(?:^ *|`)((?:aws|python -m operations) [a-z][^`\n]*)", re.MULTILINE)
_EVERYWHERE = {"region", "query", "output"}


def commands() -> Iterator[list[str]]:
    for page in PAGES:
        for found in _COMMAND.findall(page.read_text(encoding="utf-8")):
            if "..." not in found:
                yield shlex.split(found)


COMMANDS = [*commands()]
OF_AWS = [words for words in COMMANDS if words[0] == "aws"]


def operation_of(service: str, name: str) -> Any:
    model = Session().get_service_model(service)
    [found] = [each for each in model.operation_names if _dashed(each) == name]
    return model.operation_model(found)


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def waited_for(service: str, name: str) -> Any:
    """The operation that a waiter asks."""
    waiters = Session().get_waiter_model(service)
    [found] = [each for each in waiters.waiter_names if _dashed(each) == name]
    return operation_of(service, _dashed(waiters.get_waiter(found).operation))


@pytest.mark.parametrize("words", OF_AWS, ids=" ".join)
def test_a_command_of_aws_has_an_operation_with_these_members(words: list[str]) -> None:
    _, service, name, *rest = words
    operation = waited_for(service, rest.pop(0)) if name == "wait" else operation_of(service, name)
    members = {_dashed(member): shape for member, shape in operation.input_shape.members.items()}
    given = {
        word.removeprefix("--"): rest[at + 1 : at + 2] for at, word in enumerate(rest) if word[:2] == "--"
    }

    assert given.keys() <= members.keys() | _EVERYWHERE
    required = {_dashed(member) for member in operation.input_shape.required_members}
    assert required <= given.keys()
    for option, values in given.items():
        if option in members and members[option].type_name in ("structure", "list"):
            _check(members[option], values[0])


def _check(shape: Any, text: str) -> None:
    """Shorthand: Name=value,Name=value, with braces for what is within."""
    if shape.type_name == "list":
        shape = shape.member
    for name, value in re.findall(r"(\w+)=(\{[^}]*\}|[^,{}]+)", text):
        assert name in shape.members, f"{shape.name} has no {name}"
        within = shape.members[name]
        if value.startswith("{"):
            _check(within, value[1:-1])
        elif getattr(within, "enum", None):
            assert value in within.enum


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] != "aws"], ids=" ".join)
def test_a_command_of_operations_is_taken_by_its_parser(words: list[str]) -> None:
    assert parser().parse_args(words[3:]).command


def test_the_pages_have_commands_of_both_kinds() -> None:
    assert len(OF_AWS) >= 10
    assert len(COMMANDS) - len(OF_AWS) >= 4
