"""Every resource type that the local cloud deploys, one row each."""

from local_cloud.cloudformation.registry import (
    custom,
    dynamodb,
    ecr,
    events,
    functions,
    iam,
    kms,
    logs,
    metadata,
    monitoring,
    personalize,
    s3,
    scheduler,
    sns,
    sqs,
    ssm,
    states,
)
from local_cloud.cloudformation.resource import ResourceType

_ROOMS = (
    custom,
    dynamodb,
    ecr,
    events,
    functions,
    iam,
    kms,
    logs,
    metadata,
    monitoring,
    personalize,
    s3,
    scheduler,
    sns,
    sqs,
    ssm,
    states,
)

TYPES: dict[str, ResourceType] = {row.name: row for room in _ROOMS for row in room.TYPES}


def type_of(name: str) -> ResourceType:
    return custom.CUSTOM_RESOURCE if name.startswith("Custom::") else TYPES[name]
