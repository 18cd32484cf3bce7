"""aws-sdk integrations: stock moto translates neither their arguments nor their results and errors."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_callback,
)

from local_cloud.ground.clients import client
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.interpreter.tasks import sdk_services, sdk_shapes
from local_cloud.judge.instance import installed

_AwsSdkTask = state_task_service_aws_sdk.StateTaskServiceAwsSdk
_CallbackTask = state_task_service_callback.StateTaskServiceCallback


def _failure(self: Any, env: Any, ex: Exception) -> Any:
    """Service errors by the name that Catch and Retry match; anything else as moto does."""
    service = self.resource.api_name
    prefix = sdk_services.error_prefix(service)
    match ex:
        case ClientError():
            metadata = ex.response.get("ResponseMetadata", {})
            status, request = metadata.get("HTTPStatusCode", 500), metadata.get("RequestId", "")
            details = f"(Service: {prefix}, Status Code: {status}, Request ID: {request})"
            cause = f"{ex.response['Error'].get('Message', '')} {details}".lstrip()
            return self._get_task_failure_event(
                env=env, error=sdk_services.error_name(service, ex), cause=cause
            )
        case BotoCoreError() if not isinstance(ex, ParamValidationError):
            return self._get_task_failure_event(env=env, error=f"{prefix}.SdkClientException", cause=str(ex))
        case _:
            return _CallbackTask._from_error(self, env=env, ex=ex)


def install(settings: Settings) -> None:
    def call(
        self: Any, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        operation = sdk_services.operation_model(self.resource.api_name, self.resource.api_action)
        service = client(
            settings,
            sdk_services.botocore_name(self.resource.api_name),
            resource_runtime_part.region,
            installed().machine_keys(state_credentials.role_arn),
        )
        arguments = normalised_parameters or {}
        if operation.input_shape is not None:
            arguments = sdk_shapes.to_request(arguments, operation.input_shape)
        # boto3's snake-case methods end in this call; it takes the operation's own name.
        response = service._make_api_call(operation.name, arguments)
        output = operation.output_shape
        env.stack.append({} if output is None else sdk_shapes.from_response(response, output))

    replace(_AwsSdkTask, "_eval_service_task", call)
    replace(_AwsSdkTask, "_from_error", _failure)
