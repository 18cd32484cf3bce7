"""What moto's Lambda lacks, put in: each patch with the reason it exists."""

import base64
import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction

from local_cloud.functions import invoker
from local_cloud.functions.background import BackgroundInvocations
from local_cloud.functions.executor import Executor
from local_cloud.functions.results import InvalidPayload
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.regions.instance import reach

# What moto's LambdaFunction neither keeps nor answers.
FURTHER = ("LoggingConfig", "DeadLetterConfig")
# What its update ignores.
NOT_UPDATED = {"EphemeralStorage": "ephemeral_storage", "TracingConfig": "tracing_config"}


def install(settings: Settings) -> Callable[[], None]:
    """Let deployed functions run in processes of this machine; returns what ends all of them."""
    executor = Executor(settings, reach())
    invoker._installed.append(
        invoker.Installed(settings, executor, BackgroundInvocations(settings, executor, reach()))
    )
    _run_in_processes()
    _keep_further_configuration()
    _replace_event_invoke_configuration()
    _retire_deleted_functions()
    return executor.close


def _run_in_processes() -> None:
    """moto runs functions in Docker, Event invocations in the caller's thread, and says "Handled"."""

    def invoke(self: Any, body: bytes | str | None, request_headers: Any, response_headers: Any) -> bytes:
        payload = body.encode() if isinstance(body, str) else body or b""
        kind = request_headers.get("X-Amz-Invocation-Type", "RequestResponse")
        request_id = str(uuid.uuid4())
        response_headers["X-Amz-Executed-Version"] = str(self.version)
        if kind == "DryRun":
            return b""
        if kind == "Event":
            invoker.installed().background.submit(self, payload, request_id)
            return b""
        try:
            result = invoker.installed().executor.invoke(self, payload, request_id)
        except InvalidPayload as problem:
            raise LambdaClientError("InvalidRequestContentException", str(problem)) from None
        if result.function_error:
            response_headers["x-amz-function-error"] = result.function_error
        response_headers["x-amz-log-result"] = base64.b64encode(result.log_tail.encode()).decode()
        return result.payload

    replace(LambdaFunction, "invoke", invoke)


def _keep_further_configuration() -> None:
    """moto forgets where a function logs and where its dead letters go, and updates only some settings."""

    def initialise(self: Any, account_id: str, spec: dict[str, Any], *more: Any, **named: Any) -> None:
        self.further_configuration = {name: spec[name] for name in FURTHER if name in spec}
        create(self, account_id, spec, *more, **named)

    def get_configuration(self: Any, *more: Any, **named: Any) -> dict[str, Any]:
        group = f"/aws/lambda/{self.function_name}"
        logging = {
            "LogFormat": "Text",
            "LogGroup": group,
            **self.further_configuration.get("LoggingConfig", {}),
        }
        return {**answer(self, *more, **named), **self.further_configuration, "LoggingConfig": logging}

    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        self.further_configuration |= {name: updates[name] for name in FURTHER if name in updates}
        for name, attribute in NOT_UPDATED.items():
            if name in updates:
                value = updates[name]
                setattr(self, attribute, value["Size"] if name == "EphemeralStorage" else value)
        known = (
            {**updates, "Environment": {"Variables": {}, **updates["Environment"]}}
            if ("Environment" in updates)
            else updates
        )
        configuration: dict[str, Any] = update(self, known)
        return configuration

    create = replace(LambdaFunction, "__init__", initialise)
    answer = replace(LambdaFunction, "get_configuration", get_configuration)
    update = replace(LambdaFunction, "update_configuration", update_configuration)


def _replace_event_invoke_configuration() -> None:
    """moto appends a second configuration and goes on answering the first."""

    def put(self: Any, function_name: str, config: dict[str, Any]) -> Any:
        function = self.get_function(function_name)
        event_config = EventInvokeConfig(function.function_arn, function.last_modified, config)
        function.event_invoke_config = [event_config]
        return event_config.response()

    replace(LambdaBackend, "put_function_event_invoke_config", put)


def _retire_deleted_functions() -> None:
    def delete_function(self: Any, function_name: str, qualifier: str | None = None) -> None:
        arn = self.get_function(function_name).function_arn
        delete(self, function_name, qualifier)
        invoker.installed().executor.retire(arn)

    delete = replace(LambdaBackend, "delete_function", delete_function)
