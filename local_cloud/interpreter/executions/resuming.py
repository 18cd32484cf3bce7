"""Where an execution was when it ended, and programs that begin there instead of at their start."""

import copy
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from local_cloud.ground.patching import replace


@dataclass(frozen=True)
class Place:
    """A state that was entered, with its input and the variables that it found."""

    state: str
    input: Any
    variables: dict[str, Any]


def place_of(env: Any) -> Place | None:
    """Where the environment's program is or ended; none before its first state."""
    place: Place | None = getattr(env, "entered", None)
    return place


def put(env: Any, place: Place) -> None:
    """Into a new environment, as if its program had come this far."""
    env.states.reset(place.input)
    env.variable_store._inner_scope.update(place.variables)


def starting_at(program: Any, state: str) -> Any:
    """The program with another start; programs hold no state of an execution, so that the rest is shared."""
    changed = copy.copy(program)
    changed.start_at = StartAt(state)
    return changed


def install() -> None:
    stock: Any = CommonStateField._eval_body

    def eval_body(self: Any, env: Any) -> None:
        env.entered = Place(self.name, env.states.get_input(), dict(env.variable_store._inner_scope))
        stock(self, env)

    replace(CommonStateField, "_eval_body", eval_body)
