"""Choice states: a state's own Assign and Output are for when no rule matches.

Stock moto evaluates them too after a rule that leads to where the default leads, and takes a variable that is
not there for one that does not match.
"""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import (
    ComparisonVariable,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice

from local_cloud.ground.patching import replace
from local_cloud.interpreter.states.failures import failure


def _choose(self: Any, env: Any) -> None:
    for rule in self.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack.append(rule.next_stmt.name)
            return
    if self.default_state is None:
        raise _no_choice(self.name, env)
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.output:
        self.output.eval(env=env)
    env.stack.append(self.default_state.state_name)


def _no_choice(state: str, env: Any) -> FailureEventException:
    return failure(
        env,
        StatesErrorNameType.StatesNoChoiceMatched,
        f"No choice of the state '{state}' matched, and it has no Default",
        event=HistoryEventType.ExecutionFailed,
        details="executionFailedEventDetails",
    )


def _compare(self: Any, env: Any) -> None:
    """Only IsPresent may ask for what is not there."""
    self.variable.eval(env)
    missing = isinstance(env.stack[-1], NoSuchVariable)
    if missing and self.comparison_function.operator_type != ComparisonOperatorType.IsPresent:
        raise failure(
            env,
            StatesErrorNameType.StatesRuntime,
            f"Invalid path '{self.variable.string_sampler.literal_value}': The choice state's condition path "
            "references an invalid value.",
            event=HistoryEventType.ExecutionFailed,
            details="executionFailedEventDetails",
        )
    self.comparison_function.eval(env)


def _proceed(self: Any, env: Any) -> None:
    next_state = env.stack.pop()
    if self.output_path:
        self.output_path.eval(env=env)
    elif self._is_language_query_jsonpath():
        env.states.reset(input_value=env.stack.pop())
    env.next_state_name = next_state


def install() -> None:
    replace(ComparisonVariable, "_eval_body", _compare)
    replace(StateChoice, "_eval_state", _choose)
    replace(StateChoice, "_eval_state_output", _proceed)
