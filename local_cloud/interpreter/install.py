"""Puts every mend into moto's interpreter, in the order in which they build on each other."""

from moto.core.config import default_user_config
from moto.stepfunctions import models
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.interpreter import clients, definitions
from local_cloud.interpreter.executions import api, execution, resuming, standing
from local_cloud.interpreter.maps import runs
from local_cloud.interpreter.states import (
    choices,
    errors,
    expressions,
    intrinsics,
    json_paths,
    variables,
    waits,
)
from local_cloud.interpreter.tasks import function_tasks, optimised_tasks, sdk_tasks


def install(settings: Settings) -> None:
    """Once per process, before the first state machine."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    # CloudFormation looks here, and would keep state machines of its own.
    replace(models, "stepfunctions_backends", stepfunctions_parser_backends)
    expressions.install()
    json_paths.install()
    intrinsics.install()
    variables.install()
    errors.install()
    definitions.install()
    clients.install(settings)
    sdk_tasks.install(settings)
    choices.install()
    function_tasks.install()
    optimised_tasks.install(settings)
    waits.install(settings)
    runs.install(settings)
    resuming.install()
    standing.install()
    execution.install(settings)
    api.install()
