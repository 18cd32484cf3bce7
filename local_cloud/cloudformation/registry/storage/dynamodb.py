"""AWS::DynamoDB."""

from collections.abc import Mapping
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_SHARED = "AttributeDefinitions BillingMode GlobalSecondaryIndexes SSESpecification StreamSpecification"


def _own_replica(request: Request) -> Mapping[str, Any]:
    """The replica of this region: it carries what the API has on the table."""
    replicas = {replica["Region"]: replica for replica in request.properties["Replicas"]}
    others = sorted(replicas.keys() - {request.region})
    if others:
        raise ResourceFailed(
            f"the local cloud does not replicate tables; replica regions: {', '.join(others)}"
        )
    replica: Mapping[str, Any] = replicas[request.region]
    unknown = sorted(
        replica.keys()
        - names(
            "ContributorInsightsSpecification DeletionProtectionEnabled PointInTimeRecoverySpecification "
            "Region SSESpecification TableClass Tags"
        )
    )
    if unknown:
        raise ResourceFailed(f"the local cloud does not implement {', '.join(unknown)} of a table's replica")
    return replica


def _create_global(request: Request) -> Physical:
    replica = _own_replica(request)
    arguments = request.some(*_SHARED.split(), "KeySchema", "LocalSecondaryIndexes")
    arguments |= {
        name: replica[name] for name in ("DeletionProtectionEnabled", "TableClass", "Tags") if name in replica
    }
    arguments |= _encryption(request.properties, replica)
    if "StreamSpecification" in arguments:
        arguments["StreamSpecification"] = {"StreamEnabled": True, **arguments["StreamSpecification"]}
    return _create(request, arguments, replica)


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
    replica = _own_replica(request)
    old: Mapping[str, Any] = next(
        (each for each in request.old_properties["Replicas"] if each["Region"] == request.region), {}
    )
    return _update(request, physical, replica, old)


def _update_table(request: Request, physical: Physical) -> Physical:
    return _update(request, physical, request.properties, request.old_properties)


def _update(request: Request, physical: Physical, new: Mapping[str, Any], old: Mapping[str, Any]) -> Physical:
    name = physical.id
    if request.changed("GlobalSecondaryIndexes"):
        raise ResourceFailed("the local cloud does not change the indexes of a table")
    changed: dict[str, Any] = {}
    if request.changed("BillingMode", "ProvisionedThroughput"):
        changed = {"BillingMode": "PROVISIONED"} | request.some("BillingMode", "ProvisionedThroughput")
    for key in ("DeletionProtectionEnabled", "TableClass"):
        if new.get(key) != old.get(key):
            changed[key] = new.get(key, False if key == "DeletionProtectionEnabled" else "STANDARD")
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
    _set_recovery(request, name, new, old)
    tags, gone = tag_changes(old.get("Tags"), new.get("Tags"))
    if tags:
        request.call("dynamodb", "tag_resource", ResourceArn=physical.attributes["Arn"], Tags=tags)
    if gone:
        request.call("dynamodb", "untag_resource", ResourceArn=physical.attributes["Arn"], TagKeys=gone)
    return physical


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
