"""AWS::Lambda::EventSourceMapping: queues that functions consume."""

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_SETTINGS = (
    "BatchSize Enabled FunctionName FunctionResponseTypes MaximumBatchingWindowInSeconds "
    "MetricsConfig ScalingConfig"
)


def _create(request: Request) -> Physical:
    source = request.properties["EventSourceArn"]
    if ":sqs:" not in source:
        raise ResourceFailed(f"the local cloud feeds functions from SQS queues only, not from {source}")
    window = {"MaximumBatchingWindowInSeconds": 0}
    arguments = window | request.some(*_SETTINGS.split(), "EventSourceArn", "Tags")
    made = request.call("lambda", "create_event_source_mapping", arguments)
    return Physical(
        made["UUID"], {"Id": made["UUID"], "EventSourceMappingArn": made["EventSourceMappingArn"]}
    )


def _update(request: Request, physical: Physical) -> Physical:
    defaults = {
        "BatchSize": 10,
        "Enabled": True,
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MetricsConfig": {},
        "ScalingConfig": {},
    }
    changed = {name: default for name, default in defaults.items() if request.changed(name)}
    request.call(
        "lambda", "update_event_source_mapping", changed | request.some(*_SETTINGS.split()), UUID=physical.id
    )
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = physical.attributes["EventSourceMappingArn"]
    if tags:
        request.call("lambda", "tag_resource", Resource=arn, Tags=tags)
    if gone:
        request.call("lambda", "untag_resource", Resource=arn, TagKeys=gone)
    return physical


def _delete(request: Request, physical: Physical) -> None:
    request.call_unless_absent("lambda", "delete_event_source_mapping", UUID=physical.id)


TYPES = (
    ResourceType(
        name="AWS::Lambda::EventSourceMapping",
        create=_create,
        update=_update,
        delete=_delete,
        properties=names(f"{_SETTINGS} Tags"),
        replacing=names("EventSourceArn"),
    ),
)
