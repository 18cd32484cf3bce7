"""Time to live: what has expired is deleted when somebody says so. DynamoDB does it within a few days.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local_cloud.ground.clock import Clock
from local_cloud.ground.settings import Settings
from local_cloud.regions.reach import Reach

PATH = "/_local/expired-items"
_LONGEST_AGO = 5 * 365 * 24 * 3600
"""What expired longer ago is taken for a mistake and stays."""


def sweep(settings: Settings, reach: Reach) -> Callable[[str, str, bytes], tuple[int, bytes]]:
    """Own path of the server: POST deletes what has expired in all regions that are up, and says how much."""
    clock = Clock(settings.state_dir)

    def answer(method: str, _rest: str, _body: bytes) -> tuple[int, bytes]:
        if method != "POST":
            return 405, b'{"message": "POST deletes what has expired"}'
        now = int(clock.now().timestamp())
        deleted = {
            region: sum(_delete(backend, table, now) for table in list(backend.tables.values()))
            for region, backend in list(dynamodb_backends[settings.account].items())
            if reach.is_up(region)
        }
        return 200, json.dumps({"deleted": {name: many for name, many in deleted.items() if many}}).encode()

    return answer


def _delete(backend: Any, table: Any, now: int) -> int:
    attribute = table.ttl.get("AttributeName")
    if table.ttl["TimeToLiveStatus"] != "ENABLED":
        return 0
    gone = [item for item in table.all_items() if _has_expired(item.attrs.get(attribute), now)]
    for item in gone:
        key = {table.hash_key_attr: item.attrs[table.hash_key_attr].to_json()}
        if table.range_key_attr:
            key[table.range_key_attr] = item.attrs[table.range_key_attr].to_json()
        backend.delete_item(table.name, key)
    return len(gone)


def _has_expired(value: Any, now: int) -> bool:
    """Only numbers say when."""
    if value is None or value.type != "N":
        return False
    return now - _LONGEST_AGO < Decimal(value.value) <= now
