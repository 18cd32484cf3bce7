"""Names of errors: which a Retry or Catch matches; a function may raise one of Step Functions' own."""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName

from local_cloud.ground.patching import replace

_TERMINAL = ("States.Runtime", "States.DataLimitExceeded")


def matches(handled: set[str | None], error: str | None) -> bool:
    """`handled`: the names of ErrorEquals. The wildcards do not match what ends every execution."""
    if error in handled:
        return True
    if error in _TERMINAL:
        return False
    return "States.ALL" in handled or ("States.TaskFailed" in handled and error != "States.Timeout")


def _any_name(self: Any, error_name: str | None) -> None:
    """Stock moto fails when a function, a token or a Fail state says States.Something."""
    ErrorName.__init__(self, error_name=error_name)


def _match(self: Any, env: Any) -> None:
    error = env.stack.pop()
    env.stack.append(matches({name.error_name for name in self.error_names}, error.error_name))


def install() -> None:
    replace(CustomErrorName, "__init__", _any_name)
    replace(ErrorEqualsDecl, "_eval_body", _match)
