"""AWS::Events."""

from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_RULE = "Description EventPattern RoleArn ScheduleExpression State"


def _bus(request: Request) -> dict[str, Any]:
    return request.some("EventBusName")


def _put_rule(request: Request, name: str) -> Physical:
    arn = request.call("events", "put_rule", request.some(*_RULE.split()), Name=name, **_bus(request))[
        "RuleArn"
    ]
    physical = Physical(name, {"Arn": arn})
    request.began(physical)
    targets = request.properties.get("Targets", [])
    if targets:
        failed = request.call("events", "put_targets", Rule=name, Targets=targets, **_bus(request))
        if failed.get("FailedEntryCount"):
            raise RuntimeError(f"targets refused: {failed['FailedEntries']}")
    return physical


def _create_rule(request: Request) -> Physical:
    physical = _put_rule(request, request.name(request.properties.get("Name")))
    if "Tags" in request.properties:
        arn = physical.attributes["Arn"]
        request.call("events", "tag_resource", request.some("Tags"), ResourceARN=arn)
    return physical


def _update_rule(request: Request, physical: Physical) -> Physical:
    kept = {target["Id"] for target in request.properties.get("Targets", [])}
    gone = [target["Id"] for target in request.old_properties.get("Targets", []) if target["Id"] not in kept]
    if gone:
        request.call("events", "remove_targets", Rule=physical.id, Ids=gone, **_bus(request))
    updated = _put_rule(request, physical.id)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("events", "tag_resource", ResourceARN=updated.attributes["Arn"], Tags=tags)
    if gone:
        request.call("events", "untag_resource", ResourceARN=updated.attributes["Arn"], TagKeys=gone)
    return updated


def _delete_rule(request: Request, physical: Physical) -> None:
    bus = _bus(request)
    answer = request.call_unless_absent("events", "list_targets_by_rule", Rule=physical.id, **bus)
    ids = [target["Id"] for target in (answer or {}).get("Targets", [])]
    if ids:
        request.call_unless_absent("events", "remove_targets", Rule=physical.id, Ids=ids, **bus)
    request.call_unless_absent("events", "delete_rule", Name=physical.id, **bus)


def _create_bus(request: Request) -> Physical:
    arn = request.call("events", "create_event_bus", request.some("Name", "Description", "Tags"))[
        "EventBusArn"
    ]
    return Physical(request.properties["Name"], {"Arn": arn, "Name": request.properties["Name"]})


def _delete_bus(request: Request, physical: Physical) -> None:
    request.call_unless_absent("events", "delete_event_bus", Name=physical.id)


TYPES = (
    ResourceType(
        name="AWS::Events::Rule",
        create=_create_rule,
        update=_update_rule,
        delete=_delete_rule,
        properties=names(f"{_RULE} Targets Tags"),
        replacing=names("Name EventBusName"),
    ),
    ResourceType(
        name="AWS::Events::EventBus",
        create=_create_bus,
        delete=_delete_bus,
        properties=names(""),
        replacing=names("Name Description Tags"),
    ),
)
