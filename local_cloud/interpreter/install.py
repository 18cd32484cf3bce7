"""Puts every mend into moto's interpreter, in the order in which they build on each other."""

from moto.core.config import default_user_config
from moto.stepfunctions import models
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_cloud.interpreter import (
    choices,
    clients,
    definitions,
    execution_api,
    executions,
    expressions,
    function_tasks,
    map_runs,
    resuming,
    sdk_tasks,
    waits,
)
from local_cloud.patching import replace
from local_cloud.settings import Settings


def install(settings: Settings) -> None:
    """Once per process, before the first state machine."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    # CloudFormation looks here, and would keep state machines of its own.
    replace(models, "stepfunctions_backends", stepfunctions_parser_backends)
    expressions.install()
    definitions.install()
    clients.install(settings)
    sdk_tasks.install(settings)
    choices.install()
    function_tasks.install()
    waits.install(settings)
    map_runs.install(settings)
    resuming.install()
    executions.install()
    execution_api.install()
