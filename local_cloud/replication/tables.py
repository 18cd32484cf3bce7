"""Global tables: what is written to one region's replica is sent to all others, each item for itself."""

import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local_cloud.regions.carrier import Carrier
from local_cloud.regions.links import Change
from local_cloud.replication.versions import Ledger, Stamp, Stamps
from local_cloud.storage import recovery, writes
from local_cloud.storage.writes import Key


@dataclass
class GlobalTable:
    """By region, what its replica has."""

    account: str
    name: str
    ledgers: dict[str, Ledger] = field(default_factory=dict)

    def replica(self, region: str) -> Any:
        """moto's record. Raises: ResourceNotFoundException."""
        return dynamodb_backends[self.account][region].get_table(self.name)


class GlobalTables:
    """Whoever changes them has the lock of writes."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._stamps = Stamps()
        self._tables: dict[tuple[str, str], GlobalTable] = {}

    def find(self, table: Any) -> GlobalTable | None:
        """By moto's record of one replica. A table of that name in another region may be no replica of it."""
        found = self._tables.get((table.account_id, table.name))
        return found if found and table.region_name in found.ledgers else None

    def join(self, table: Any, region: str) -> None:
        """The other region's table, which is there and empty, gets all that this one has, and will have."""
        found = self.find(table)
        if found is None:
            found = GlobalTable(table.account_id, table.name, {table.region_name: Ledger()})
            self._tables[table.account_id, table.name] = found
        own, theirs = found.ledgers[table.region_name], Ledger()
        replica = found.replica(region)
        for item in table.all_items():
            key = (item.hash_key, item.range_key)
            theirs.takes(key, own.stamp_of(key))
            _put(replica, key, copy.deepcopy(item))
        found.ledgers[region] = theirs

    def leave(self, table: Any) -> None:
        """This replica goes, or becomes a table by itself; the last one is a table by itself too."""
        found = self.find(table)
        if found is not None:
            del found.ledgers[table.region_name]
            if len(found.ledgers) < 2:
                del self._tables[found.account, found.name]

    def others(self, table: Any) -> list[str]:
        """The regions of its other replicas."""
        found = self.find(table)
        return sorted(found.ledgers.keys() - {table.region_name}) if found else []

    def written(self, table: Any, key: Key) -> None:
        """By somebody who writes to this region's replica."""
        found = self.find(table)
        if found is None:
            return
        stamp = self._stamps.next(table.region_name)
        found.ledgers[table.region_name].takes(key, stamp)
        item = copy.deepcopy(table.get_item(*key))
        for region in self.others(table):
            self._carrier.send(
                Change(
                    source=table.region_name,
                    destination=region,
                    about=table.name,
                    sent=self._carrier.clock(),
                    apply=partial(self._arrive, found, region, key, stamp, item),
                )
            )

    def _arrive(self, table: GlobalTable, region: str, key: Key, stamp: Stamp, item: Any) -> None:
        with writes.LOCK:
            ledger = table.ledgers.get(region)
            if ledger is not None and ledger.takes(key, stamp):
                # Several replicas get the same version, and each may be changed in its place.
                _put(table.replica(region), key, copy.deepcopy(item))


def _put(table: Any, key: Key, item: Any) -> None:
    """Into a replica, whose stream and backups have it; watchers of writes do not. item: None if gone."""
    partition, sort = key
    before = table.get_item(partition, sort)
    if item is None and before is None:
        return
    if sort is None:
        items, name = table.items, partition
    else:
        items, name = table.items[partition], sort
    if item is None:
        del items[name]
    else:
        items[name] = item
    recovery.noted(table, key)
    if table.stream_shard is not None:
        table.stream_shard.add(before, item)
