"""Shards of batch output by a model of our own: the engine's lists, in the format that is loaded."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import engine
from config.derived.algorithms import algorithm_of
from config.derived.recipes import METRICS
from config.schema import Heuristic
from pipeline.errors import ShardIncomplete
from pipeline.lists.load import Load, Shard, load_recommendations
from pipeline.own.files import download, the_only
from pipeline.own.recommend import Recommending, recommend_shard
from pipeline.own.refusals import ModelDamaged
from pipeline.own.train import Trained
from pipeline.storage import Bucket
from tests.app.support.own_data import ITEMS, RUN, USE_CASE, USERS, Shop, shards, trained

RESULTS = 12
TABLE = "recs-test-serving"


@pytest.fixture
def model(bucket: Bucket) -> Trained:
    return trained(bucket)


def recommending(model: Trained, shard: Shard, **changes: Any) -> Recommending:
    settings: dict[str, Any] = {
        "use_case": USE_CASE,
        "run": RUN,
        "model_key": model["modelKey"],
        "model_digest": model["modelDigest"],
        "shard": shard,
        "results": RESULTS,
    }
    return Recommending(**{**settings, **changes})


def lines(bucket: Bucket, key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bucket.open(key).read().splitlines()]


def output_exists(bucket: Bucket, shard: Shard) -> bool:
    return "Contents" in bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=shard.output)


def test_lists_are_the_engine_s_without_what_users_have(
    bucket: Bucket, model: Trained, tmp_path: Path
) -> None:
    found: dict[str, dict[str, Any]] = {}
    own: dict[str, list[str]] = {}
    for shard in shards(bucket):
        written = recommend_shard(bucket, recommending(model, shard), folder=tmp_path / "models")
        assert written.lists == shard.users
        found |= {line["input"]["userId"]: line for line in lines(bucket, shard.output)}
        own |= {line["userId"]: line["own"] for line in lines(bucket, shard.own)}

    download(bucket, model["modelKey"], tmp_path / "model.rec")
    users = sorted(own)
    direct = engine.load(tmp_path / "model.rec").recommend(
        users, RESULTS, exclude=[own[user] for user in users], exclude_seen=False
    )
    assert len(users) == USERS
    for user, expected in zip(users, direct, strict=True):
        line = found[user]
        assert line["output"]["recommendedItems"] == expected.item_ids
        assert line["output"]["scores"] == pytest.approx(expected.scores, rel=1e-6)
        assert line["error"] is None
        assert not set(own[user]) & set(line["output"]["recommendedItems"])
    assert any(own.values())


def test_variants_side_by_side_write_and_load_apart(
    bucket: Bucket, model: Trained, dynamodb: Any, tmp_path: Path
) -> None:
    """Of the same batch input; nothing lies where a variant alone has its output."""
    shard = shards(bucket, users_per_shard=USERS)[0]
    heuristic = trained(bucket, algorithm="popularity", variant="heuristic")
    listed = {}
    for variant, used in (("own", model), ("heuristic", heuristic)):
        apart: dict[str, Any] = {"variant": variant, "side_by_side": True}
        recommend_shard(bucket, recommending(used, shard, **apart), folder=tmp_path / variant)
        load = Load(
            use_case=USE_CASE,
            generation=RUN,
            shard=shard,
            popular_key=f"batch/{USE_CASE}/{RUN}/popular.json",
            limit=RESULTS,
            expires=4_000_000_000,
            **apart,
        )
        rng = random.Random(0)
        load_recommendations(dynamodb, TABLE, bucket, load, sleep=lambda _: None, rng=rng)
        folder, _, name = shard.output.rpartition("/")
        listed[variant] = {
            line["input"]["userId"]: line["output"]["recommendedItems"]
            for line in lines(bucket, f"{folder}/{variant}/{name}")
        }

    assert not output_exists(bucket, shard)
    items = dynamodb.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    stored = {
        (item["sk"]["S"].split("#")[0], item["pk"]["S"].split("#")[2]): [e["S"] for e in item["items"]["L"]]
        for item in items
    }
    assert stored == {
        (variant, user): found for variant, users in listed.items() for user, found in users.items()
    }
    assert listed["own"] != listed["heuristic"]


def test_a_heuristic_recommends_by_attributes_alone(bucket: Bucket, tmp_path: Path) -> None:
    """People of one age get the same, and of another age something else."""
    shop = Shop.open()
    shop.users = [(f"u{user}", 20 + 40 * (user % 2)) for user in range(USERS)]
    shop.interactions = [
        (f"u{user}", f"i{(user % 2) * 20 + item}", "view", 1_700_000_000 + item)
        for user in range(USERS)
        for item in range(0, 20, 1 + user % 3)
    ]
    young_and_old = trained(
        bucket,
        datasets=shop.stored(bucket),
        algorithm="demographic",
        configuration=algorithm_of(Heuristic(columns=("AGE",)))[1],
        variant="heuristic",
        item_columns=(),
    )

    for shard in shards(bucket, users_per_shard=USERS):
        recommend_shard(bucket, recommending(young_and_old, shard), folder=tmp_path)
        found = {
            line["input"]["userId"]: line["output"]["recommendedItems"]
            for line in lines(bucket, shard.output)
        }

    assert {tuple(found[f"u{user}"]) for user in range(0, USERS, 2)} == {tuple(found["u0"])}
    assert {tuple(found[f"u{user}"]) for user in range(1, USERS, 2)} == {tuple(found["u1"])}
    assert {int(item[1:]) // 20 for item in found["u0"]} == {0}
    assert {int(item[1:]) // 20 for item in found["u1"]} == {1}
    assert young_and_old["metrics"].keys() == set(METRICS)


def test_lists_of_items_are_of_items_like_them(bucket: Bucket, model: Trained, tmp_path: Path) -> None:
    [shard] = shards(bucket, for_items=True)

    recommend_shard(bucket, recommending(model, shard), folder=tmp_path)

    found = lines(bucket, shard.output)
    assert len(found) == ITEMS
    kinds = {str(row[0]): row[1] for row in Shop.open().items}
    alike = 0
    for line in found:
        item, items = line["input"]["itemId"], line["output"]["recommendedItems"]
        assert line.keys() == {"input", "output"}
        assert line["output"].keys() == {"recommendedItems"}
        assert item not in items
        alike += sum(kinds[other] == kinds[item] for other in items[:5])
    assert alike / (5 * ITEMS) > 0.8


def test_repeating_a_shard_writes_the_same(bucket: Bucket, model: Trained, tmp_path: Path) -> None:
    [shard, *_] = shards(bucket)
    outputs = []
    for _ in range(2):
        recommend_shard(bucket, recommending(model, shard), folder=tmp_path)
        outputs.append(bucket.open(shard.output).read())

    assert outputs[0] == outputs[1]


def test_the_model_is_fetched_once_and_gives_way_to_the_next(
    bucket: Bucket, model: Trained, tmp_path: Path
) -> None:
    [shard, *_] = shards(bucket)
    recommend_shard(bucket, recommending(model, shard), folder=tmp_path)
    bucket.client.delete_object(Bucket=bucket.name, Key=model["modelKey"])

    recommend_shard(bucket, recommending(model, shard), folder=tmp_path)

    next_model = trained(bucket, algorithm="svd")
    recommend_shard(bucket, recommending(next_model, shard), folder=tmp_path)
    assert [file.stem for file in tmp_path.rglob("*.rec")] == [next_model["modelDigest"]]


def test_processes_that_share_a_folder_neither_take_away_nor_fetch_twice_what_another_needs(
    tmp_path: Path,
) -> None:
    begun: list[str] = []
    both = Barrier(2, timeout=60)

    def fetch(variant: str) -> bytes:
        def slowly(part: Path) -> None:
            begun.append(variant)
            part.write_bytes(variant.encode() * 100)
            if variant == "own" and begun.count("own") == 1:
                both.wait()

        return the_only(tmp_path / variant, "a.rec", slowly).read_bytes()

    with ThreadPoolExecutor(3) as threads:
        first, second = threads.submit(fetch, "own"), threads.submit(fetch, "own")
        other = threads.submit(fetch, "heuristic")
        assert other.result(60) == b"heuristic" * 100
        both.wait()
        assert first.result(60) == second.result(60) == b"own" * 100
    assert sorted(begun) == ["heuristic", "own"]


@pytest.mark.parametrize("damage", ["torn", "another", "missing"])
def test_a_damaged_model_recommends_nothing(
    bucket: Bucket, model: Trained, tmp_path: Path, damage: str
) -> None:
    [shard, *_] = shards(bucket)
    key, whole = model["modelKey"], bucket.open(model["modelKey"]).read()
    if damage == "missing":
        bucket.client.delete_object(Bucket=bucket.name, Key=key)
    else:
        changed = whole[: len(whole) // 2] if damage == "torn" else trained(bucket, algorithm="svd") and None
        if changed is not None:
            bucket.write(key, changed, "application/octet-stream")

    with pytest.raises(ModelDamaged, match="force"):
        recommend_shard(bucket, recommending(model, shard), folder=tmp_path)

    assert not output_exists(bucket, shard)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["lock"]


def test_a_shard_that_lacks_lines_has_no_output(bucket: Bucket, model: Trained, tmp_path: Path) -> None:
    [shard, *_] = shards(bucket)
    whole = bucket.open(shard.own).read().splitlines(keepends=True)
    bucket.write(shard.own, b"".join(whole[:-1]), "application/jsonlines")

    with pytest.raises(ShardIncomplete, match=f"{shard.users - 1} lines instead of {shard.users}"):
        recommend_shard(bucket, recommending(model, shard), folder=tmp_path)

    assert not output_exists(bucket, shard)
