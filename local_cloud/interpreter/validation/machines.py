"""States as a graph: where they start, lead and end."""

from collections.abc import Iterator
from typing import Any

from local_cloud.interpreter.validation.problems import NO_END, NO_TARGET, Problem, Problems, schema

_ENDS = ("Succeed", "Fail")


def targets(state: dict[str, Any], place: str) -> Iterator[tuple[Any, str]]:
    """(name of the next state, place of that name) of every way out of a state."""
    for field in ("Next", "Default"):
        if field in state:
            yield state[field], f"{place}/{field}"
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, dict) and "Next" in rule:
                yield rule["Next"], f"{place}/{field}[{index}]/Next"


def transitions(machine: dict[str, Any], place: str) -> Problems:
    """Of a machine, branch or item processor whose states are objects."""
    states: dict[str, Any] = machine["States"]
    start = machine.get("StartAt")
    if not isinstance(start, str):
        yield schema("Missing required field 'StartAt'", place or "/")
    elif start not in states:
        yield Problem(NO_TARGET, f"Missing 'StartAt' target: {start}", f"{place}/StartAt")
    for name, state in states.items():
        where = f"{place}/States/{name}"
        for target, at in targets(state, where):
            if not isinstance(target, str):
                yield schema("The name of a state is a text", at)
            elif target not in states:
                yield Problem(NO_TARGET, f"Missing 'Next' target: {target}", at)
        yield from _goes_on_or_ends(state, where)
    if not any(_is_end(state) for state in states.values()):
        yield Problem(NO_END, "Workflow has no terminal state", place or None)
    elif isinstance(start, str) and start in states:
        for name in states.keys() - _reached(states, start):
            yield Problem(NO_TARGET, f'State "{name}" is not reachable.', f"{place}/States/{name}")


def _is_end(state: dict[str, Any]) -> bool:
    return state.get("Type") in _ENDS or state.get("End") is True


def _goes_on_or_ends(state: dict[str, Any], place: str) -> Problems:
    if state.get("Type") in (*_ENDS, "Choice"):
        return
    if "End" in state and not isinstance(state["End"], bool):
        yield schema("'End' must be a boolean", f"{place}/End")
    if ("Next" in state) == (state.get("End") is True):
        yield schema("A state has either a field 'Next' or 'End' with the value true", place)


def _reached(states: dict[str, Any], start: str) -> set[str]:
    reached, left = set[str](), [start]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            following = (target for target, _ in targets(states[name], "") if isinstance(target, str))
            left += [target for target in following if target in states]
    return reached
