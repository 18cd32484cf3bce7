"""AWS::Logs."""

from collections.abc import Mapping

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed


def _create_group(request: Request) -> Physical:
    name = request.name(request.properties.get("LogGroupName"), limit=512)
    request.call(
        "logs", "create_log_group", request.some("KmsKeyId", "LogGroupClass", "Tags"), logGroupName=name
    )
    physical = _group(request, name)
    request.began(physical)
    _set_retention(request, name)
    return physical


def _group(request: Request, name: str) -> Physical:
    return Physical(name, {"Arn": request.arn("logs", f"log-group:{name}:*")})


def _adopt_group(request: Request, identifier: Mapping[str, str]) -> Physical:
    name = identifier["LogGroupName"]
    found = request.call("logs", "describe_log_groups", logGroupNamePrefix=name)["logGroups"]
    if name not in [group["logGroupName"] for group in found]:
        raise ResourceFailed(f"the log group {name} does not exist")
    return _group(request, name)


def _update_group(request: Request, physical: Physical) -> Physical:
    classes = [each.get("LogGroupClass", "STANDARD") for each in (request.old_properties, request.properties)]
    if classes[0] != classes[1]:
        raise ResourceFailed(
            f"the LogGroupClass of a log group cannot change from {classes[0]} to {classes[1]}"
        )
    if request.changed("RetentionInDays"):
        _set_retention(request, physical.id)
    if request.changed("KmsKeyId"):
        if "KmsKeyId" in request.properties:
            request.call("logs", "associate_kms_key", request.some("KmsKeyId"), logGroupName=physical.id)
        else:
            request.call("logs", "disassociate_kms_key", logGroupName=physical.id)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = physical.attributes["Arn"].removesuffix(":*")
    if tags:
        request.call("logs", "tag_resource", resourceArn=arn, tags=tags)
    if gone:
        request.call("logs", "untag_resource", resourceArn=arn, tagKeys=gone)
    return physical


def _set_retention(request: Request, name: str) -> None:
    if "RetentionInDays" in request.properties:
        request.call("logs", "put_retention_policy", request.some("RetentionInDays"), logGroupName=name)
    elif "RetentionInDays" in request.old_properties:
        request.call("logs", "delete_retention_policy", logGroupName=name)


def _delete_group(request: Request, physical: Physical) -> None:
    request.call_unless_absent("logs", "delete_log_group", logGroupName=physical.id)


def _put_metric_filter(request: Request, name: str) -> None:
    arguments = request.some(
        "FilterPattern", "LogGroupName", "MetricTransformations", "ApplyOnTransformedLogs"
    )
    request.call("logs", "put_metric_filter", arguments, filterName=name)


def _create_metric_filter(request: Request) -> Physical:
    name = request.name(request.properties.get("FilterName"), limit=512)
    _put_metric_filter(request, name)
    return Physical(name)


def _update_metric_filter(request: Request, physical: Physical) -> Physical:
    # moto keeps the pattern of a filter that is put a second time.
    _delete_metric_filter(request, physical)
    _put_metric_filter(request, physical.id)
    return physical


def _delete_metric_filter(request: Request, physical: Physical) -> None:
    group = request.properties["LogGroupName"]
    request.call_unless_absent("logs", "delete_metric_filter", filterName=physical.id, logGroupName=group)


TYPES = (
    ResourceType(
        name="AWS::Logs::LogGroup",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        adopt=_adopt_group,
        identifier=("LogGroupName",),
        properties=names("KmsKeyId LogGroupClass RetentionInDays Tags"),
        replacing=names("LogGroupName"),
    ),
    ResourceType(
        name="AWS::Logs::MetricFilter",
        create=_create_metric_filter,
        update=_update_metric_filter,
        delete=_delete_metric_filter,
        properties=names("FilterPattern MetricTransformations ApplyOnTransformedLogs"),
        replacing=names("FilterName LogGroupName"),
    ),
)
