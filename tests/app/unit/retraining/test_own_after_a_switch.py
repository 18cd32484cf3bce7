"""A region that takes over goes on with the models of our own that the other one has trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import keys
from pipeline.deciding.compare import compare_datasets
from pipeline.deciding.judge import Measure, judge_model
from pipeline.errors import ObjectMissing
from pipeline.generations import Generations
from pipeline.own.recommend import Recommending, recommend_shard
from pipeline.own.train import Trained, train_model
from pipeline.realtime.models import Models
from pipeline.storage import Bucket
from tests.app.support.in_memory import TABLE
from tests.app.support.own_data import MEMORY_MB, RUN, Shop, shards, trained, training
from tests.app.unit.retraining.test_own_weights import DAY, LIGHT, NOW

OTHERS, COPIES = "other-region", "copies"
MEASURE = Measure(metric="coverage", floor=None, tolerance=0.5, use_worse=False)


@pytest.fixture
def lost(bucket: Bucket) -> Bucket:
    """Of the region that was active."""
    for name in (OTHERS, COPIES):
        bucket.client.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    return Bucket(bucket.client, OTHERS)


@pytest.fixture
def here(bucket: Bucket, lost: Bucket) -> Bucket:
    return Bucket.named(bucket.client, f"{bucket.name},{COPIES}")


def copied(lost: Bucket, *prefixes: str) -> None:
    """What Amazon S3 does."""
    for prefix in prefixes or ("datasets/", "models/", "runs/"):
        for entry in lost.client.list_objects_v2(Bucket=OTHERS, Prefix=prefix).get("Contents", ()):
            source = {"Bucket": OTHERS, "Key": entry["Key"]}
            lost.client.copy_object(Bucket=COPIES, Key=entry["Key"], CopySource=source)


def published(bucket: Bucket, model: Trained, generation: str = RUN, **more: Any) -> None:
    """As publishing leaves it."""
    chosen = {"generation": generation, "modelKey": model["modelKey"], "modelDigest": model["modelDigest"]}
    bucket.write_json(keys.last_good("shop", "own"), {**chosen, "metrics": model["metrics"], **more})


def test_the_copied_model_answers_and_fills_lists_before_anything_is_trained_here(
    here: Bucket, lost: Bucket, tmp_path: Path
) -> None:
    model = trained(lost)
    published(lost, model)
    copied(lost)

    kept = Models(here, told=print, folder=tmp_path / "realtime").get("shop", None, seconds=60)
    Shop.open().stored(here)
    [shard] = shards(here, users_per_shard=100)
    work = Recommending(
        use_case="shop",
        run=RUN,
        model_key=model["modelKey"],
        model_digest=model["modelDigest"],
        shard=shard,
        results=5,
    )
    written = recommend_shard(here, work, folder=tmp_path / "batch")

    assert kept.generation == RUN
    assert kept.model.recommend(["u1"], 5)
    assert written.lists == shard.users


def test_its_own_newer_model_is_the_one_that_answers_and_a_model_that_comes_back_is_found(
    here: Bucket, lost: Bucket, tmp_path: Path
) -> None:
    first = trained(lost)
    published(lost, first)
    copied(lost)
    newer = "20261122T195012345"
    published(here, trained(here, run=newer), newer)

    models = Models(here, told=print, folder=tmp_path)
    assert models.get("shop", None, seconds=60).generation == newer
    assert models.get("shop", RUN, seconds=60).generation == newer
    models.settle("shop")
    assert models.get("shop", RUN, seconds=60).generation == RUN


def test_weights_that_the_other_region_learned_are_kept_until_they_are_old(
    here: Bucket, lost: Bucket
) -> None:
    def run(bucket: Bucket, name: str, now: float) -> Trained:
        given = {"algorithm": "hybrid", "configuration": LIGHT, "relearn_days": 7, "run": name}
        datasets = Shop.open().stored(bucket, run=name)
        return train_model(bucket, training(datasets, **given), memory_mb=MEMORY_MB, now=lambda: now)

    run(lost, "one", NOW)
    copied(lost, "models/")

    assert run(here, "two", NOW + DAY)["weights"].endswith("by the run one")
    assert run(here, "three", NOW + 8 * DAY)["weights"].startswith("learned: those of")


def test_the_first_run_compares_with_the_other_regions_last_good_one(
    here: Bucket, lost: Bucket, dynamodb: Any
) -> None:
    generations = Generations(dynamodb, TABLE, "shop", "own")
    generations.publish(RUN, users=1)
    datasets = [{"dataset": "interactions", "contentHash": "same"}]
    record = {"generation": RUN, "generationDays": 14, "datasets": datasets, "metrics": {"coverage": 0.8}}
    lost.write_json(keys.last_good("shop", "own"), record)
    copied(lost, "runs/")
    later = "20261122T195012345"

    same = compare_datasets(here, generations, datasets, run=later, force=False)
    judged = judge_model(
        here, MEASURE, {"coverage": 0.1}, use_case="shop", variant="own", run=later, model={}
    )

    assert (same.changed, same.generation) == (False, RUN)
    assert (judged["verdict"], judged["previous"]) == ("worse", {"coverage": 0.8})
    assert json.loads(here.open(keys.run_record("shop", "own", later)).read())["previousRun"] == RUN


def test_what_is_of_one_run_is_not_looked_for_among_the_copies(here: Bucket, lost: Bucket) -> None:
    lost.client.put_object(Bucket=COPIES, Key="batch/shop/x", Body=b"x")

    with pytest.raises(ObjectMissing):
        here.open("batch/shop/x")
