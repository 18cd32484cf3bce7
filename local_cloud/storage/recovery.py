"""Point-in-time recovery: tables that have it are restored, beside, as they were at any moment of some days.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
"""

import copy
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    MockValidationException,
    ResourceInUseException,
    TableAlreadyExistsException,
    TableNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from local_cloud.ground.clock import Clock
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.storage import writes
from local_cloud.storage.history import History, copied
from local_cloud.storage.writes import Key

_DAY = 86_400
_LATEST_SECONDS = 300
"""How long ago the latest moment is that can be restored."""
_RESTORING_SECONDS = 60
"""On AWS minutes to hours, by no rule that is published."""
_TAKEN = frozenset(
    "SourceTableName SourceTableArn TargetTableName RestoreDateTime UseLatestRestorableTime "
    "BillingModeOverride".split()
)


class _Unavailable(JsonRESTError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{ERROR_TYPE_PREFIX}PointInTimeRecoveryUnavailableException",
            f"Point in time recovery is not enabled for table '{name}'",
        )


class _InvalidTime(JsonRESTError):
    def __init__(self) -> None:
        super().__init__(
            f"{ERROR_TYPE_PREFIX}InvalidRestoreTimeException",
            "RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime",
        )


class RestoredTable(Table):
    """Keys, indexes, encryption and how it is paid for are the source's; nothing else is."""

    def __init__(self, name: str, source: Table, *, at: float, until: float, clock: Clock):
        """at: what it holds is of then. until: so long it is being restored. Both in epoch seconds."""
        super().__init__(
            name,
            account_id=source.account_id,
            region=source.region_name,
            schema=copy.deepcopy(source.schema),
            attr=copy.deepcopy(source.attr),
            throughput=copy.deepcopy(source.throughput),
            billing_mode=source.billing_mode,
            sse_specification=copy.deepcopy(source.sse_specification),
        )
        self.indexes, self.global_indexes = copy.deepcopy((source.indexes, source.global_indexes))
        self._source, self._at, self._until, self._clock = source.table_arn, at, until, clock

    @property
    def is_restoring(self) -> bool:
        return self._clock.now().timestamp() < self._until

    def describe(self, base_key: str = "TableDescription") -> dict[str, Any]:
        told: dict[str, Any] = super().describe(base_key)
        told[base_key]["RestoreSummary"] = {
            "SourceTableArn": self._source,
            "RestoreDateTime": self._at,
            "RestoreInProgress": self.is_restoring,
        }
        if self.is_restoring:
            told[base_key]["TableStatus"] = "CREATING"
        return told


class Recovery:
    """Who changes or reads histories has the lock of writes."""

    def __init__(self, settings: Settings) -> None:
        self._clock = Clock(settings.state_dir)
        self._scale = settings.time_scale
        self._histories: WeakKeyDictionary[Table, History] = WeakKeyDictionary()

    def set(self, table: Table, *, on: bool) -> None:
        with writes.LOCK:
            if not on:
                self._histories.pop(table, None)
            elif table not in self._histories:
                items = [(_plain((item.hash_key, item.range_key)), item) for item in table.all_items()]
                self._histories[table] = History(self._now, items)

    def noted(self, table: Table, key: Key) -> None:
        """An item has been written, or deleted."""
        history = self._histories.get(table)
        if history is not None:
            now = self._now
            history.add(now, _plain(key), table.get_item(*key))
            history.forget_before(now - _days(table) * _DAY)

    def spare(self, table: Table, key: Mapping[str, Any]) -> None:
        """The item is about to be changed in its place, which a copy takes."""
        if table not in self._histories or table.hash_key_attr not in key:
            return
        partition, sort = DynamoType(key[table.hash_key_attr]), None
        if table.range_key_attr is not None and table.range_key_attr in key:
            sort = DynamoType(key[table.range_key_attr])
        item = table.get_item(partition, sort)
        # moto has them by both keys, or by the one that there is.
        items: Any = table.items
        if item is not None and sort is not None:
            items[partition][sort] = copy.deepcopy(item)
        elif item is not None:
            items[partition] = copy.deepcopy(item)

    def window(self, table: Table) -> tuple[float, float] | None:
        """The earliest and the latest moment that can be restored."""
        with writes.LOCK:
            history = self._histories.get(table)
            if history is None:
                return None
            now = self._now
            history.forget_before(now - _days(table) * _DAY)
            # Of a table that has had it for less long than that it is the beginning.
            return history.earliest, max(history.earliest, now - _LATEST_SECONDS / self._scale)

    def restored(self, table: Table, name: str, moment: float) -> RestoredTable:
        until = self._now + _RESTORING_SECONDS / self._scale
        with writes.LOCK:
            versions = self._histories[table].at(moment)
        # moto's own tables lack the same methods of CloudFormation's.
        made = RestoredTable(name, table, at=moment, until=until, clock=self._clock)  # type: ignore[abstract]
        for item in map(copied, versions):
            if item.range_key is not None:
                made.items[item.hash_key][item.range_key] = item
            else:
                made.items[item.hash_key] = item
        return made

    @property
    def _now(self) -> float:
        return self._clock.now().timestamp()


def _plain(key: Key) -> Hashable:
    """moto's own values are slow to look up."""
    return tuple((part.type, part.value) if part is not None else None for part in key)


def _days(table: Table) -> int:
    return int(table.continuous_backups["PointInTimeRecoveryDescription"].get("RecoveryPeriodInDays", 35))


_installed: list[Recovery] = []


def noted(table: Any, key: Key) -> None:
    """Of what is written past moto's own ways."""
    _installed[-1].noted(table, key)


def install(settings: Settings) -> None:
    """moto restores what a table holds now, and to any time."""
    recovery = Recovery(settings)
    _installed.append(recovery)
    writes.watch(recovery.noted)

    def update_item(self: Any, *arguments: Any, **named: Any) -> Any:
        with writes.LOCK:
            given = dict(zip(("table_name", "key"), arguments, strict=False)) | named
            recovery.spare(self.get_table(given["table_name"]), given["key"])
            return stock_update(self, *arguments, **named)

    def update_continuous_backups(self: Any, table_name: str, point_in_time_spec: dict[str, Any]) -> Any:
        stock_settings(self, table_name, point_in_time_spec)
        table = self.get_table(table_name)
        recovery.set(table, on=point_in_time_spec["PointInTimeRecoveryEnabled"])
        return self.describe_continuous_backups(table_name)

    def describe_continuous_backups(self: Any, table_name: str) -> dict[str, Any]:
        told: dict[str, Any] = stock_describe(self, table_name)
        window = recovery.window(self.get_table(table_name))
        if window is not None:
            names = ("EarliestRestorableDateTime", "LatestRestorableDateTime")
            told["PointInTimeRecoveryDescription"] |= dict(zip(names, window, strict=True))
        return told

    def restore_table_to_point_in_time(self: Any) -> Any:
        return DynamoResult(_restore(recovery, self.dynamodb_backend, self.body).describe())

    def delete_table(self: Any, name: str) -> Any:
        table = self.get_table(name)
        if isinstance(table, RestoredTable) and table.is_restoring:
            raise ResourceInUseException(f"Attempt to change a resource which is still in use: {name}")
        return stock_delete(self, name)

    stock_update = replace(DynamoDBBackend, "update_item", update_item)
    stock_settings = replace(DynamoDBBackend, "update_continuous_backups", update_continuous_backups)
    stock_describe = replace(DynamoDBBackend, "describe_continuous_backups", describe_continuous_backups)
    stock_delete = replace(DynamoDBBackend, "delete_table", delete_table)
    replace(DynamoHandler, "restore_table_to_point_in_time", restore_table_to_point_in_time)


def _seconds(moment: datetime | float | None) -> float | None:
    """moto gives what an SDK sends as a time in UTC."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return moment


def _restore(recovery: Recovery, backend: Any, asked: Mapping[str, Any]) -> Table:
    """Raises: what DynamoDB does; NotImplementedError, of what it could do besides."""
    if more := sorted(asked.keys() - _TAKEN):
        raise NotImplementedError(f"{', '.join(more)} of a restored table")
    source = asked.get("SourceTableName") or asked.get("SourceTableArn", "").rpartition("/")[2]
    target, moment = asked["TargetTableName"], _seconds(asked.get("RestoreDateTime"))
    if (moment is None) != bool(asked.get("UseLatestRestorableTime")):
        raise MockValidationException("Give either RestoreDateTime or UseLatestRestorableTime")
    if source not in backend.tables:
        raise TableNotFoundException(source)
    table = backend.tables[source]
    window = recovery.window(table)
    if window is None:
        raise _Unavailable(source)
    if target in backend.tables:
        raise TableAlreadyExistsException(target)
    earliest, latest = window
    # A caller who names the second of the earliest moment means that.
    if moment is not None and not int(earliest) <= moment <= latest:
        raise _InvalidTime
    at = latest if moment is None else max(earliest, moment)
    made = recovery.restored(table, target, at)
    if "BillingModeOverride" in asked:
        made.billing_mode = asked["BillingModeOverride"]
    backend.tables[target] = made
    return made
