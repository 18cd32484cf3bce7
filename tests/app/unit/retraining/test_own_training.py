"""A model of our own is what the engine makes of the run's datasets, measured as a solution version is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine
from config.derived.algorithms import ALGORITHMS
from config.derived.recipes import METRICS
from engine.evaluation.offline_metrics import offline_metrics
from engine.fitting import configs
from engine.fitting.algorithms import ALGORITHMS as TRAINABLE
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig, learn
from engine.ground.threads import one_blas_thread, together
from pipeline import keys
from pipeline.columns import Column
from pipeline.own import needs, train
from pipeline.own.files import download
from pipeline.own.refusals import MemoryTooSmall, TrainingRefused
from pipeline.own.train import train_model
from pipeline.storage import Bucket
from steps.request import read_request
from tests.app.support.own_data import (
    ITEM_COLUMNS,
    RUN,
    USE_CASE,
    VARIANT,
    WEIGHTS,
    Shop,
    trained,
    training,
)

MODEL = keys.model(USE_CASE, VARIANT, RUN)


def stored_keys(bucket: Bucket, prefix: str = "models/") -> list[str]:
    listed = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=prefix)
    return [entry["Key"] for entry in listed.get("Contents", ())]


def local(bucket: Bucket, folder: Path) -> dict[str, Path]:
    files = {name: folder / f"{name}.csv" for name in ("interactions", "users", "items")}
    for name, file in files.items():
        download(bucket, keys.dataset(USE_CASE, RUN, name), file)
    return files


@pytest.mark.parametrize(("algorithm", "repeats"), [("ease", False), ("hybrid", False), ("hybrid", True)])
def test_model_and_metrics_are_those_of_the_engine_called_directly(
    bucket: Bucket, tmp_path: Path, algorithm: str, repeats: bool
) -> None:
    answer = trained(bucket, algorithm=algorithm, repeats=repeats)

    files = local(bucket, tmp_path)
    data = engine.read(
        files["interactions"],
        items=files["items"],
        users=files["users"],
        event_weights=WEIGHTS,
        own_items=repeats,
    )
    config = learn(data, HybridConfig(seed=3)) if algorithm == "hybrid" else configs.default(algorithm)
    with one_blas_thread():  # as beside the model's judgement: the bytes depend on it
        engine.save(fit(data, config), tmp_path / "direct.rec")
    download(bucket, answer["modelKey"], tmp_path / "stored.rec")
    assert (tmp_path / "stored.rec").read_bytes() == (tmp_path / "direct.rec").read_bytes()
    assert answer["metrics"] == offline_metrics(
        data.interactions, lambda part: fit(data.with_interactions(part), config), seed=3, repeats=repeats
    )
    assert engine.load(tmp_path / "stored.rec").own_items == repeats
    assert answer["metrics"].keys() == set(METRICS)
    assert answer["metrics"]["precision_at_10"] > 0
    assert (answer["modelKey"], answer["bytes"]) == (MODEL, (tmp_path / "stored.rec").stat().st_size)
    configuration = bucket.read_json(keys.model_configuration(USE_CASE, VARIANT, RUN))
    assert configs.parsed(configuration, "what was kept") == config


def test_training_again_makes_the_same_model(bucket: Bucket) -> None:
    datasets = Shop.open().stored(bucket)

    first, second = (trained(bucket, datasets=datasets, algorithm="hybrid") for _ in range(2))

    assert first["modelDigest"] == second["modelDigest"]


def test_plain_strings_and_times_of_creation_are_not_learned_from(bucket: Bucket) -> None:
    columns = (*ITEM_COLUMNS, Column("LABEL", "string"), Column("CREATION_TIMESTAMP", "long"))
    shop = Shop.open()
    lean = trained(bucket, datasets=shop.stored(bucket), algorithm="content")
    shop.items = [(*row, f"label{at}", 1_600_000_000 + at) for at, row in enumerate(shop.items)]

    rich = trained(
        bucket,
        datasets=shop.stored(bucket, item_columns=columns),
        item_columns=columns,
        algorithm="content",
    )

    assert rich["modelDigest"] == lean["modelDigest"]


def test_categories_that_look_like_numbers_stay_categories(bucket: Bucket) -> None:
    shop = Shop.open()
    named = trained(bucket, datasets=shop.stored(bucket), algorithm="content")
    shop.items = [(item, str(kind).removeprefix("kind")) for item, kind in shop.items]

    numbered = trained(bucket, datasets=shop.stored(bucket), algorithm="content")

    assert numbered["modelDigest"] == named["modelDigest"]


def test_a_given_configuration_is_not_learned_again(bucket: Bucket) -> None:
    given = configs.plain(HybridConfig(members=(configs.default("ease"),), weights=(1.0,)))  # type: ignore[arg-type]

    trained(bucket, algorithm="hybrid", configuration=json.dumps(given))

    kept = bucket.read_json(keys.model_configuration(USE_CASE, VARIANT, RUN))
    assert kept == json.loads(json.dumps(given))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event_weights": {"rent": 1.0}}, "interactions.csv: no event is of the types rent"),
        ({"configuration": '{"kind": "ease", "depth": 3}'}, "the variant own: ease has no setting depth"),
        ({"algorithm": "magic"}, "no algorithm 'magic'"),
    ],
)
def test_what_the_engine_refuses_is_told_and_leaves_no_model(
    bucket: Bucket, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(TrainingRefused) as caught:
        trained(bucket, **changes)

    assert words in str(caught.value)
    assert "/tmp" not in str(caught.value)
    assert stored_keys(bucket) == []


def test_too_little_memory_is_refused_with_the_remedy_before_anything_is_read(bucket: Bucket) -> None:
    events = {
        "dataset": "interactions",
        "key": "nowhere",
        "rows": 5_000_000,
        "users": 200_000,
        "items": 4_000,
    }
    needed = needs.Sizes(5_000_000, 200_000, 4_000).needed_mb()
    assert 512 < needed < needs.MOST_MB

    with pytest.raises(MemoryTooSmall, match=f"raise memory_mb .* to {needed:,}$"):
        train_model(bucket, training((events,)), memory_mb=512)
    with pytest.raises(MemoryTooSmall, match=r"no function has more than 10,240: .* fewer"):
        train_model(bucket, training(({**events, "rows": 500_000_000},)), memory_mb=10_240)


@pytest.mark.parametrize("algorithm", ["popularity", "demographic", "hybrid"])
@pytest.mark.parametrize("greater", [{"interactions": 3_000_000}, {"users": 150_000}, {"items": 20_000}])
def test_needs_grow_with_each_size_and_more_so_for_two_trainings(
    algorithm: str, greater: dict[str, int]
) -> None:
    sizes = needs.Sizes(interactions=1_000_000, users=50_000, items=4_000)
    more = replace(sizes, **greater)

    assert more.needed_mb(algorithm) > sizes.needed_mb(algorithm)
    assert more.side_by_side_mb(algorithm) - more.needed_mb(algorithm) > (
        sizes.side_by_side_mb(algorithm) - sizes.needed_mb(algorithm)
    )


def test_a_model_of_items_by_items_takes_the_square_of_them_as_long_as_it_is_made() -> None:
    most, beyond = (needs.Sizes(0, 0, items) for items in (20_000, 20_001))
    square = 20_000**2 * needs.BYTES_PER_PAIR_OF_ITEMS >> 20

    assert most.needed_mb() - beyond.needed_mb() == pytest.approx(square, abs=2)
    again = [one.side_by_side_mb() - one.needed_mb() for one in (most, beyond)]
    assert again[0] - again[1] == pytest.approx(square, abs=2)
    assert most.needed_mb("popularity") < most.needed_mb("demographic") < most.needed_mb()


def test_the_page_s_table_has_what_is_asked_for_which_lies_above_every_peak() -> None:
    """docs/variants.md: measured by benchmarks/own/training.py."""
    page = (Path(__file__).parents[4] / "docs" / "variants.md").read_text(encoding="utf-8")
    tables = re.findall(r"events, `(\w+)` \| peak.*\n\|[-|]+\n((?:\|.*\n)+)", page)

    assert [algorithm for algorithm, _ in tables] == ["hybrid", "demographic"]
    for algorithm, rows in tables:
        for row in rows.splitlines():
            sizes, peak, asked, _ = (cell.strip().replace(",", "") for cell in row.strip("|").split("|"))
            users, items, events = map(int, sizes.split(" x "))
            needed = needs.Sizes(events, users, items).needed_mb(algorithm)
            assert int(peak) < needed == int(asked), row


@pytest.mark.parametrize(("items", "regressed"), [(8_000, 5_000 * 13_000 * 16), (8_001, 2_500 * 4_000 * 16)])
def test_beyond_eight_thousand_items_the_next_one_is_predicted_of_the_popular_ones(
    items: int, regressed: int
) -> None:
    of_one_more = needs.Sizes(1 << 20, 0, items).needed_mb() - needs.Sizes(0, 0, items).needed_mb()
    rest = items * 2_600 + items * items * 30

    assert needs.Sizes(0, 0, items).needed_mb() == 260 + (regressed + rest) // (1 << 20)
    assert of_one_more == (150 if items <= 8_000 else 250), "and each event is counted with those before it"


def test_what_a_request_leaves_out_is_not_done() -> None:
    given = {"useCase": "u", "variant": "v", "run": "r", "datasets": [], "algorithm": "ease", "seed": 1}

    read = read_request(train.Training, given)

    assert (read.repeats, read.relearn, read.relearn_days) == (False, False, None)
    assert (read.configuration, read.event_weights) == (None, None)


def test_the_configuration_knows_the_engine_s_algorithms() -> None:
    assert ALGORITHMS == ("hybrid", *TRAINABLE)


def test_the_model_is_the_same_beside_its_judgement_and_after_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Side by side they are where the function has memory for both."""
    monkeypatch.setattr(needs, "AGAIN_PER_INTERACTION", 1 << 20)
    datasets = Shop.open().stored(bucket)
    sizes = needs.Sizes.of(datasets)
    at_once: list[int] = []

    def counted(works: Any) -> Any:
        at_once.append(len(works))
        return together(works)

    monkeypatch.setattr(train, "together", counted)

    both = train_model(bucket, training(datasets), memory_mb=sizes.side_by_side_mb())
    alone = train_model(bucket, training(datasets), memory_mb=sizes.side_by_side_mb() - 1)

    assert at_once == [2]
    assert both["metrics"] == pytest.approx(alone["metrics"])
    assert both["bytes"] == alone["bytes"]
