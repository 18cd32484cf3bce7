"""Lists of the people who are to be notified, read from a table that is busy."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import TableBusy
from pipeline.notifications.shards import Lists

TABLE = "recs-test-serving"


class _Stingy:
    """A table that refuses the first read, and then answers with one list at a time."""

    def __init__(self, client: Any) -> None:
        self._client, self._reads = client, 0

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self._reads += 1
        if self._reads == 1:
            code = "ProvisionedThroughputExceededException"
            raise ClientError({"Error": {"Code": code, "Message": "slow down"}}, "BatchGetItem")
        [(table, asked)] = RequestItems.items()
        first, *rest = asked["Keys"]
        answer: dict[str, Any] = self._client.batch_get_item(RequestItems={table: {"Keys": [first]}})
        return {**answer, "UnprocessedKeys": {table: {"Keys": rest}} if rest else {}}


def test_a_busy_table_is_given_time_before_it_is_asked_for_the_rest(dynamodb: Any) -> None:
    users = [str(number) for number in range(9)]
    for user in users:
        listed = {"pk": {"S": f"user#programs#{user}"}, "sk": {"S": "personalize#g1"}}
        dynamodb.put_item(TableName=TABLE, Item={**listed, "items": {"L": [{"S": f"of {user}"}]}})
    waits: list[float] = []

    def lists() -> Lists:
        return Lists(_Stingy(dynamodb), TABLE, "programs", "personalize", "g1", sleep=waits.append)

    assert lists().of(users[:7]) == {user: (f"of {user}",) for user in users[:7]}
    assert len(waits) == 7 and max(waits) <= 10
    with pytest.raises(TableBusy, match="2 lists were not read"):
        lists().of(users)


def test_lists_of_one_generation_are_the_same_whoever_reads_them(dynamodb: Any) -> None:
    """By which a function remembers what it has read."""
    waits: list[float] = []
    first, other, newer = (
        Lists(client, TABLE, "programs", "personalize", generation, sleep=waits.append)
        for client, generation in ((dynamodb, "g1"), (_Stingy(dynamodb), "g1"), (dynamodb, "g2"))
    )

    assert first == other != newer and hash(first) == hash(other)
