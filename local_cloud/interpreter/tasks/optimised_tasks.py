"""Optimised integrations: stock moto passes arguments and results on as the state machine writes them.

The API of Step Functions says stateMachineArn where a state machine says StateMachineArn.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)

from local_cloud.ground.clients import client
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.interpreter.tasks import integrations, sdk_services, sdk_shapes
from local_cloud.judge.instance import installed

_LOOK_SECONDS = 0.1
# They translate for themselves.
_OTHERS = ("aws-sdk", "lambda")


def _operation(task: Any, action: str | None) -> Any:
    service = integrations.botocore_name(task.resource.service_name)
    return sdk_services.operation_model(service, (action or task.resource.api_action).replace("_", ""))


def _translate(values: dict[str, Any], translated: dict[str, Any]) -> None:
    values.clear()
    values.update(translated)


def _to_request(
    self: Any, parameters: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    if self.resource.service_name not in _OTHERS:
        shape = _operation(self, service_action_name).input_shape
        _translate(parameters, sdk_shapes.to_request(parameters, shape))


def _from_response(
    self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    """Members that the action does not have are there already as a state machine sees them."""
    if self.resource.service_name not in _OTHERS and isinstance(response, dict):
        shape = _operation(self, service_action_name).output_shape
        kept = {name: value for name, value in response.items() if name not in shape.members}
        _translate(response, kept | sdk_shapes.from_response(response, shape))


class _Awaited:
    """Looks at a started execution, and knows whether it has seen its end."""

    def __init__(self, execution: str, look: Callable[[], Any]) -> None:
        self.execution, self.ended = execution, False
        self._look = look

    def __call__(self) -> Any:
        try:
            result = self._look()
        except Exception:
            self.ended = True
            raise
        self.ended = result is not None
        return result


def install(settings: Settings) -> None:
    def watching(stock: Any) -> Any:
        def build(self: Any, env: Any, **options: Any) -> _Awaited:
            execution = env.stack[-1]["ExecutionArn"]
            return _Awaited(execution, stock(self, env=env, **options))

        return build

    stock_sync: Any = StateTaskServiceSfn._eval_sync

    def sync(self: Any, env: Any, sync_resolver: _Awaited, **options: Any) -> Any:
        """The execution does not outlive a task that times out, or a workflow that is stopped."""
        try:
            return stock_sync(self, env=env, sync_resolver=sync_resolver, **options)
        finally:
            if not sync_resolver.ended:
                region = sync_resolver.execution.split(":")[3]
                keys = installed().machine_keys(env.aws_execution_details.role_arn)
                states = client(settings, "stepfunctions", region, keys)
                states.stop_execution(executionArn=sync_resolver.execution)

    replace(StateTaskService, "_normalise_parameters", _to_request)
    replace(StateTaskService, "_normalise_response", _from_response)
    replace(StateTaskServiceSfn, "_build_sync_resolver", watching(StateTaskServiceSfn._build_sync_resolver))
    replace(StateTaskServiceSfn, "_build_sync2_resolver", watching(StateTaskServiceSfn._build_sync2_resolver))
    replace(StateTaskServiceSfn, "_eval_sync", sync)
    replace(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", _LOOK_SECONDS)
