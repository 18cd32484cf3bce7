"""Lambda tasks, by lambda:invoke or the function's ARN."""

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda

from local_cloud.ground.patching import replace


def install() -> None:
    # Stock moto drops the field without a word and invokes synchronously.
    state_task_service_lambda._SUPPORTED_API_PARAM_BINDINGS["invoke"].add("InvocationType")

    stock_from_error = StateTaskLambda._from_error

    def from_error(self: Any, env: Any, ex: Exception) -> FailureEvent:
        """Stock moto calls every failure of Lambda itself "Exception" in a task with a function ARN."""
        if not isinstance(ex, ClientError):
            return stock_from_error(self, env, ex)
        error = f"Lambda.{ex.response['Error']['Code']}"
        event: Any = {
            "lambdaFunctionFailedEventDetails": {"error": error, "cause": ex.response["Error"]["Message"]}
        }
        return FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.LambdaFunctionFailed,
            event_details=event,
        )

    replace(StateTaskLambda, "_from_error", from_error)
