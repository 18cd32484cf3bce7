"""A whole definition, from its text to the last of its states."""

import json
from collections.abc import Iterator
from typing import Any

from local_cloud.interpreter.validation import expressions, resources
from local_cloud.interpreter.validation.fields import TYPES, fields_of
from local_cloud.interpreter.validation.machines import transitions
from local_cloud.interpreter.validation.problems import NO_JSON, SAME_NAME, Problem, Problems, schema
from local_cloud.interpreter.validation.values import required

_MOST_BYTES = 1_048_576
_LONGEST_NAME = 80
_LANGUAGES = ("JSONPath", "JSONata")
# Their values are payload templates, in JSONPath; Assign of rules and catchers too.
_TEMPLATES = (
    "Parameters",
    "ResultSelector",
    "ItemSelector",
    "Assign",
    "Credentials",
    "ItemReader",
    "ResultWriter",
)
_INNER = ("Branches", "ItemProcessor", "Iterator")


class _Duplicate(ValueError):
    """A name comes twice in a JSON object."""


def check(text: str) -> list[Problem]:
    """What is wrong with a definition, in the order of the text; nothing, if it is right."""
    if len(text.encode()) > _MOST_BYTES:
        return [Problem(NO_JSON, f"A definition has at most {_MOST_BYTES} bytes", None)]
    try:
        machine = json.loads(text, object_pairs_hook=_object)
    except _Duplicate as error:
        return [Problem(SAME_NAME, str(error), None)]
    except ValueError as error:
        return [Problem(NO_JSON, f"The definition is not JSON: {error}", None)]
    if not isinstance(machine, dict):
        return [Problem(NO_JSON, "A definition is a JSON object", None)]
    language = machine.get("QueryLanguage", "JSONPath")
    problems = [] if language in _LANGUAGES else [_language("", machine)]
    problems += _machine(machine, "JSONPath" if language == "JSONPath" else "JSONata", "")
    return problems + list(_same_names(machine, "", set()))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _Duplicate(f"Names that come twice in one object: {', '.join(twice)}")
    return dict(pairs)


def _language(place: str, holder: dict[str, Any]) -> Problem:
    words = f"'QueryLanguage' must be JSONPath or JSONata, not {holder['QueryLanguage']!r}"
    return schema(words, f"{place}/QueryLanguage")


def _machine(machine: dict[str, Any], language: str, place: str) -> Problems:
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield schema("Missing required field 'States'", place or "/")
        return
    seconds = machine.get("TimeoutSeconds", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        yield schema("TimeoutSeconds must be a whole number of at least 1", f"{place}/TimeoutSeconds")
    for name, state in states.items():
        where = f"{place}/States/{name}"
        if not isinstance(state, dict):
            yield schema("A state is a JSON object", where)
            continue
        if not 1 <= len(name) <= _LONGEST_NAME:
            yield schema(f"The name of a state has 1 to {_LONGEST_NAME} characters", where)
        yield from _state(state, language, where)
    if all(isinstance(state, dict) for state in states.values()):
        yield from transitions(machine, place)


def _state(state: dict[str, Any], machine_language: str, place: str) -> Problems:
    """States inside of a Map or Parallel have the language of the machine, not of that state."""
    if state.get("Type") not in TYPES:
        yield schema(f"'Type' must be one of {', '.join(TYPES)}", f"{place}/Type")
        return
    own = state.get("QueryLanguage", machine_language)
    if own not in _LANGUAGES:
        yield _language(place, state)
    elif own == "JSONPath" and machine_language == "JSONata":
        words = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield schema(words, place)
    language = "JSONPath" if own == "JSONPath" else "JSONata"
    yield from fields_of(state, language, place)
    yield from required(state, place, language)
    if state["Type"] == "Task" and isinstance(state.get("Resource"), str):
        yield from resources.task(state, language, place)
    yield from _expressions(state, language, place)
    for inner, where in _inner(state, place):
        yield from _machine(inner, machine_language, where)


def _inner(state: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str]]:
    for field in _INNER:
        found = state.get(field)
        if isinstance(found, dict):
            yield found, f"{place}/{field}"
        for index, branch in enumerate(found if isinstance(found, list) else ()):
            if isinstance(branch, dict):
                yield branch, f"{place}/{field}[{index}]"


def _expressions(state: dict[str, Any], language: str, place: str) -> Problems:
    own = {name: value for name, value in state.items() if name not in (*_INNER, "Comment", "Result")}
    if language == "JSONata":
        for name, value in own.items():
            yield from expressions.jsonata(value, f"{place}/{name}")
    else:
        for name, value in own.items():
            if name.endswith("Path") and value is not None:
                yield from expressions.path(value, name, f"{place}/{name}")
            elif name in _TEMPLATES:
                yield from expressions.templates(value, f"{place}/{name}")
    yield from _variables(own, place)


def _variables(value: Any, place: str) -> Problems:
    match value:
        case dict():
            for name, member in value.items():
                if name == "Assign" and isinstance(member, dict):
                    yield from _names(member, f"{place}/Assign")
                elif name in ("Choices", "Catch"):
                    yield from _variables(member, f"{place}/{name}")
        case list():
            for index, member in enumerate(value):
                yield from _variables(member, f"{place}[{index}]")


def _names(assigned: dict[str, Any], place: str) -> Problems:
    for name in assigned:
        variable = name.removesuffix(".$")
        if not variable.isidentifier() or variable == "states" or len(variable) > _LONGEST_NAME:
            words = (
                f"'{variable}' cannot be the name of a variable: up to {_LONGEST_NAME} letters, digits and "
            )
            yield schema(words + "underscores, and not 'states'", f"{place}/{name}")


def _same_names(machine: dict[str, Any], place: str, seen: set[str]) -> Problems:
    states = machine.get("States")
    for name, state in (states if isinstance(states, dict) else {}).items():
        where = f"{place}/States/{name}"
        if name in seen:
            yield Problem(SAME_NAME, f"Another state of the machine has the name '{name}'", where)
        seen.add(name)
        if isinstance(state, dict):
            for inner, inside in _inner(state, where):
                yield from _same_names(inner, inside, seen)
