"""Replicas of tables: made, changed and taken away by UpdateTable, and told by DescribeTable.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

import copy
from collections.abc import Mapping
from typing import Any

from moto.dynamodb.exceptions import DeletionProtectedException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from local_cloud.ground.patching import replace
from local_cloud.replication.tables import GlobalTables
from local_cloud.storage import writes

_VERSION = "2019.11.21"
_MADE_WITH = {"RegionName", "KMSMasterKeyId", "TableClassOverride"}
_LACKING = ("MultiRegionConsistency", "GlobalTableWitnessUpdates", "GlobalTableSettingsReplicationMode")


def install(tables: GlobalTables) -> None:
    """moto answers 200 to all of it, and does nothing."""

    def update_table(self: Any) -> Any:
        asked = [name for name in _LACKING if name in self.body]
        if asked:
            raise NotImplementedError(f"{', '.join(asked)} of a table")
        updates = self.body.get("ReplicaUpdates")
        if not updates:
            return stock_update(self)
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        with writes.LOCK:
            for update in updates:
                _apply(tables, table, update)
        return DynamoResult(table.describe())

    def describe(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        told: dict[str, Any] = stock_describe(self, base_key)
        others = tables.others(self)
        if others:
            replicas = [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in others]
            told[base_key] |= {"GlobalTableVersion": _VERSION, "Replicas": replicas}
        return told

    def delete_table(self: Any, name: str) -> Any:
        """A replica's deletion is that region's alone."""
        with writes.LOCK:
            table = stock_delete(self, name)
            tables.leave(table)
            return table

    def update_time_to_live(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
        """It is the same in all replicas."""
        stock_time_to_live(self, table_name, ttl_spec)
        table = self.get_table(table_name)
        for region in tables.others(table):
            stock_time_to_live(dynamodb_backends[table.account_id][region], table.name, ttl_spec)

    stock_update = replace(DynamoHandler, "update_table", update_table)
    stock_describe = replace(Table, "describe", describe)
    stock_delete = replace(DynamoDBBackend, "delete_table", delete_table)
    stock_time_to_live = replace(DynamoDBBackend, "update_time_to_live", update_time_to_live)


def _apply(tables: GlobalTables, table: Any, update: Mapping[str, Any]) -> None:
    """Raises: MockValidationException; DeletionProtectedException; NotImplementedError, by name."""
    if len(update) != 1:
        raise MockValidationException("One action must be given for each replica update")
    [(action, details)] = update.items()
    region = details["RegionName"]
    backend = dynamodb_backends[table.account_id][region]
    if action == "Create":
        unknown = sorted(details.keys() - _MADE_WITH)
        if unknown:
            raise NotImplementedError(f"{', '.join(unknown)} of a replica")
        if region in (table.region_name, *tables.others(table)):
            raise MockValidationException(f"Failed to create the replica: {region} has one of {table.name}")
        if table.name in backend.tables:
            raise MockValidationException(
                f"Failed to create the replica: {region} has a table {table.name} that is none"
            )
        _make(backend, table, details)
        tables.join(table, region)
    elif action == "Delete":
        if region not in tables.others(table):
            raise MockValidationException(f"Replica specified in the Replica Update is not there: {region}")
        if backend.get_table(table.name).deletion_protection_enabled:
            raise DeletionProtectedException(table.name)
        backend.delete_table(table.name)
    else:
        raise NotImplementedError(f"{action} of a replica")


def _make(backend: Any, table: Any, details: Mapping[str, Any]) -> None:
    """With the settings of the table, as far as they are not a replica's own."""
    encryption = table.sse_specification and {
        key: value for key, value in table.sse_specification.items() if key != "KMSMasterKeyId"
    }
    if "KMSMasterKeyId" in details:
        encryption = {**(encryption or {"Enabled": True}), "KMSMasterKeyId": details["KMSMasterKeyId"]}
    streams = table.stream_specification
    made = backend.create_table(
        table.name,
        schema=copy.deepcopy(table.schema),
        throughput=copy.deepcopy(table.throughput),
        attr=copy.deepcopy(table.attr),
        global_indexes=[_index(index) for index in table.global_indexes],
        indexes=[_index(index) for index in table.indexes],
        streams=dict(streams) if streams and streams.get("StreamEnabled") else None,
        billing_mode=table.billing_mode,
        sse_specification=encryption,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    made.ttl = dict(table.ttl)


def _index(index: Any) -> dict[str, Any]:
    told = {"IndexName": index.name, "KeySchema": index.schema, "Projection": index.projection}
    throughput = getattr(index, "throughput", None)
    return copy.deepcopy({**told, **({"ProvisionedThroughput": throughput} if throughput else {})})
