"""Variables: how they are shown, and how much they may hold."""

import json
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from local_cloud.ground.patching import replace
from local_cloud.interpreter.states.failures import failure

_MOST_BYTES = 256 * 1024
_MOST_BYTES_OF_ALL = 10 * 1024 * 1024


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _too_much(env: Any, what: str, limit: int) -> Exception:
    return failure(
        env,
        StatesErrorNameType.StatesStatesDataLimitExceeded,
        f"{what} more than {limit} bytes",
        event=HistoryEventType.TaskFailed,
        details="taskFailedEventDetails",
    )


def _assign(self: Any, env: Any) -> None:
    """Nothing is assigned if anything is too large."""
    assigned: dict[str, Any] = {}
    for binding in self.declaration_bindings:
        binding.eval(env=env)
        assigned.update(env.stack.pop())
    sizes = {name: _size(value) for name, value in assigned.items()}
    for name, size in sizes.items():
        if size > _MOST_BYTES:
            raise _too_much(env, f"The variable '{name}' has {size} bytes,", _MOST_BYTES)
    if sum(sizes.values()) > _MOST_BYTES:
        raise _too_much(env, f"One Assign has {sum(sizes.values())} bytes,", _MOST_BYTES)
    store = env.variable_store
    kept = {**store._outer_scope, **store._inner_scope}
    total = sum(sizes.values()) + sum(_size(value) for name, value in kept.items() if name not in assigned)
    if total > _MOST_BYTES_OF_ALL:
        raise _too_much(env, f"The variables of the execution have {total} bytes,", _MOST_BYTES_OF_ALL)
    for name, value in assigned.items():
        store.set(variable_identifier=name, variable_value=value)


def _shown(self: Any) -> dict[str, str]:
    """Each as JSON text; moto leaves quotes and line breaks of strings as they are."""
    return {name: json.dumps(self.get(name), separators=(",", ":")) for name in self._declaration_tracing}


def install() -> None:
    replace(AssignDecl, "_eval_body", _assign)
    replace(VariableStore, "get_assigned_variables", _shown)
