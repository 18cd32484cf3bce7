"""JSONata: moto expects a JVM and writes variables into expressions; jsonata-python has them bound."""

import hashlib
import json
import random
import uuid
from collections.abc import Mapping
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from local_cloud.ground.patching import replace
from local_cloud.interpreter.states.failures import failure

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class EvaluationError(Exception):
    """The expression cannot be evaluated, or is undefined."""


def _partition(array: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    return [array[start : start + step] for start in range(0, len(array), step)]


def _range(first: float, last: float, step: float) -> list[float]:
    if not step:
        raise ValueError("the step of $range must not be 0")
    count = int((last - first) / step) + 1
    return [first + index * step for index in range(max(count, 0))]


def _hash(value: Any, algorithm: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.random() if seed is None else random.Random(seed).random()


# What Step Functions adds to JSONata; $eval, which it refuses, is unbound.
_FUNCTIONS = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": json.loads,
}


def _plain(value: Any) -> Any:
    """JSON values only: JavaScript has one kind of number, so 2.0 is written 2."""
    match value:
        case None | Utils.NULL_VALUE:
            return None
        case bool() | str():
            return value
        case float() if value.is_integer():
            return int(value)
        case int() | float():
            return value
        case Utils.RangeList():
            return list(range(value.a, value.b + 1))
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case _:
            raise EvaluationError("returned an unsupported result type.")


def _bound(value: Any) -> Any:
    """The library takes None for undefined."""
    return Utils.NULL_VALUE if value is None else value


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of a JSONata expression; `variables` are bound without their dollar sign.

    Raises: EvaluationError, also for no value at all.
    """
    try:
        program = Jsonata(expression)
        program.set_output_convert_nulls(False)
        for name, function in _FUNCTIONS.items():
            program.register_lambda(name, function)
        result = program.evaluate(None, {"eval": None} | {n: _bound(v) for n, v in variables.items()})
    except (JException, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise EvaluationError(f"threw an error during evaluation. {error}") from error
    if result is None:
        raise EvaluationError("returned nothing (undefined).")
    return _plain(result)


def evaluate_template(template: Any, variables: Mapping[str, Any]) -> Any:
    """A JSON value in which every string of the form {% ... %} is an expression."""
    match template:
        case str() if template.startswith("{%") and template.endswith("%}"):
            return evaluate(template[2:-2].strip(), variables)
        case dict():
            return {key: evaluate_template(value, variables) for key, value in template.items()}
        case list():
            return [evaluate_template(value, variables) for value in template]
        case _:
            return template


def variables_of(env: Any, *, states: bool = True) -> dict[str, Any]:
    """The variables in scope, and `states` as the state being evaluated sees it."""
    store = env.variable_store
    scope = {**store._outer_scope, **store._inner_scope}
    return {**scope, "states": env.states._states_data} if states else scope


def query_failure(env: Any, cause: str) -> FailureEventException:
    return failure(
        env,
        StatesErrorNameType.StatesQueryEvaluationError,
        cause,
        event=HistoryEventType.EvaluationFailed,
        details="evaluationFailedEventDetails",
    )


def _evaluate_string(self: Any, env: Any) -> None:
    states = getattr(self, "query_language_mode", QueryLanguageMode.JSONata) == QueryLanguageMode.JSONata
    try:
        env.stack.append(evaluate(self.expression, variables_of(env, states=states)))
    except EvaluationError as error:
        raise query_failure(env, f"The JSONata expression '{self.expression}' {error}") from error


def _assigned_variables(self: Any) -> dict[str, str]:
    """Each as JSON text; moto leaves quotes and line breaks of strings as they are."""
    return {name: json.dumps(self.get(name), separators=(",", ":")) for name in self._declaration_tracing}


def install() -> None:
    replace(string_expression.StringJSONata, "_eval_body", _evaluate_string)
    replace(string_expression.StringVariableSample, "_eval_body", _evaluate_string)
    replace(VariableStore, "get_assigned_variables", _assigned_variables)
