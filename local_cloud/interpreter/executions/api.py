"""Answers about executions: what stock moto's responses leave out, ignore or spell wrong."""

import json
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import ValidationException
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.ground.patching import replace
from local_cloud.interpreter.executions import redrives

_DEFAULT_EVENTS = 100


def _history(self: Any) -> ActionResult:
    """Pages, newest first if asked; stock moto answers everything, oldest first."""
    events = self.stepfunction_backend.get_execution_history(self._get_param("executionArn"))["events"]
    if self._get_bool_param("reverseOrder"):
        events = events[::-1]
    token = self._get_param("nextToken") or "0"
    if not token.isdigit():
        raise ValidationException(f"Invalid Token: '{token}'")
    start = int(token)
    stop = start + (self._get_int_param("maxResults") or _DEFAULT_EVENTS)
    page: dict[str, Any] = {"events": events[start:stop]}
    if stop < len(events):
        page["nextToken"] = str(stop)
    return ActionResult(page)


def _describe(self: Any) -> ActionResult:
    """Output as JSON text whatever its type, and the stop date of a timed out execution."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    answer = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "error": execution.error,
        "cause": execution.cause,
    }
    if execution.exec_status == ExecutionStatus.SUCCEEDED:
        answer |= {"output": json.dumps(execution.output), "outputDetails": {"included": True}}
    answer |= redrives.described(execution)
    return ActionResult({name: value for name, value in answer.items() if value is not None})


def _stop(self: Any) -> ActionResult:
    """With error and cause; of one that ended already, the date of its end."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    execution.stop(datetime.now(tz=UTC), self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def install() -> None:
    stock_list = StepFunctionResponse.list_executions

    def list_executions(self: Any) -> ActionResult:
        """Stock moto forgets when a timed out execution stopped."""
        answer: Any = stock_list(self).result
        backend = self.stepfunction_backend
        for entry in answer["executions"]:
            if entry["status"] == ExecutionStatus.TIMED_OUT.value:
                entry["stopDate"] = backend.describe_execution(entry["executionArn"]).stop_date
        return ActionResult(answer)

    replace(StepFunctionResponse, "get_execution_history", _history)
    replace(StepFunctionResponse, "describe_execution", _describe)
    replace(StepFunctionResponse, "stop_execution", _stop)
    replace(StepFunctionResponse, "list_executions", list_executions)
