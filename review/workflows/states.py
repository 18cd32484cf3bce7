"""States and transitions of a definition, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.reading.machines import Definition, State, states_of

START = "Start"
_INNER = ("Branches", "ItemProcessor", "Iterator")


@dataclass(frozen=True, order=True)
class Transition:
    """why: what leads there besides the end of the state: a condition, an error."""

    source: str
    target: str
    why: str = ""
    caught: bool = False
    """whether an error leads there"""


def states_in(definition: Definition) -> dict[str, State]:
    """By name, which is unique in a state machine; without what lies within them."""
    return {name: _own(state) for name, state, _ in states_of(definition.get("States", {}))}


def transitions_in(definition: Definition) -> set[Transition]:
    found = {Transition(START, definition.get("StartAt", ""))}
    for name, state, _ in states_of(definition.get("States", {})):
        found |= set(_of_state(name, state))
    return found


def _of_state(name: str, state: State) -> Iterator[Transition]:
    if "Next" in state:
        yield Transition(name, state["Next"])
    if "Default" in state:
        yield Transition(name, state["Default"], "otherwise")
    for choice in state.get("Choices", ()):
        yield Transition(name, choice["Next"], _condition(choice))
    for caught in state.get("Catch", ()):
        yield Transition(name, caught["Next"], f"on {', '.join(caught['ErrorEquals'])}", caught=True)
    for inner in (
        *state.get("Branches", ()),
        *filter(None, [state.get("ItemProcessor"), state.get("Iterator")]),
    ):
        yield Transition(name, inner["StartAt"], "within")


def _condition(choice: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in choice.items() if key not in ("Next", "Output", "Assign", "Comment")}
    return str(rest.get("Condition") or rest)


def _own(state: State) -> State:
    own = {key: value for key, value in state.items() if key not in _INNER}
    for name in _INNER[1:]:
        if name in state:
            own[name] = {key: value for key, value in state[name].items() if key not in ("States", "StartAt")}
    return own
