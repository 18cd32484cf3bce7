"""DynamoDB: the partition keys of a call are what policies call leading keys.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local_cloud.judge.actions.need import Need, Needs, Table, arn
from local_cloud.judge.actions.requests import Asked
from rights.errors import UnknownCondition

_EQUAL = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")
_TRANSACTED = {
    "Put": ("PutItem", "Item"),
    "Update": ("UpdateItem", "Key"),
    "Delete": ("DeleteItem", "Key"),
    "ConditionCheck": ("ConditionCheckItem", "Key"),
}


def _table(asked: Asked, name: str) -> Any:
    """moto's record, or None: the call itself will tell."""
    return dynamodb_backends[asked.account][asked.region].tables.get(_short(name))


def _short(name: str) -> str:
    return name.rpartition("/")[2] if name.startswith("arn:") else name


def _need(asked: Asked, action: str, table: str, keys: Iterable[str], index: str | None = None) -> Need:
    name = f"table/{_short(table)}" + (f"/index/{index}" if index else "")
    return Need(
        action=f"dynamodb:{action}",
        resource=arn(asked, "dynamodb", name),
        context={"dynamodb:LeadingKeys": tuple(dict.fromkeys(keys))},
    )


def _leading(asked: Asked, table: str, items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    found = _table(asked, table)
    for item in items:
        if found is not None and found.hash_key_attr in item:
            yield str(next(iter(item[found.hash_key_attr].values())))


def _of_item(action: str, member: str) -> Needs:
    def needs(asked: Asked) -> Iterator[Need]:
        table = asked.members["TableName"]
        yield _need(asked, action, table, _leading(asked, table, [asked.members[member]]))

    return needs


def _queried(asked: Asked) -> Iterator[Need]:
    members = asked.members
    table, index = members["TableName"], members.get("IndexName")
    names, values = members.get("ExpressionAttributeNames", {}), members.get("ExpressionAttributeValues", {})
    found = _table(asked, table)
    if found is None:
        yield _need(asked, "Query", table, (), index)
        return
    key = found.hash_key_attr
    for each in (*found.indexes, *found.global_indexes):
        if each.name == index:
            key = next(part["AttributeName"] for part in each.schema if part["KeyType"] == "HASH")
    equal = {
        names.get(name, name): values[value]
        for name, value in _EQUAL.findall(members.get("KeyConditionExpression", ""))
        if value in values
    }
    if key not in equal:
        raise UnknownCondition(f"dynamodb:LeadingKeys of a query without a plain {key} = :value")
    yield _need(asked, "Query", table, [str(next(iter(equal[key].values())))], index)


def _read_in_batch(asked: Asked) -> Iterator[Need]:
    for table, wanted in asked.members["RequestItems"].items():
        yield _need(asked, "BatchGetItem", table, _leading(asked, table, wanted["Keys"]))


def _written_in_batch(asked: Asked) -> Iterator[Need]:
    for table, writes in asked.members["RequestItems"].items():
        items = [each.get("PutRequest", {}).get("Item") or each["DeleteRequest"]["Key"] for each in writes]
        yield _need(asked, "BatchWriteItem", table, _leading(asked, table, items))


def _transacted(asked: Asked) -> Iterator[Need]:
    for item in asked.members["TransactItems"]:
        [(kind, details)] = item.items()
        action, member = _TRANSACTED[kind]
        table = details["TableName"]
        yield _need(asked, action, table, _leading(asked, table, [details[member]]))


def _read_together(asked: Asked) -> Iterator[Need]:
    for item in asked.members["TransactItems"]:
        table = item["Get"]["TableName"]
        yield _need(asked, "GetItem", table, _leading(asked, table, [item["Get"]["Key"]]))


def _of_table(action: str) -> Needs:
    def needs(asked: Asked) -> Iterator[Need]:
        yield _need(asked, action, asked.members["TableName"], (), asked.members.get("IndexName"))

    return needs


OPERATIONS: Table = {
    "GetItem": _of_item("GetItem", "Key"),
    "PutItem": _of_item("PutItem", "Item"),
    "UpdateItem": _of_item("UpdateItem", "Key"),
    "DeleteItem": _of_item("DeleteItem", "Key"),
    "Query": _queried,
    "Scan": _of_table("Scan"),
    "BatchGetItem": _read_in_batch,
    "BatchWriteItem": _written_in_batch,
    "TransactWriteItems": _transacted,
    "TransactGetItems": _read_together,
    "DescribeTable": _of_table("DescribeTable"),
}
