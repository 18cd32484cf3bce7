"""AWS::KMS."""

from collections.abc import Mapping
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _create_key(request: Request) -> Physical:
    key = request.call(
        "kms",
        "create_key",
        request.some("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin", "Tags"),
        **({"Policy": request.properties["KeyPolicy"]} if "KeyPolicy" in request.properties else {}),
    )["KeyMetadata"]
    physical = Physical(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})
    request.began(physical)
    _set_rotation(request, physical)
    _set_enabled(request, physical)
    return physical


def _adopt_key(request: Request, identifier: Mapping[str, str]) -> Physical:
    key = request.call("kms", "describe_key", identifier)["KeyMetadata"]
    return Physical(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _update_key(request: Request, physical: Physical) -> Physical:
    properties = request.properties
    if request.changed("KeyPolicy"):
        policy = properties.get("KeyPolicy", _default_policy(request))
        request.call("kms", "put_key_policy", KeyId=physical.id, PolicyName="default", Policy=policy)
    if request.changed("Description"):
        request.call(
            "kms", "update_key_description", KeyId=physical.id, Description=properties.get("Description", "")
        )
    if request.changed("EnableKeyRotation", "RotationPeriodInDays"):
        _set_rotation(request, physical)
    if request.changed("Enabled"):
        _set_enabled(request, physical)
    tags, gone = tag_changes(request.old_properties.get("Tags"), properties.get("Tags"))
    if tags:
        request.call("kms", "tag_resource", KeyId=physical.id, Tags=tags)
    if gone:
        request.call("kms", "untag_resource", KeyId=physical.id, TagKeys=gone)
    return physical


def _default_policy(request: Request) -> dict[str, Any]:
    """Of a key that was made without one: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": request.arn("iam", "root", region="")},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}


def _set_rotation(request: Request, physical: Physical) -> None:
    if _is_true(request.properties.get("EnableKeyRotation")):
        days = {"RotationPeriodInDays": 365} | request.some("RotationPeriodInDays")
        request.call("kms", "enable_key_rotation", days, KeyId=physical.id)
    elif _is_true(request.old_properties.get("EnableKeyRotation")):
        request.call("kms", "disable_key_rotation", KeyId=physical.id)


def _set_enabled(request: Request, physical: Physical) -> None:
    if not _is_true(request.properties.get("Enabled", True)):
        request.call("kms", "disable_key", KeyId=physical.id)
    elif not _is_true(request.old_properties.get("Enabled", True)):
        request.call("kms", "enable_key", KeyId=physical.id)


def _delete_key(request: Request, physical: Physical) -> None:
    days = request.some("PendingWindowInDays")
    request.call_unless_absent("kms", "schedule_key_deletion", KeyId=physical.id, **days)


def _create_alias(request: Request) -> Physical:
    request.call("kms", "create_alias", request.some("AliasName", "TargetKeyId"))
    return Physical(request.properties["AliasName"])


def _update_alias(request: Request, physical: Physical) -> Physical:
    request.call("kms", "update_alias", request.some("AliasName", "TargetKeyId"))
    return physical


def _delete_alias(request: Request, physical: Physical) -> None:
    request.call_unless_absent("kms", "delete_alias", AliasName=physical.id)


TYPES = (
    ResourceType(
        name="AWS::KMS::Key",
        names_its_stack=False,
        create=_create_key,
        update=_update_key,
        delete=_delete_key,
        adopt=_adopt_key,
        identifier=("KeyId",),
        properties=names(
            "Description EnableKeyRotation Enabled KeyPolicy PendingWindowInDays RotationPeriodInDays Tags"
        ),
        replacing=names("KeySpec KeyUsage MultiRegion Origin"),
    ),
    ResourceType(
        name="AWS::KMS::Alias",
        create=_create_alias,
        update=_update_alias,
        delete=_delete_alias,
        properties=names("TargetKeyId"),
        replacing=names("AliasName"),
    ),
)
