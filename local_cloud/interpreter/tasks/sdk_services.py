"""Names of aws-sdk integrations: arn:aws:states:::aws-sdk:SERVICE:ACTION to botocore and to error names."""

import re
from functools import cache
from typing import Any

import botocore.exceptions
import botocore.session

# Step Functions names services after the AWS SDK for Java; these differ from botocore's names.
_BOTOCORE_NAMES = {
    "sfn": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "personalizeruntime": "personalize-runtime",
    "personalizeevents": "personalize-events",
}


class UnknownIntegration(ValueError):
    """No such service or action."""


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def service_model(service: str) -> Any:
    """botocore's model of a service named as state machines name it.

    Raises: UnknownIntegration, if there is none.
    """
    try:
        return _session().get_service_model(botocore_name(service))
    except botocore.exceptions.UnknownServiceError:
        raise UnknownIntegration(f"the local cloud knows no aws-sdk service '{service}'") from None


def botocore_name(service: str) -> str:
    return _BOTOCORE_NAMES.get(service.lower(), service.lower())


@cache
def operation_model(service: str, action: str) -> Any:
    """botocore's model of an action, in any case of letters. Raises: UnknownIntegration, if there is none."""
    model = service_model(service)
    for name in model.operation_names:
        if name.lower() == action.lower():
            return model.operation_model(name)
    raise UnknownIntegration(f"aws-sdk service '{service}' has no action '{action}'")


@cache
def error_prefix(service: str) -> str:
    """Sfn, DynamoDb, S3, Personalize: the service id, each of its words capitalised as Java does."""
    words = re.findall(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+", service_model(service).service_id)
    return "".join(word[0].upper() + word[1:].lower() for word in words)


def error_name(service: str, error: Exception) -> str:
    """`error`'s class is the modelled exception, or ClientError when the operation does not declare it."""
    prefix = error_prefix(service)
    declared = type(error).__name__
    name = prefix if declared == "ClientError" else declared.removesuffix("Fault")
    return f"{prefix}.{name}" if name.endswith("Exception") else f"{prefix}.{name}Exception"
