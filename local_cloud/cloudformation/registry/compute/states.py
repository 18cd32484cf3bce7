"""AWS::StepFunctions."""

import json
import re

from botocore.exceptions import ClientError

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_CONFIGURATION = "EncryptionConfiguration LoggingConfiguration TracingConfiguration RoleArn"

# Of a state machine that does not name them: API reference of Step Functions, CreateStateMachine.
_DEFAULTS = {
    "EncryptionConfiguration": {"Type": "AWS_OWNED_KEY"},
    "LoggingConfiguration": {"Level": "OFF"},
    "TracingConfiguration": {"Enabled": False},
}


def _definition(request: Request) -> str:
    properties = request.properties
    if "DefinitionString" in properties:
        text: str = properties["DefinitionString"]
    elif "DefinitionS3Location" in properties:
        location = properties["DefinitionS3Location"]
        answer = request.call("s3", "get_object", Bucket=location["Bucket"], Key=location["Key"])
        text = answer["Body"].read().decode()
    else:
        text = json.dumps(properties["Definition"])
    values = properties.get("DefinitionSubstitutions", {})
    return re.sub(r"\$\{([\w-]+)\}", lambda match: str(values.get(match[1], match[0])), text)


def _create(request: Request) -> Physical:
    name = request.name(request.properties.get("StateMachineName"), limit=80)
    kind = request.properties.get("StateMachineType", "STANDARD")
    _require_new(request, request.arn("states", f"stateMachine:{name}"))
    arn = request.call(
        "stepfunctions",
        "create_state_machine",
        request.some(*_CONFIGURATION.split(), "Tags"),
        name=name,
        type=kind,
        definition=_definition(request),
    )["stateMachineArn"]
    return Physical(arn, {"Arn": arn, "Name": name})


def _require_new(request: Request, arn: str) -> None:
    """The API itself answers with the state machine that exists if it is the same."""
    try:
        request.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "StateMachineDoesNotExist":
            raise
    else:
        raise ResourceFailed(f"State Machine Already Exists: '{arn}' (HandlerErrorCode: AlreadyExists)")


def _update(request: Request, physical: Physical) -> Physical:
    taken_away = {name: value for name, value in _DEFAULTS.items() if request.changed(name)}
    request.call(
        "stepfunctions",
        "update_state_machine",
        taken_away | request.some(*_CONFIGURATION.split()),
        stateMachineArn=physical.id,
        definition=_definition(request),
    )
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("stepfunctions", "tag_resource", resourceArn=physical.id, tags=tags)
    if gone:
        request.call("stepfunctions", "untag_resource", resourceArn=physical.id, tagKeys=gone)
    return physical


def _delete(request: Request, physical: Physical) -> None:
    request.call_unless_absent("stepfunctions", "delete_state_machine", stateMachineArn=physical.id)


TYPES = (
    ResourceType(
        name="AWS::StepFunctions::StateMachine",
        create=_create,
        update=_update,
        delete=_delete,
        properties=names(
            f"{_CONFIGURATION} Definition DefinitionS3Location DefinitionString DefinitionSubstitutions Tags"
        ),
        replacing=names("StateMachineName StateMachineType"),
    ),
)
