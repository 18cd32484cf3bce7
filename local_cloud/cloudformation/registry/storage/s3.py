"""AWS::S3."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.s3.models import s3_backends

from local_cloud.cloudformation.registry.storage.s3_properties import (
    cors,
    encryption,
    lifecycle,
    logging,
    notifications,
    replication,
)
from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_map

# Property: what sets it, the argument and its conversion, what takes it away.
Setting = tuple[str, str, Callable[[Any], Any], str | None]


def _as_is(value: Any) -> Any:
    return value


SETTINGS: dict[str, Setting] = {
    "BucketEncryption": (
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        encryption,
        "delete_bucket_encryption",
    ),
    "CorsConfiguration": ("put_bucket_cors", "CORSConfiguration", cors, "delete_bucket_cors"),
    "LifecycleConfiguration": (
        "put_bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        lifecycle,
        "delete_bucket_lifecycle",
    ),
    "LoggingConfiguration": ("put_bucket_logging", "BucketLoggingStatus", logging, None),
    "NotificationConfiguration": (
        "put_bucket_notification_configuration",
        "NotificationConfiguration",
        notifications,
        None,
    ),
    "OwnershipControls": (
        "put_bucket_ownership_controls",
        "OwnershipControls",
        _as_is,
        "delete_bucket_ownership_controls",
    ),
    "PublicAccessBlockConfiguration": (
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        _as_is,
        "delete_public_access_block",
    ),
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration", _as_is, None),
    # Asks for versions.
    "ReplicationConfiguration": (
        "put_bucket_replication",
        "ReplicationConfiguration",
        replication,
        "delete_bucket_replication",
    ),
}
# What a bucket without the property has, where no call takes the property away.
WITHOUT: dict[str, dict[str, Any]] = {
    "LoggingConfiguration": {},
    "NotificationConfiguration": {},
    "VersioningConfiguration": {"Status": "Suspended"},
}


def _create_bucket(request: Request) -> Physical:
    name = request.name(request.properties.get("BucketName"), limit=63, lower=True)
    elsewhere = request.region != "us-east-1"
    location = {"CreateBucketConfiguration": {"LocationConstraint": request.region}} if elsewhere else {}
    request.call("s3", "create_bucket", Bucket=name, **location)
    physical = _physical(request, name)
    request.began(physical)
    return _update_bucket(request, physical)


def _physical(request: Request, name: str) -> Physical:
    return Physical(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{request.region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{request.region}.amazonaws.com",
        },
    )


def _adopt_bucket(request: Request, identifier: Mapping[str, str]) -> Physical:
    name = identifier["BucketName"]
    request.call("s3", "head_bucket", Bucket=name)
    return _physical(request, name)


def _update_bucket(request: Request, physical: Physical) -> Physical:
    if request.changed("AccessControl"):
        canned = re.sub(
            r"(?<=[a-z])(?=[A-Z])", "-", request.properties.get("AccessControl", "Private")
        ).lower()
        request.call("s3", "put_bucket_acl", Bucket=physical.id, ACL=canned)
    for name, (put, argument, convert, remove) in SETTINGS.items():
        if not request.changed(name):
            continue
        if name in request.properties:
            converted = convert(request.properties[name])
            request.call("s3", put, Bucket=physical.id, **{argument: converted})
        elif remove:
            request.call("s3", remove, Bucket=physical.id)
        else:
            request.call("s3", put, Bucket=physical.id, **{argument: WITHOUT[name]})
    if request.changed("Tags"):
        _set_tags(request, physical.id)
    return physical


def _set_tags(request: Request, name: str) -> None:
    """S3 takes tags that begin with aws: from no caller, so that the others are set by a call."""
    tags = tag_map(request.properties.get("Tags"))
    own = {key: value for key, value in tags.items() if key.startswith("aws:")}
    others = [{"Key": key, "Value": value} for key, value in tags.items() if key not in own]
    if others:
        request.call("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": others})
    else:
        request.call("s3", "delete_bucket_tagging", Bucket=name)
    s3_backends[request.account]["aws"].tagger.tag_resource(
        f"arn:aws:s3:::{name}", [{"Key": key, "Value": value} for key, value in own.items()]
    )


def _delete_bucket(request: Request, physical: Physical) -> None:
    request.call_unless_absent("s3", "delete_bucket", Bucket=physical.id)


def _put_policy(request: Request) -> Physical:
    bucket = request.properties["Bucket"]
    request.call("s3", "put_bucket_policy", Bucket=bucket, Policy=request.properties["PolicyDocument"])
    return Physical(bucket)


def _adopt_policy(request: Request, identifier: Mapping[str, str]) -> Physical:
    request.call("s3", "get_bucket_policy", identifier)
    return Physical(identifier["Bucket"])


def _delete_policy(request: Request, physical: Physical) -> None:
    request.call_unless_absent("s3", "delete_bucket_policy", Bucket=physical.id)


TYPES = (
    ResourceType(
        name="AWS::S3::Bucket",
        create=_create_bucket,
        update=_update_bucket,
        delete=_delete_bucket,
        adopt=_adopt_bucket,
        identifier=("BucketName",),
        properties=frozenset(SETTINGS) | {"AccessControl", "Tags"},
        replacing=names("BucketName"),
    ),
    ResourceType(
        name="AWS::S3::BucketPolicy",
        create=_put_policy,
        update=lambda request, _physical: _put_policy(request),
        delete=_delete_policy,
        adopt=_adopt_policy,
        identifier=("Bucket",),
        properties=names("PolicyDocument"),
        replacing=names("Bucket"),
    ),
)
