"""Who is in the batch input, in which shards, and what each user has already."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import EmptyAudience, InvalidInput, StorageFailed
from pipeline.lists.batch_input import Audience, shard_size, write_batch_input
from pipeline.partitions import Partitions
from pipeline.storage import Bucket

RUN = "20270101T000000000"
RUN_SECONDS = 1_798_761_600
FOLDER = f"batch/posts/{RUN}/"
AUDIENCE = Audience(
    use_case="posts",
    run=RUN,
    interactions_key="interactions.csv",
    users_key=None,
    own_event_types=("*",),
    own_includes_user=False,
    active_within_days=None,
    users_per_shard=1000,
)
Event = tuple[str, str, str, int]


def put_interactions(bucket: Bucket, *events: Event) -> None:
    lines = ["USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP", *(",".join(map(str, event)) for event in events)]
    bucket.write("interactions.csv", ("\n".join(lines) + "\n").encode(), "text/csv")


def lines(bucket: Bucket, key: str) -> list[Any]:
    body = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def input_of(shard: dict[str, Any]) -> str:
    return str(shard["own"]).replace("/own/", "/input/")


def own_items(bucket: Bucket) -> dict[str, list[str]]:
    shards = bucket.read_json(f"{FOLDER}shards.json")
    return {line["userId"]: line["own"] for shard in shards for line in lines(bucket, shard["own"])}


def test_the_batch_input_is_written_in_shards_with_a_list_of_them(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "a", "like", 1), ("u2", "b", "view", 2), ("u3", "a", "like", 3))

    result = write_batch_input(bucket, replace(AUDIENCE, users_per_shard=2))

    assert result == {
        "users": 3,
        "shards": 2,
        "inputLocation": f"s3://data-bucket/{FOLDER}input/",
        "outputLocation": f"s3://data-bucket/{FOLDER}output/",
        "shardsKey": f"{FOLDER}shards.json",
        "popularKey": f"{FOLDER}popular.json",
        "valuesKey": None,
    }
    shards = bucket.read_json(result["shardsKey"])
    assert shards[0] == {
        "own": f"{FOLDER}own/shard-00000.jsonl",
        "output": f"{FOLDER}output/shard-00000.jsonl.out",
        "users": 2,
    }
    assert [shard["users"] for shard in shards] == [2, 1]
    assert [lines(bucket, input_of(shard)) for shard in shards] == [
        [{"userId": "u1"}, {"userId": "u2"}],
        [{"userId": "u3"}],
    ]
    assert lines(bucket, shards[0]["own"]) == [{"userId": "u1", "own": ["a"]}, {"userId": "u2", "own": ["b"]}]


def test_own_items_are_those_of_the_own_event_types_each_once(bucket: Bucket) -> None:
    put_interactions(
        bucket,
        ("u1", "seen", "view", 1),
        ("u1", "done", "join", 2),
        ("u1", "done", "join", 3),
        ("u2", "seen", "view", 4),
    )

    write_batch_input(bucket, replace(AUDIENCE, own_event_types=("join",)))
    assert own_items(bucket) == {"u1": ["done"], "u2": []}

    write_batch_input(bucket, AUDIENCE)
    assert own_items(bucket) == {"u1": ["seen", "done"], "u2": ["seen"]}


def test_where_users_recommend_users_nobody_gets_themselves(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "u2", "follow", 1), ("u2", "u1", "follow", 1))

    write_batch_input(bucket, replace(AUDIENCE, own_includes_user=True))

    assert own_items(bucket) == {"u1": ["u1", "u2"], "u2": ["u2", "u1"]}


def test_users_without_an_interaction_belong_to_the_audience(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "a", "like", 1))
    bucket.write("users.csv", b'USER_ID,NOTE\nu1,"x"\nu2,"with, comma \\" and \\\\"\n', "text/csv")

    write_batch_input(bucket, replace(AUDIENCE, users_key="users.csv"))

    assert own_items(bucket) == {"u1": ["a"], "u2": []}


def test_only_users_active_before_the_run_are_chosen_with_all_they_ever_had(bucket: Bucket) -> None:
    week = 7 * 86_400
    put_interactions(
        bucket,
        ("u1", "old", "like", RUN_SECONDS - 2 * week),
        ("u1", "new", "like", RUN_SECONDS - week),
        ("u2", "new", "like", RUN_SECONDS - week - 1),
    )
    bucket.write("users.csv", b"USER_ID,AGE\nu3,3\n", "text/csv")

    write_batch_input(bucket, replace(AUDIENCE, users_key="users.csv", active_within_days=7))

    assert own_items(bucket) == {"u1": ["old", "new"]}


def test_an_audience_of_nobody_is_told_with_the_newest_interaction(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "a", "like", RUN_SECONDS - 8 * 86_400))

    with pytest.raises(
        EmptyAudience, match="7 days before the run; the newest interaction is of 2026-12-24T"
    ):
        write_batch_input(bucket, replace(AUDIENCE, active_within_days=7))

    put_interactions(bucket)
    with pytest.raises(EmptyAudience, match="no users"):
        write_batch_input(bucket, AUDIENCE)


def test_popular_items_come_most_frequent_first_and_at_most_500(bucket: Bucket) -> None:
    events: list[Event] = [("u1", f"rare-{n:03d}", "like", 1) for n in range(600)]
    put_interactions(bucket, *events, ("u2", "b", "like", 1), ("u1", "b", "like", 1), ("u1", "a", "like", 1))

    write_batch_input(bucket, AUDIENCE)

    popular = bucket.read_json(f"{FOLDER}popular.json")
    assert popular[:4] == ["b", "a", "rare-000", "rare-001"]
    assert len(popular) == 500


def test_ids_of_any_letters_stay_what_they_are(bucket: Bucket) -> None:
    text = 'USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n"a,b","say \\"x\\" \\\\",like,1\nü日,\t,like,1\n'
    bucket.write("interactions.csv", text.encode(), "text/csv")

    write_batch_input(bucket, AUDIENCE)

    assert own_items(bucket) == {"a,b": ['say "x" \\'], "ü日": ["\t"]}


@given(wanted=st.integers(1, 100_000), users=st.integers(1, 10**8))
def test_there_are_never_more_than_1000_shards(wanted: int, users: int) -> None:
    size = shard_size(wanted, users)

    assert size >= wanted
    assert -(-users // size) <= 1000
    assert size == wanted or -(-users // (size - 1)) > 1000


def test_missing_data_is_told_by_its_name(bucket: Bucket) -> None:
    with pytest.raises(StorageFailed, match=r"interactions\.csv"):
        write_batch_input(bucket, AUDIENCE)

    bucket.write("interactions.csv", b"USER_ID,ITEM_ID\n", "text/csv")
    with pytest.raises(InvalidInput, match="has no column TIMESTAMP, EVENT_TYPE"):
        write_batch_input(bucket, replace(AUDIENCE, own_event_types=("like",)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), min_size=1, max_size=60),
    size=st.integers(5, 12),
)
def test_shards_hold_every_user_once_and_no_more_than_their_size(
    bucket: Bucket, pairs: list[tuple[int, int]], size: int
) -> None:
    put_interactions(bucket, *[(f"u{user}", f"i{item}", "like", 1) for user, item in pairs])

    result = write_batch_input(bucket, replace(AUDIENCE, users_per_shard=size))

    shards = bucket.read_json(result["shardsKey"])
    users = [line["userId"] for shard in shards for line in lines(bucket, input_of(shard))]
    assert sorted(users) == sorted({f"u{user}" for user, _ in pairs})
    assert [shard["users"] for shard in shards[:-1]] == [size] * (len(shards) - 1)
    assert 1 <= shards[-1]["users"] <= size
    assert {u: set(own) for u, own in own_items(bucket).items()} == {
        f"u{user}": {f"i{item}" for other, item in pairs if other == user} for user, _ in pairs
    }


@pytest.mark.parametrize("count", [1, 2, 16])
def test_a_user_lies_in_one_partition_whatever_their_number(tmp_path: Path, count: int) -> None:
    with Partitions(tmp_path, count) as partitions:
        for number in range(300):
            partitions.add(f"u{number % 50}", f"i{number}", counts=number % 50 != 7)

    users = {member.user: member.items for member in partitions.users()}

    assert len(users) == 49
    assert users["u3"] == [f"i{number}" for number in range(3, 300, 50)]
    assert list(tmp_path.iterdir()) == []


def test_where_lists_belong_to_items_every_item_asks_once_and_never_gets_itself(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "a", "like", 1), ("u2", "a", "like", 2), ("u1", "gone", "like", 3))
    bucket.write("items.csv", b"ITEM_ID,LEVEL\nb,1\na,2\n", "text/csv")

    result = write_batch_input(bucket, replace(AUDIENCE, own_event_types=(), items_key="items.csv"))

    assert result["users"] == 2
    [shard] = bucket.read_json(result["shardsKey"])
    assert lines(bucket, input_of(shard)) == [{"itemId": "b"}, {"itemId": "a"}]
    assert lines(bucket, shard["own"]) == [{"itemId": "b", "own": ["b"]}, {"itemId": "a", "own": ["a"]}]
    assert bucket.read_json(result["popularKey"])[0] == "a"
