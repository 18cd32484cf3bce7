"""Lambda tasks, by lambda:invoke or the function's ARN: run by the function invoker, not over HTTP."""

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils, state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda

from local_cloud.functions import invoker
from local_cloud.patching import replace


def _not_found(function: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "ResourceNotFoundException", "Message": f"Function not found: {function}"},
            "ResponseMetadata": {"HTTPStatusCode": 404, "RequestId": ""},
        },
        "Invoke",
    )


def _invoke(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
    function = parameters["FunctionName"]
    if qualifier := parameters.get("Qualifier"):
        function = f"{function}:{qualifier}"
    payload = parameters.get("Payload", b"{}")
    try:
        if parameters.get("InvocationType") == "Event":
            invoker.invoke_async(function, payload, region=region)
            return {"StatusCode": 202, "Payload": ""}
        result = invoker.invoke(function, payload, region=region)
    except invoker.FunctionNotFound:
        raise _not_found(function) from None
    return {
        "ExecutedVersion": result.executed_version,
        "FunctionError": result.function_error,
        "Payload": json.loads(result.payload or b"null"),
        "StatusCode": 200,
    }


def install() -> None:
    replace(lambda_eval_utils, "_invoke_lambda_function", _invoke)
    # Stock moto drops the field without a word and invokes synchronously.
    state_task_service_lambda._SUPPORTED_API_PARAM_BINDINGS["invoke"].add("InvocationType")

    stock_from_error = state_task_lambda.StateTaskLambda._from_error

    def from_error(self: Any, env: Any, ex: Exception) -> FailureEvent:
        if not isinstance(ex, ClientError):
            return stock_from_error(self, env, ex)
        error = f"Lambda.{ex.response['Error']['Code']}"
        details: Any = {"error": error, "cause": ex.response["Error"]["Message"]}
        event: Any = {"lambdaFunctionFailedEventDetails": details}
        return FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.LambdaFunctionFailed,
            event_details=event,
        )

    replace(state_task_lambda.StateTaskLambda, "_from_error", from_error)
