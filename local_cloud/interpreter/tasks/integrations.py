"""Which resources a Task may name, and which of them the local cloud runs."""

import re
from dataclasses import dataclass
from typing import Any

from local_cloud.interpreter.tasks import sdk_services

_ARN = re.compile(r"arn:aws[a-z-]*:states:([a-z0-9-]*):([0-9]*):([A-Za-z0-9-]+):(.+)")
_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]*:function:.+")
_TOKEN = "waitForTaskToken"
# By service and action, the patterns besides request and response.
_OPTIMISED = {
    ("lambda", "invoke"): {_TOKEN},
    ("states", "startExecution"): {"sync", "sync:2", _TOKEN},
    ("events", "putEvents"): {_TOKEN},
    ("sns", "publish"): {_TOKEN},
    ("sqs", "sendMessage"): {_TOKEN},
    ("dynamodb", "getItem"): set[str](),
    ("dynamodb", "putItem"): set[str](),
    ("dynamodb", "updateItem"): set[str](),
    ("dynamodb", "deleteItem"): set[str](),
}
# Step Functions has integrations with these; nothing here would do their work.
_NOT_HERE = {
    "apigateway", "athena", "batch", "bedrock", "codebuild", "databrew", "ecs", "eks", "elasticmapreduce",
    "emr-containers", "emr-serverless", "glue", "http", "mediaconvert", "sagemaker",
}  # fmt: skip
_BOTOCORE_NAMES = {"states": "stepfunctions"}


class UnknownResource(ValueError):
    """Step Functions or the local cloud has no such integration."""


@dataclass(frozen=True)
class Integration:
    """A call of a service: `optimised`, or of aws-sdk, which passes names and results on as they are."""

    service: str
    action: str
    optimised: bool

    @property
    def model(self) -> Any:
        """botocore's model of the action."""
        service = botocore_name(self.service) if self.optimised else self.service
        return sdk_services.operation_model(service, self.action)


def botocore_name(service: str) -> str:
    """Of a service with optimised integrations."""
    return _BOTOCORE_NAMES.get(service, service)


def integration_of(resource: str) -> Integration | None:
    """None for the ARN of a function.

    Raises: UnknownResource, if nothing of that name can be called here; UnknownIntegration, if an aws-sdk
    service or action does not exist.
    """
    if _FUNCTION.fullmatch(resource):
        return None
    found = _ARN.fullmatch(resource)
    if found is None:
        raise UnknownResource(
            f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or "
            "the resource is not available in this region."
        )
    region, account, service, rest = found.groups()
    if service == "activity" and region and account:
        raise UnknownResource(f"The local cloud runs no activities: {resource}")
    if service == "aws-sdk":
        name, _, action = rest.partition(":")
        action, _, pattern = action.partition(".")
        if pattern not in ("", _TOKEN):
            raise UnknownResource(f"aws-sdk integrations have no '.{pattern}': {resource}")
        sdk_services.operation_model(name, action)
        return Integration(name, action, optimised=False)
    action, _, pattern = rest.partition(".")
    if service in _NOT_HERE:
        raise UnknownResource(f"The local cloud does not run {resource}; Step Functions may")
    patterns = _OPTIMISED.get((service, action))
    if patterns is None:
        raise UnknownResource(f"Step Functions has no optimised integration {resource}")
    if pattern and pattern not in patterns:
        raise UnknownResource(f"{service}:{action} has no '.{pattern}': {resource}")
    return Integration(service, action, optimised=True)
