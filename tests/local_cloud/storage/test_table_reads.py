"""Reading tables of the local cloud: every kind of value comes back, and queries see their partition only."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.local_cloud.support.local_aws import LocalAws

VALUES: dict[str, Any] = {
    "text": {"S": "ü\n"},
    "empty": {"S": ""},
    "number": {"N": "-12.50"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "bytes": {"B": b"\x00\xff"},
    "list": {"L": [{"S": "a"}, {"N": "1"}, {"L": []}, {"B": b"\x01"}]},
    "map": {"M": {"S": {"S": "x"}, "inner": {"M": {}}}},
}


@pytest.fixture(scope="module")
def table(aws: LocalAws) -> Iterator[str]:
    """The name of a table with two partitions of five items."""
    client, name = aws.client("dynamodb"), f"test-{uuid4().hex[:10]}"
    keys = ("pk", "HASH"), ("sk", "RANGE")
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk in ("a", "b"):
        for number in range(5):
            item = {"pk": {"S": pk}, "sk": {"S": f"n{number}"}, "number": {"N": str(number)}}
            client.put_item(TableName=name, Item=item)
    yield name
    client.delete_table(TableName=name)


def test_every_kind_of_value_is_read_as_it_was_written(aws: LocalAws, table: str) -> None:
    client = aws.client("dynamodb")
    item = {"pk": {"S": "values"}, "sk": {"S": "1"}, **VALUES}
    client.put_item(TableName=table, Item=item)

    read = client.get_item(TableName=table, Key={"pk": {"S": "values"}, "sk": {"S": "1"}})["Item"]
    [queried] = query(aws, table, "values")["Items"]

    assert read == queried == item


def test_sets_are_read_as_they_were_written(aws: LocalAws, table: str) -> None:
    client, key = aws.client("dynamodb"), {"pk": {"S": "sets"}, "sk": {"S": "1"}}
    client.put_item(TableName=table, Item={**key, "words": {"SS": ["a", "b"]}, "numbers": {"NS": ["1", "2"]}})

    read = client.get_item(TableName=table, Key=key)["Item"]

    assert (sorted(read["words"]["SS"]), sorted(read["numbers"]["NS"])) == (["a", "b"], ["1", "2"])


def query(aws: LocalAws, table: str, pk: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = aws.client("dynamodb").query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        **more,
    )
    return answer


@pytest.mark.parametrize("forward", [True, False])
def test_a_query_goes_through_its_partition_in_order_and_in_pages(
    aws: LocalAws, table: str, forward: bool
) -> None:
    found: list[str] = []
    start: dict[str, Any] = {}
    while True:
        page = query(aws, table, "a", Limit=2, ScanIndexForward=forward, **start)
        assert all(item["pk"] == {"S": "a"} for item in page["Items"])
        found += [item["sk"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    assert found == sorted((f"n{number}" for number in range(5)), reverse=not forward)


def test_a_partition_that_is_not_there_is_empty(aws: LocalAws, table: str) -> None:
    assert query(aws, table, "nobody")["Items"] == []
