"""Shards of batch output by a model of our own: the engine's lists, in the format that is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import engine
from pipeline.errors import ShardIncomplete
from pipeline.load import Shard
from pipeline.own.files import download
from pipeline.own.recommend import Recommending, recommend_shard
from pipeline.own.refusals import ModelDamaged
from pipeline.own.train import Trained
from pipeline.storage import Bucket
from tests.app.support.own_data import ITEMS, RUN, USE_CASE, USERS, Shop, shards, trained

RESULTS = 12


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
    assert [file.stem for file in tmp_path.iterdir()] == [next_model["modelDigest"]]


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
    assert list(tmp_path.iterdir()) == []


def test_a_shard_that_lacks_lines_has_no_output(bucket: Bucket, model: Trained, tmp_path: Path) -> None:
    [shard, *_] = shards(bucket)
    whole = bucket.open(shard.own).read().splitlines(keepends=True)
    bucket.write(shard.own, b"".join(whole[:-1]), "application/jsonlines")

    with pytest.raises(ShardIncomplete, match=f"{shard.users - 1} lines instead of {shard.users}"):
        recommend_shard(bucket, recommending(model, shard), folder=tmp_path)

    assert not output_exists(bucket, shard)
