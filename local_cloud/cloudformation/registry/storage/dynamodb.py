"""AWS::DynamoDB."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_cloud.cloudformation.registry.storage.table_replicas import (
    check_changes,
    own_replica,
    replicas_of,
)
from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_SHARED = "AttributeDefinitions BillingMode GlobalSecondaryIndexes SSESpecification StreamSpecification"


def _create_global(request: Request) -> Physical:
    replicas = replicas_of(request.properties)
    own = own_replica(request, replicas)
    arguments = request.some(*_SHARED.split(), "KeySchema", "LocalSecondaryIndexes")
    arguments |= {
        name: own[name] for name in ("DeletionProtectionEnabled", "TableClass", "Tags") if name in own
    }
    arguments |= _encryption(request.properties, own)
    if "StreamSpecification" in arguments:
        arguments["StreamSpecification"] = {"StreamEnabled": True, **arguments["StreamSpecification"]}
    physical = _create(request, arguments, own)
    for region, replica in replicas.items():
        if region != request.region:
            _add_replica(request, physical.id, region, replica)
    return physical


def _add_replica(request: Request, name: str, region: str, replica: Mapping[str, Any]) -> None:
    """With what is a replica's own; the rest it has from the table."""
    made = {"RegionName": region}
    if "TableClass" in replica:
        made["TableClassOverride"] = replica["TableClass"]
    if key := replica.get("SSESpecification", {}).get("KMSMasterKeyId"):
        made["KMSMasterKeyId"] = key
    request.call("dynamodb", "update_table", TableName=name, ReplicaUpdates=[{"Create": made}])
    own = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "Tags")
    _set_own(replace(request, region=region), name, {key: replica[key] for key in own if key in replica}, {})


def _create_table(request: Request) -> Physical:
    arguments = request.some(
        *_SHARED.split(),
        "DeletionProtectionEnabled",
        "KeySchema",
        "LocalSecondaryIndexes",
        "ProvisionedThroughput",
        "TableClass",
        "Tags",
    )
    arguments |= _encryption(request.properties, {})
    if "StreamSpecification" in arguments:
        arguments["StreamSpecification"] = {"StreamEnabled": True, **arguments["StreamSpecification"]}
    return _create(request, arguments, request.properties)


def _create(request: Request, arguments: dict[str, Any], recovery: Mapping[str, Any]) -> Physical:
    name = request.name(request.properties.get("TableName"), limit=255)
    table = request.call("dynamodb", "create_table", arguments, TableName=name)["TableDescription"]
    physical = _physical(table)
    request.began(physical)
    _set_time_to_live(request, name)
    _set_recovery(request, name, recovery, {})
    return physical


def _physical(table: Mapping[str, Any]) -> Physical:
    name = table["TableName"]
    attributes = {"Arn": table["TableArn"], "TableId": table.get("TableId", name)}
    if "LatestStreamArn" in table:
        attributes["StreamArn"] = table["LatestStreamArn"]
    return Physical(name, attributes)


def _adopt(request: Request, identifier: Mapping[str, str]) -> Physical:
    return _physical(request.call("dynamodb", "describe_table", identifier)["Table"])


def _update_global(request: Request, physical: Physical) -> Physical:
    old, new = replicas_of(request.old_properties), replicas_of(request.properties)
    own_replica(request, new)
    # An update that is rolled back may not have come as far as its replicas.
    table = request.call("dynamodb", "describe_table", TableName=physical.id)["Table"]
    there = {request.region, *(replica["RegionName"] for replica in table.get("Replicas", []))}
    check_changes(there, new.keys())
    for region in sorted(there & new.keys()):
        _update(replace(request, region=region), physical.id, new[region], old.get(region, {}))
    for region in sorted(there & (old.keys() - new.keys())):
        gone = [{"Delete": {"RegionName": region}}]
        request.call("dynamodb", "update_table", TableName=physical.id, ReplicaUpdates=gone)
    for region in sorted(new.keys() - there):
        _add_replica(request, physical.id, region, new[region])
    return _physical(request.call("dynamodb", "describe_table", TableName=physical.id)["Table"])


def _update_table(request: Request, physical: Physical) -> Physical:
    _update(request, physical.id, request.properties, request.old_properties)
    return physical


def _update(request: Request, name: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    if request.changed("GlobalSecondaryIndexes"):
        raise ResourceFailed("the local cloud does not change the indexes of a table")
    changed: dict[str, Any] = {}
    if request.changed("BillingMode", "ProvisionedThroughput"):
        changed = {"BillingMode": "PROVISIONED"} | request.some("BillingMode", "ProvisionedThroughput")
    if request.changed("SSESpecification") or new.get("SSESpecification") != old.get("SSESpecification"):
        changed |= _encryption(request.properties, new) or {"SSESpecification": {"Enabled": False}}
    if request.changed("StreamSpecification"):
        wanted = request.properties.get("StreamSpecification")
        changed["StreamSpecification"] = (
            {"StreamEnabled": True, **wanted} if wanted else {"StreamEnabled": False}
        )
    if changed:
        request.call("dynamodb", "update_table", changed, TableName=name)
    if request.changed("TimeToLiveSpecification"):
        _set_time_to_live(request, name)
    _set_own(request, name, new, old)


def _set_own(request: Request, name: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """What each replica of a table has for itself."""
    changed: dict[str, Any] = {}
    for key in ("DeletionProtectionEnabled", "TableClass"):
        if new.get(key) != old.get(key):
            changed[key] = new.get(key, False if key == "DeletionProtectionEnabled" else "STANDARD")
    if changed:
        request.call("dynamodb", "update_table", changed, TableName=name)
    _set_recovery(request, name, new, old)
    tags, gone = tag_changes(old.get("Tags"), new.get("Tags"))
    arn = request.arn("dynamodb", f"table/{name}")
    if tags:
        request.call("dynamodb", "tag_resource", ResourceArn=arn, Tags=tags)
    if gone:
        request.call("dynamodb", "untag_resource", ResourceArn=arn, TagKeys=gone)


def _encryption(table: Mapping[str, Any], replica: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation says SSEEnabled, the API Enabled; a replica names its own key."""
    if "SSESpecification" not in table:
        return {}
    specification = dict(table["SSESpecification"])
    api = {"Enabled": specification.pop("SSEEnabled"), **specification}
    return {"SSESpecification": api | dict(replica.get("SSESpecification", {}))}


def _set_time_to_live(request: Request, name: str) -> None:
    specification = request.properties.get("TimeToLiveSpecification")
    if specification is None and "TimeToLiveSpecification" in request.old_properties:
        specification = {**request.old_properties["TimeToLiveSpecification"], "Enabled": False}
    if specification:
        request.call("dynamodb", "update_time_to_live", TableName=name, TimeToLiveSpecification=specification)


def _set_recovery(request: Request, name: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    specification = new.get("PointInTimeRecoverySpecification")
    if specification == old.get("PointInTimeRecoverySpecification"):
        return
    request.call(
        "dynamodb",
        "update_continuous_backups",
        TableName=name,
        PointInTimeRecoverySpecification=specification or {"PointInTimeRecoveryEnabled": False},
    )


def _delete(request: Request, physical: Physical) -> None:
    """With all of its replicas, unless it refuses to be deleted itself."""
    found = request.call_unless_absent("dynamodb", "describe_table", TableName=physical.id)
    if found and not found["Table"].get("DeletionProtectionEnabled"):
        for replica in found["Table"].get("Replicas", []):
            gone = [{"Delete": {"RegionName": replica["RegionName"]}}]
            request.call("dynamodb", "update_table", TableName=physical.id, ReplicaUpdates=gone)
    request.call_unless_absent("dynamodb", "delete_table", TableName=physical.id)


TYPES = (
    ResourceType(
        name="AWS::DynamoDB::GlobalTable",
        create=_create_global,
        update=_update_global,
        delete=_delete,
        adopt=_adopt,
        identifier=("TableName",),
        properties=names(f"{_SHARED} Replicas TimeToLiveSpecification"),
        replacing=names("TableName KeySchema LocalSecondaryIndexes"),
        without_effect=names("WriteOnDemandThroughputSettings WarmThroughput"),
    ),
    ResourceType(
        name="AWS::DynamoDB::Table",
        names_its_stack=False,
        create=_create_table,
        update=_update_table,
        delete=_delete,
        adopt=_adopt,
        identifier=("TableName",),
        properties=names(
            f"{_SHARED} DeletionProtectionEnabled PointInTimeRecoverySpecification ProvisionedThroughput "
            "TableClass Tags TimeToLiveSpecification"
        ),
        replacing=names("TableName KeySchema LocalSecondaryIndexes"),
    ),
)
