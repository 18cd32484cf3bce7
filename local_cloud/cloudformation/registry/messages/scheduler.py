"""AWS::Scheduler."""

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_SCHEDULE = (
    "Description EndDate FlexibleTimeWindow KmsKeyArn ScheduleExpression ScheduleExpressionTimezone "
    "StartDate State Target"
)

_ENABLED = {"State": "ENABLED"}


def _create_schedule(request: Request) -> Physical:
    name = request.name(request.properties.get("Name"))
    arn = request.call(
        "scheduler", "create_schedule", _ENABLED | request.some(*_SCHEDULE.split(), "GroupName"), Name=name
    )["ScheduleArn"]
    return Physical(name, {"Arn": arn})


def _update_schedule(request: Request, physical: Physical) -> Physical:
    arguments = _ENABLED | request.some(*_SCHEDULE.split(), "GroupName")
    request.call("scheduler", "update_schedule", arguments, Name=physical.id)
    return physical


def _delete_schedule(request: Request, physical: Physical) -> None:
    request.call_unless_absent("scheduler", "delete_schedule", Name=physical.id, **request.some("GroupName"))


def _create_group(request: Request) -> Physical:
    name = request.name(request.properties.get("Name"))
    arn = request.call("scheduler", "create_schedule_group", request.some("Tags"), Name=name)[
        "ScheduleGroupArn"
    ]
    return Physical(name, {"Arn": arn, "State": "ACTIVE"})


def _update_group(request: Request, physical: Physical) -> Physical:
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = physical.attributes["Arn"]
    if tags:
        request.call("scheduler", "tag_resource", ResourceArn=arn, Tags=tags)
    if gone:
        request.call("scheduler", "untag_resource", ResourceArn=arn, TagKeys=gone)
    return physical


def _delete_group(request: Request, physical: Physical) -> None:
    request.call_unless_absent("scheduler", "delete_schedule_group", Name=physical.id)


TYPES = (
    ResourceType(
        name="AWS::Scheduler::Schedule",
        create=_create_schedule,
        update=_update_schedule,
        delete=_delete_schedule,
        properties=names(_SCHEDULE),
        replacing=names("Name GroupName"),
    ),
    ResourceType(
        name="AWS::Scheduler::ScheduleGroup",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        properties=names("Tags"),
        replacing=names("Name"),
    ),
)
