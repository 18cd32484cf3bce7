"""AWS::SQS."""

from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_LARGEST_MESSAGE = 1024 * 1024
# Of a queue that does not name them: API reference of SQS, CreateQueue.
_DEFAULTS = {
    "ContentBasedDeduplication": False,
    "DeduplicationScope": "queue",
    "DelaySeconds": 0,
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": 300,
    "KmsMasterKeyId": "",
    "MaximumMessageSize": _LARGEST_MESSAGE,
    "MessageRetentionPeriod": 345_600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": True,
    "VisibilityTimeout": 30,
}
_FIFO = ".fifo"


def _create_queue(request: Request) -> Physical:
    properties = request.properties
    fifo = str(properties.get("FifoQueue", False)).lower() == "true"
    name = request.name(properties.get("QueueName"), limit=80, suffix=_FIFO if fifo else "")
    if name.endswith(_FIFO) is not fifo:
        must = "must end with" if fifo else "without FifoQueue cannot end with"
        raise ResourceFailed(f"QueueName {name}: the name of a queue {must} {_FIFO}")
    attributes = request.some(*_DEFAULTS) | ({"FifoQueue": "true"} if fifo else {})
    url = request.call("sqs", "create_queue", request.some("Tags"), QueueName=name, Attributes=attributes)[
        "QueueUrl"
    ]
    return Physical(url, {"Arn": request.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def _update_queue(request: Request, physical: Physical) -> Physical:
    changed = {
        name: request.properties.get(name, default)
        for name, default in _DEFAULTS.items()
        if request.changed(name)
    }
    if changed:
        request.call("sqs", "set_queue_attributes", QueueUrl=physical.id, Attributes=changed)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("sqs", "tag_queue", QueueUrl=physical.id, Tags=tags)
    if gone:
        request.call("sqs", "untag_queue", QueueUrl=physical.id, TagKeys=gone)
    return physical


def _delete_queue(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sqs", "delete_queue", QueueUrl=physical.id)


def _put_policy(request: Request) -> Physical:
    for url in request.properties["Queues"]:
        _set_policy(request, url, request.properties["PolicyDocument"])
    return Physical(request.name(None))


def _update_policy(request: Request, physical: Physical) -> Physical:
    _put_policy(request)
    for url in set(request.old_properties["Queues"]) - set(request.properties["Queues"]):
        _set_policy(request, url, "")
    return physical


def _delete_policy(request: Request, _physical: Physical) -> None:
    for url in request.properties["Queues"]:
        _set_policy(request, url, "")


def _set_policy(request: Request, url: str, document: Any) -> None:
    request.call_unless_absent("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": document})


TYPES = (
    ResourceType(
        name="AWS::SQS::Queue",
        names_its_stack=False,
        create=_create_queue,
        update=_update_queue,
        delete=_delete_queue,
        properties=frozenset(_DEFAULTS) | {"Tags"},
        replacing=names("QueueName FifoQueue"),
    ),
    ResourceType(
        name="AWS::SQS::QueuePolicy",
        create=_put_policy,
        update=_update_policy,
        delete=_delete_policy,
        properties=names("Queues PolicyDocument"),
    ),
)
