"""Whether expressions parse, and read what there is where they stand."""

from collections.abc import Iterator
from typing import Any

from jsonpath_ng.ext.parser import parse as parse_path
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser

from local_cloud.interpreter.queries.evaluation import InvalidExpression, is_expression, parse
from local_cloud.interpreter.validation.problems import (
    NO_JSONATA,
    UNSUPPORTED_JSONATA,
    Problem,
    Problems,
    schema,
)

_PARTS = (
    "expression", "expressions", "lhs", "rhs", "lhs_object", "arguments", "body", "condition", "then",
    "_else", "procedure",
)  # fmt: skip


def texts_in(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """(text, place) of every text in a JSON value."""
    match value:
        case str():
            yield value, place
        case dict():
            for name, member in value.items():
                yield from texts_in(member, f"{place}/{name}")
        case list():
            for index, member in enumerate(value):
                yield from texts_in(member, f"{place}[{index}]")


def jsonata(value: Any, place: str) -> Problems:
    """Of every expression in a value of a state that uses JSONata."""
    for text, where in texts_in(value, place):
        if is_expression(text):
            yield from _expression(text[2:-2].strip(), where)


def _expression(text: str, place: str) -> Problems:
    try:
        tree = parse(text).ast
    except InvalidExpression as error:
        yield Problem(NO_JSONATA, str(error).partition(": ")[2], place)
        return
    for name in dict.fromkeys(_read_without_variable(tree)):
        yield Problem(UNSUPPORTED_JSONATA, f"Reference to '{name}' at the top level is not supported.", place)
    if "/Catch[" not in place and _reads_error(tree):
        message = "'$states.errorOutput' is only there in the fields of a Catch"
        yield Problem(UNSUPPORTED_JSONATA, message, place)


def _children(node: Any) -> Iterator[Any]:
    for part in _PARTS:
        found = getattr(node, part, None)
        for child in found if isinstance(found, list) else [found]:
            yield from child if isinstance(child, list | tuple) else [child]


def _read_without_variable(node: Any) -> Iterator[str]:
    """Names that a path starts with, and $ and $$, where there is no context item."""
    kind = getattr(node, "type", None)
    if kind == "path":
        first = node.steps[0]
        if first.type == "name":
            yield str(first.value)
        else:
            yield from _read_without_variable(first)
        return
    if kind == "variable" and node.value in ("", "$"):
        yield f"${node.value}"
        return
    if kind == "transform":
        return
    for child in _children(node):
        # foo(1) says itself what is wrong with it, when it is evaluated.
        if child is not None and child is not getattr(node, "procedure", None):
            yield from _read_without_variable(child)


def _reads_error(node: Any) -> bool:
    if getattr(node, "type", None) == "path":
        first, *more = node.steps
        if first.type == "variable" and first.value == "states" and more:
            return bool(more[0].type == "name" and more[0].value == "errorOutput")
        return any(_reads_error(step) for step in node.steps)
    return any(_reads_error(child) for child in _children(node) if child is not None)


def path(value: Any, field: str, place: str) -> Problems:
    """Of a field that takes a JSONPath, perhaps of the context object, or a function."""
    if not isinstance(value, str) or not value.startswith(("$", "States.")):
        yield schema(f"The value for the field '{field}' must be a valid JSONPath", place)
        return
    try:
        if value.startswith("States."):
            IntrinsicParser.parse(value)
        elif value.startswith(("$.", "$[", "$$.", "$$[")):
            parse_path(value.removeprefix("$") if value.startswith("$$") else value)
    except Exception:
        kind = "intrinsic function" if value.startswith("States.") else "JSONPath"
        yield schema(f"The value for the field '{field}' must be a valid {kind}", place)


def templates(value: Any, place: str) -> Problems:
    """Of every member whose name ends in .$ in a value of a state that uses JSONPath."""
    match value:
        case dict():
            for name, member in value.items():
                where = f"{place}/{name}"
                if name.endswith(".$"):
                    yield from path(member, name, where)
                else:
                    yield from templates(member, where)
        case list():
            for index, member in enumerate(value):
                yield from templates(member, f"{place}[{index}]")
