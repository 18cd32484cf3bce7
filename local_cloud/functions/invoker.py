"""The one way to run a deployed function: Invoke, the interpreter, rules and custom resources end here."""

import uuid
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

from local_cloud.functions.background import BackgroundInvocations
from local_cloud.functions.executor import Executor
from local_cloud.functions.results import InvokeResult
from local_cloud.ground.settings import Settings


class FunctionNotFound(LookupError):
    """No such function in this account and region."""


@dataclass(frozen=True)
class Installed:
    settings: Settings
    executor: Executor
    background: BackgroundInvocations


_installed: list[Installed] = []


def installed() -> Installed:
    """What `install` was given. Raises: RuntimeError, if it was not called."""
    if not _installed:
        raise RuntimeError(
            "the functions room is not installed: call local_cloud.functions.install(settings)"
        )
    return _installed[-1]


def find(function: str, region: str | None = None) -> Any:
    """moto's record of a function, by ARN (with or without a version), partial ARN or name.

    Raises: FunctionNotFound, if there is none.
    """
    settings = installed().settings
    if function.startswith("arn:"):
        region = function.split(":")[3]
    elif ":function:" in function:
        function = function.rpartition(":function:")[2]
    try:
        return lambda_backends[settings.account][region or settings.region].get_function(function, None)
    except UnknownFunctionException:
        raise FunctionNotFound(f"Function not found: {function}") from None


def invoke(function: str, payload: bytes, *, region: str | None = None) -> InvokeResult:
    """Run a function (ARN, partial ARN or name) and wait for its answer."""
    return installed().executor.invoke(find(function, region), payload)


def invoke_async(function: str, payload: bytes, *, region: str | None = None) -> str:
    """Run a function in the background as an Event invocation: two retries, then its failure destination.

    Returns the request id.
    """
    request_id = str(uuid.uuid4())
    installed().background.submit(find(function, region), payload, request_id)
    return request_id
