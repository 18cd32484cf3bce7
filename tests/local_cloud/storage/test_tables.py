"""DynamoDB's transactions and conditions on the local cloud, also under several threads."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws


@pytest.fixture
def dynamodb(aws: LocalAws) -> Any:
    return aws.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> str:
    name = f"table-{uuid4().hex[:8]}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
    )
    return name


def key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "-"}}


def claim(table: str, pk: str) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": table,
            "Item": {**key(pk), "by": {"S": "me"}},
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def addition(table: str, pk: str, number: int = 1) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": table,
            "Key": key(pk),
            "UpdateExpression": "ADD hits :n",
            "ExpressionAttributeValues": {":n": {"N": str(number)}},
        }
    }


def item(dynamodb: Any, table: str, pk: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = dynamodb.get_item(TableName=table, Key=key(pk)).get("Item")
    return found


def test_a_transaction_writes_all_or_nothing_and_says_which_condition_failed(
    dynamodb: Any, table: str
) -> None:
    dynamodb.put_item(TableName=table, Item={**key("b"), "by": {"S": "other"}})

    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(
            TransactItems=[claim(table, "a"), claim(table, "b"), addition(table, "count", 2)]
        )

    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed", "None"]
    assert reasons[1]["Item"]["by"] == {"S": "other"}
    assert item(dynamodb, table, "a") is None and item(dynamodb, table, "count") is None


def test_a_write_that_cannot_be_done_undoes_those_before_it(dynamodb: Any, table: str) -> None:
    dynamodb.put_item(TableName=table, Item={**key("count"), "hits": {"S": "text"}})

    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[claim(table, "a"), addition(table, "count")])

    assert item(dynamodb, table, "a") is None


def test_no_item_twice_in_a_transaction(dynamodb: Any, table: str) -> None:
    with pytest.raises(ClientError, match="multiple operations on one item"):
        dynamodb.transact_write_items(TransactItems=[claim(table, "a"), addition(table, "a")])


def test_of_many_who_claim_at_once_one_succeeds_and_no_addition_is_lost(dynamodb: Any, table: str) -> None:
    def attempt(number: int) -> bool:
        try:
            dynamodb.transact_write_items(
                TransactItems=[claim(table, f"claim-{number % 20}"), addition(table, "count")]
            )
        except ClientError as error:
            assert error.response["Error"]["Code"] == "TransactionCanceledException"
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as threads:
        successes = sum(threads.map(attempt, range(160)))

    counted = item(dynamodb, table, "count")
    assert counted and successes == 20 == int(counted["hits"]["N"])
