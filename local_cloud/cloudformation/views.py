"""How the API shows stacks."""

from typing import Any

from local_cloud.cloudformation.registry import TYPES
from local_cloud.cloudformation.stacks.model import (
    STACK_TYPE,
    ChangeSet,
    Desired,
    Stack,
    StackEvent,
    StackResource,
)
from local_cloud.cloudformation.templates.template import Template

NOT_CHECKED = {"StackDriftStatus": "NOT_CHECKED"}


def stack(stack: Stack) -> dict[str, Any]:
    desired = stack.desired
    return _given(
        StackId=stack.id,
        StackName=stack.name,
        Description=desired.template.description,
        Parameters=[parameter.described(name) for name, parameter in desired.parameters.items()],
        CreationTime=stack.created,
        DeletionTime=stack.deleted,
        LastUpdatedTime=stack.updated,
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DisableRollback=stack.disable_rollback,
        NotificationARNs=[],
        Capabilities=list(desired.capabilities),
        Outputs=[
            _given(OutputKey=o.key, OutputValue=o.value, Description=o.description, ExportName=o.export)
            for o in stack.outputs
        ],
        RoleARN=desired.role_arn,
        RollbackConfiguration=_rollback(desired),
        Tags=[{"Key": key, "Value": value} for key, value in desired.tags],
        EnableTerminationProtection=stack.termination_protection,
        DriftInformation=NOT_CHECKED,
    )


def stack_summary(stack: Stack) -> dict[str, Any]:
    return _given(
        StackId=stack.id,
        StackName=stack.name,
        TemplateDescription=stack.desired.template.description,
        CreationTime=stack.created,
        LastUpdatedTime=stack.updated,
        DeletionTime=stack.deleted,
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DriftInformation=NOT_CHECKED,
    )


def event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    return _event(stack, event) | {"StackName": stack.name}


def _event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    return _given(
        StackId=stack.id,
        EventId=event.id,
        OperationId=event.operation.id,
        LogicalResourceId=event.logical_id,
        PhysicalResourceId=event.physical_id or "",
        ResourceType=event.type,
        Timestamp=event.time,
        ResourceStatus=event.status,
        ResourceStatusReason=event.reason,
        ClientRequestToken=event.token,
    )


def operation_event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    """As DescribeEvents shows it: beside the resource, the operation and what kind of event it is."""
    common = _event(stack, event) | {"OperationType": event.operation.type}
    if event.type == STACK_TYPE:
        ended = "FAILED" if failed(event) else "SUCCEEDED"
        state = "IN_PROGRESS" if event.status.endswith("_IN_PROGRESS") else ended
        return common | {"EventType": "STACK_EVENT", "OperationStatus": state}
    return common | {"EventType": "PROVISIONING_ERROR" if failed(event) else "PROGRESS_EVENT"}


def failed(event: StackEvent) -> bool:
    return event.status.endswith("_FAILED")


def resource(stack: Stack, resource: StackResource, changed: str = "Timestamp") -> dict[str, Any]:
    named = {"StackId": stack.id, "StackName": stack.name} if changed == "Timestamp" else {}
    return named | _given(
        LogicalResourceId=resource.logical_id,
        PhysicalResourceId=resource.physical.id if resource.physical else None,
        ResourceType=resource.type,
        ResourceStatus=resource.status,
        ResourceStatusReason=resource.reason,
        DriftInformation={"StackResourceDriftStatus": "NOT_CHECKED"},
        **{changed: resource.changed},
    )


def template_summary(template: Template) -> dict[str, Any]:
    types = sorted({declaration.type for declaration in template.resources.values()})
    named = any("AWS::IAM::" in kind for kind in types)
    return _given(
        Description=template.description,
        ResourceTypes=types,
        ResourceIdentifierSummaries=[
            {
                "ResourceType": kind,
                "LogicalResourceIds": [
                    name for name, body in template.resources.items() if body.type == kind
                ],
                "ResourceIdentifiers": [",".join(TYPES[kind].identifier)],
            }
            for kind in types
            if kind in TYPES and TYPES[kind].adopt
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"] if named else [],
        Version=template.document.get("AWSTemplateFormatVersion"),
        Parameters=[
            _given(
                ParameterKey=name,
                ParameterType=body.get("Type", "String"),
                DefaultValue=str(body["Default"]) if "Default" in body else None,
                NoEcho=str(body.get("NoEcho", False)).lower() == "true",
                Description=body.get("Description"),
                ParameterConstraints={
                    "AllowedValues": [str(value) for value in body.get("AllowedValues", [])]
                },
            )
            for name, body in template.section("Parameters").items()
        ],
    )


def change_set(stack: Stack, made: ChangeSet) -> dict[str, Any]:
    return change_set_summary(stack, made) | {
        "Parameters": [parameter.described(name) for name, parameter in made.desired.parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in made.desired.tags],
        "Capabilities": list(made.desired.capabilities),
        "NotificationARNs": [],
        "RollbackConfiguration": _rollback(made.desired),
        "Changes": made.changes,
    }


def _rollback(desired: Desired) -> dict[str, Any]:
    triggers = [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"} for arn in desired.triggers.arns]
    return {"RollbackTriggers": triggers, "MonitoringTimeInMinutes": desired.triggers.minutes}


def change_set_summary(stack: Stack, made: ChangeSet) -> dict[str, Any]:
    return _given(
        ChangeSetName=made.name,
        ChangeSetId=made.id,
        StackId=stack.id,
        StackName=stack.name,
        Description=made.description,
        CreationTime=made.created,
        ExecutionStatus=made.execution_status,
        Status=made.status,
        StatusReason=made.reason,
    )


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
