"""AWS::KMS."""

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


def _update_key(request: Request, physical: Physical) -> Physical:
    properties = request.properties
    if request.changed("KeyPolicy") and "KeyPolicy" in properties:
        request.call(
            "kms", "put_key_policy", KeyId=physical.id, PolicyName="default", Policy=properties["KeyPolicy"]
        )
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


def _set_rotation(request: Request, physical: Physical) -> None:
    if _is_true(request.properties.get("EnableKeyRotation")):
        request.call("kms", "enable_key_rotation", request.some("RotationPeriodInDays"), KeyId=physical.id)
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
        create=_create_key,
        update=_update_key,
        delete=_delete_key,
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
