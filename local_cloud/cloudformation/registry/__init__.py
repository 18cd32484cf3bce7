"""Every resource type that the local cloud deploys, one row each."""

from local_cloud.cloudformation.registry import custom, logs, metadata, monitoring, personalize
from local_cloud.cloudformation.registry.access import iam, kms, secrets_manager, ssm
from local_cloud.cloudformation.registry.compute import api_gateway, event_sources, functions, states
from local_cloud.cloudformation.registry.messages import events, scheduler, ses, sns, sqs
from local_cloud.cloudformation.registry.storage import dynamodb, ecr, s3
from local_cloud.cloudformation.resources.resource import ResourceType

_ROOMS = (
    api_gateway,
    custom,
    dynamodb,
    ecr,
    event_sources,
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
    secrets_manager,
    ses,
    sns,
    sqs,
    ssm,
    states,
)

TYPES: dict[str, ResourceType] = {row.name: row for room in _ROOMS for row in room.TYPES}


def type_of(name: str) -> ResourceType:
    return custom.CUSTOM_RESOURCE if name.startswith("Custom::") else TYPES[name]
