"""Weights of a blend are learned once and kept; whatever is wrong with them, they are learned again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.fitting import configs
from engine.fitting.hybrid import HybridConfig
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from pipeline.own.train import Trained, train_model
from pipeline.storage import Bucket
from tests.app.support.own_data import MEMORY_MB, Shop, training

NOW, DAY = 1_800_000_000.0, 86_400
KEY = "models/shop/own/weights.json"
LIGHT = json.dumps(
    configs.plain(HybridConfig(members=(EaseConfig(), PopularityConfig()), half_lives=(None,)))
)


@pytest.fixture
def datasets(bucket: Bucket) -> tuple[dict[str, Any], ...]:
    return Shop.open().stored(bucket)


def run(bucket: Bucket, datasets: tuple[dict[str, Any], ...], name: str, **changes: Any) -> Trained:
    now = changes.pop("now", NOW)
    given = {"algorithm": "hybrid", "configuration": LIGHT, "relearn_days": 7, "run": name, **changes}
    return train_model(bucket, training(datasets, **given), memory_mb=MEMORY_MB, now=lambda: now)


def test_the_second_run_uses_what_the_first_one_learned(
    bucket: Bucket, datasets: tuple[dict[str, Any], ...]
) -> None:
    first = run(bucket, datasets, "one")
    kept = bucket.open(KEY).read()

    second = run(bucket, datasets, "two", now=NOW + 7 * DAY - 1)

    assert first["weights"] == "learned: none were kept"
    assert second["weights"] == "kept: learned at 2027-01-15T08:00:00Z by the run one"
    assert bucket.open(KEY).read() == kept
    assert first["modelDigest"] == second["modelDigest"]
    learned = bucket.read_json("models/shop/own/one/configuration.json")
    assert learned == bucket.read_json("models/shop/own/two/configuration.json")
    assert json.loads(kept)["configuration"] == learned
    assert json.loads(kept)["format"] == 1


def broken(bucket: Bucket, how: str) -> None:
    whole = bucket.open(KEY).read()
    content = json.loads(whole)
    changed = {
        "torn": whole[: len(whole) // 2],
        "no JSON object": b"[1]",
        "changed": json.dumps({**content, "run": "another"}).encode(),
        "empty": b"",
    }
    bucket.write(KEY, changed[how], "application/json")


@pytest.mark.parametrize("how", ["torn", "no JSON object", "changed", "empty"])
def test_a_broken_file_is_told_and_replaced(
    bucket: Bucket, datasets: tuple[dict[str, Any], ...], how: str
) -> None:
    run(bucket, datasets, "one")
    broken(bucket, how)

    second, third = (run(bucket, datasets, name) for name in ("two", "three"))

    assert second["weights"].startswith(f"learned: {bucket.url(KEY)} is broken: ")
    assert third["weights"].endswith("by the run two")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"now": NOW + 7 * DAY}, "are 7 days old or older"),
        ({"relearn": True}, "asked for"),
        ({"item_columns": ()}, "of another configuration or other columns"),
        ({"event_weights": None}, "of another configuration or other columns"),
    ],
)
def test_they_are_learned_again_when_old_asked_for_or_of_something_else(
    bucket: Bucket, datasets: tuple[dict[str, Any], ...], changes: dict[str, Any], why: str
) -> None:
    run(bucket, datasets, "one")

    again = run(bucket, datasets, "two", **changes)

    assert again["weights"].startswith("learned: ") and why in again["weights"]
    assert bucket.read_json(KEY)["run"] == "two"


def test_nothing_is_kept_where_each_run_learns_or_nothing_is_learned(
    bucket: Bucket, datasets: tuple[dict[str, Any], ...]
) -> None:
    assert run(bucket, datasets, "one", relearn_days=None)["weights"] == "learned: as in every run"
    assert run(bucket, datasets, "two", algorithm="ease", configuration=None)["weights"].startswith("none")

    listed = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix="models/")["Contents"]
    assert KEY not in [entry["Key"] for entry in listed]
