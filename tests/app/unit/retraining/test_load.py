"""Batch output into the serving table: one whole list per user, without own items, in one write unit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ShardIncomplete, TableBusy
from pipeline.lists.load import Load, Shard, choose, load_recommendations
from pipeline.storage import Bucket
from tests.support.pauses import LongestPauses

TABLE = "recs-test-serving"
SHARD = Shard(own="own.jsonl", output="out.jsonl.out", users=2)
LOAD = Load(
    use_case="posts",
    variant="personalize",
    generation="20270101T000000000",
    shard=SHARD,
    popular_key="popular.json",
    limit=5,
    expires=1_800_000_000,
)


def output(user: str, *items: str, error: str | None = None) -> dict[str, Any]:
    return {
        "input": {"userId": user},
        "output": {"recommendedItems": list(items), "scores": []},
        "error": error,
    }


def put(
    bucket: Bucket, own: dict[str, list[str]], out: list[dict[str, Any]] | bytes, popular: list[str]
) -> None:
    own_lines = "".join(json.dumps({"userId": user, "own": items}) + "\n" for user, items in own.items())
    bucket.write(SHARD.own, own_lines.encode(), "application/jsonlines")
    text = out if isinstance(out, bytes) else "".join(json.dumps(line) + "\n" for line in out).encode()
    bucket.write(SHARD.output, text, "application/jsonlines")
    bucket.write_json("popular.json", popular)


@pytest.fixture
def load(bucket: Bucket, dynamodb: Any) -> Callable[..., Any]:
    def run(
        what: Load = LOAD, client: Any = dynamodb, sleep: Callable[[float], None] = lambda _: None
    ) -> Any:
        return load_recommendations(client, TABLE, bucket, what, sleep=sleep, rng=LongestPauses())

    return run


def stored(client: Any) -> dict[str, list[str]]:
    items = client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return {item["pk"]["S"].split("#", 2)[2]: [e["S"] for e in item["items"]["L"]] for item in items}


def test_every_user_gets_a_list_without_own_items_filled_up_with_popular_ones(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    put(
        bucket,
        {"u1": ["b", "p1"], "u2": []},
        [output("u2", "a", "b", "c", "d", "e", "f"), output("u1", "a", "b", "a", "c")],
        ["p1", "a", "p2", "p3", "p4"],
    )

    counts = load()

    assert stored(dynamodb) == {"u1": ["a", "c", "p2", "p3", "p4"], "u2": ["a", "b", "c", "d", "e"]}
    assert (counts.users, counts.errors, counts.topped_up, counts.trimmed) == (2, 0, 1, 0)
    item = dynamodb.get_item(
        TableName=TABLE, Key={"pk": {"S": "user#posts#u1"}, "sk": {"S": "personalize#20270101T000000000"}}
    )["Item"]
    assert item["expires"] == {"N": "1800000000"}


def test_loading_again_leaves_the_same_table(load: Any, bucket: Bucket, dynamodb: Any) -> None:
    put(bucket, {"u1": ["b"], "u2": []}, [output("u1", "a"), output("u2", "b")], ["p"])
    load()
    before = dynamodb.scan(TableName=TABLE)["Items"]

    load()

    assert dynamodb.scan(TableName=TABLE)["Items"] == before


def test_error_lines_are_counted_and_their_users_get_no_list(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    failed = {"input": {"userId": "u1"}, "output": None, "error": "User error: no such user"}
    without_error_member = {"input": {"userId": "u2"}, "output": {"recommendedItems": ["a"]}, "reasons": []}
    put(bucket, {"u1": [], "u2": []}, [failed, without_error_member], [])

    counts = load()

    assert stored(dynamodb) == {"u2": ["a"]}
    assert (counts.users, counts.errors) == (1, 1)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ([output("u1", "a")], "lacks 1 of 2 users"),
        ([output("u1", "a"), output("u3", "a")], "not of this shard"),
        ([output("u1", "a"), output("u1", "a"), output("u2", "a")], "a user twice"),
        (json.dumps(output("u1", "a")).encode() + b'\n{"input": {"userId": "u', "torn in line 2"),
        (b'{"output": {}}\n', "torn in line 1"),
        (b"null\n", "torn in line 1"),
        (b"", "lacks 2 of 2"),
    ],
)
def test_an_output_that_is_not_whole_is_refused(load: Any, bucket: Bucket, out: Any, message: str) -> None:
    put(bucket, {"u1": [], "u2": []}, out, [])

    with pytest.raises(ShardIncomplete, match=message):
        load()


def test_an_output_that_is_missing_is_refused(load: Any, bucket: Bucket) -> None:
    put(bucket, {"u1": [], "u2": []}, [], [])
    bucket.client.delete_object(Bucket=bucket.name, Key=SHARD.output)

    with pytest.raises(ShardIncomplete, match=r"out\.jsonl\.out .*does not exist"):
        load()


def test_own_items_that_do_not_fit_the_shard_are_refused(load: Any, bucket: Bucket) -> None:
    put(bucket, {"u1": []}, [output("u1", "a")], [])

    with pytest.raises(ShardIncomplete, match="1 users instead of 2"):
        load()


def test_long_lists_are_cut_to_one_write_unit(load: Any, bucket: Bucket, dynamodb: Any) -> None:
    put(
        bucket,
        {"u1": [], "ü" * 500: []},
        [output("u1", *[f"{n:0100d}" for n in range(30)]), output("ü" * 500)],
        [],
    )

    counts = load(replace(LOAD, limit=30))

    assert {user: len(items) for user, items in stored(dynamodb).items()} == {"u1": 9}
    assert (counts.users, counts.trimmed, counts.errors) == (1, 2, 1)


def test_ids_of_36_bytes_fill_a_write_unit_with_24_and_two_units_hold_all_fifty(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    rng = Random(7)
    user, *items = [str(UUID(int=rng.getrandbits(128))) for _ in range(51)]
    put(bucket, {user: [], "u2": []}, [output(user, *items), output("u2", *items)], [])

    small = load(replace(LOAD, limit=50))
    assert {one: len(kept) for one, kept in stored(dynamodb).items()} == {user: 24, "u2": 25}
    large = load(replace(LOAD, limit=50, list_bytes=2048))

    assert stored(dynamodb) == {user: items, "u2": items}
    assert (small.trimmed, small.units) == (2, 2)
    assert (large.trimmed, large.units, large.users) == (0, 4, 2)


def test_the_longest_ids_of_personalize_find_room_where_list_bytes_gives_it(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    user, items = "\U0001f600" * 256, ["\U0001f600" * 255 + chr(0x1F600 + number) for number in range(50)]
    put(bucket, {user: [], "u2": []}, [output(user, *items), output("u2", "a")], [])

    none = load(replace(LOAD, limit=50))
    assert (none.errors, none.trimmed, none.users) == (1, 1, 1), "no list at all counts as cut"
    load(replace(LOAD, limit=50, list_bytes=53_248))
    assert stored(dynamodb)[user] == items


class _Busy:
    """A table that hands back the last item of each call, a number of times."""

    def __init__(self, client: Any, times: int) -> None:
        self._client, self._times = client, times
        self.sizes: list[int] = []

    def batch_write_item(self, *, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        [(table, requests)] = RequestItems.items()
        self.sizes.append(len(requests))
        if not self._times:
            answer: dict[str, Any] = self._client.batch_write_item(RequestItems=RequestItems)
            return answer
        self._times -= 1
        if requests[:-1]:
            self._client.batch_write_item(RequestItems={table: requests[:-1]})
        return {"UnprocessedItems": {table: requests[-1:]}}


def test_items_that_the_table_hands_back_are_written_later_with_growing_waits(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    users = [f"u{n}" for n in range(30)]
    put(bucket, {user: [] for user in users}, [output(user, "a") for user in users], [])
    waits: list[float] = []
    busy = _Busy(dynamodb, times=3)

    load(replace(LOAD, shard=replace(SHARD, users=30)), client=busy, sleep=waits.append)

    assert sorted(stored(dynamodb)) == sorted(users)
    assert busy.sizes == [25, 1, 1, 1, 5]
    assert waits == [0.2, 0.4, 0.8]


def test_a_table_that_stays_busy_ends_the_load(load: Any, bucket: Bucket, dynamodb: Any) -> None:
    put(bucket, {"u1": [], "u2": []}, [output("u1", "a"), output("u2", "a")], [])
    waits: list[float] = []

    with pytest.raises(TableBusy, match=r"1 of 25 items were not written in 10 attempts"):
        load(client=_Busy(dynamodb, times=99), sleep=waits.append)

    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10]


class _Throttling:
    """A table that refuses whole calls, a number of times."""

    def __init__(self, client: Any, times: int, code: str) -> None:
        self._client, self._times, self._code = client, times, code

    def batch_write_item(self, **arguments: Any) -> Any:
        if self._times:
            self._times -= 1
            raise ClientError({"Error": {"Code": self._code, "Message": "slow down"}}, "BatchWriteItem")
        return self._client.batch_write_item(**arguments)


THROUGHPUT = "ProvisionedThroughputExceededException"


def test_a_table_that_takes_nothing_of_a_call_is_asked_again_later(
    load: Any, bucket: Bucket, dynamodb: Any
) -> None:
    put(bucket, {"u1": [], "u2": []}, [output("u1", "a"), output("u2", "a")], [])
    waits: list[float] = []

    load(client=_Throttling(dynamodb, 2, THROUGHPUT), sleep=waits.append)

    assert sorted(stored(dynamodb)) == ["u1", "u2"] and len(waits) == 2


@pytest.mark.parametrize(("code", "error"), [(THROUGHPUT, TableBusy), ("AccessDeniedException", ClientError)])
def test_a_table_that_keeps_refusing_is_busy_and_one_that_is_forbidden_is_not(
    load: Any, bucket: Bucket, dynamodb: Any, code: str, error: type[Exception]
) -> None:
    put(bucket, {"u1": [], "u2": []}, [output("u1", "a"), output("u2", "a")], [])

    with pytest.raises(error):
        load(client=_Throttling(dynamodb, 99, code))


@given(
    recommended=st.lists(st.sampled_from("abcdefgh"), max_size=10),
    popular=st.lists(st.sampled_from("efghij"), unique=True),
    own=st.lists(st.sampled_from("abcdefghij")),
    limit=st.integers(1, 6),
)
def test_a_list_never_has_own_items_or_repeats_and_is_as_long_as_can_be(
    recommended: list[str], popular: list[str], own: list[str], limit: int
) -> None:
    chosen = choose(recommended, popular, own, limit)

    possible = {*recommended, *popular} - set(own)
    assert not set(chosen.items) & set(own)
    assert len(set(chosen.items)) == len(chosen.items) == min(limit, len(possible))
    wanted = [item for item in dict.fromkeys(recommended) if item not in own][:limit]
    assert chosen.items[: len(wanted)] == wanted


def test_lists_of_items_are_stored_under_the_item_s_id(load: Any, bucket: Bucket, dynamodb: Any) -> None:
    own = [{"itemId": "a", "own": ["a"]}, {"itemId": "b", "own": ["b"]}]
    out = [
        {"input": {"itemId": "a"}, "output": {"recommendedItems": ["b", "a", "c"]}},
        {"input": {"itemId": "b"}, "output": {"recommendedItems": ["a"]}},
    ]
    for key, records in ((SHARD.own, own), (SHARD.output, out)):
        text = "".join(json.dumps(record) + "\n" for record in records)
        bucket.write(key, text.encode(), "application/jsonlines")
    bucket.write_json("popular.json", ["b"])

    counts = load()

    assert stored(dynamodb) == {"a": ["b", "c"], "b": ["a"]}
    assert (counts.users, counts.errors) == (2, 0)
