"""JSONata in states: moto expects a JVM and writes variables into expressions; ours have them bound."""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string import string_expression

from local_cloud.ground.patching import replace
from local_cloud.interpreter.queries.evaluation import EvaluationError, evaluate
from local_cloud.interpreter.states.failures import failure


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


def install() -> None:
    replace(string_expression.StringJSONata, "_eval_body", _evaluate_string)
    replace(string_expression.StringVariableSample, "_eval_body", _evaluate_string)
