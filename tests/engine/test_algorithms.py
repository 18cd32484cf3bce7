"""Every algorithm, the hybrid included, on a community with clear tastes."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, numbers
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import PROTOCOLS, Protocol, split
from engine.fitting import configs
from engine.fitting.algorithms import ALGORITHMS, train_member
from engine.fitting.configs import AnyConfig
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig, learn
from engine.ground import near
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories
from engine.models import content, ease, ials, item_neighbours, pure_svd, transitions, user_neighbours
from engine.scorers.blend import Part, collapsed
from engine.scorers.clusters import clustered
from engine.serving import artifacts
from engine.serving.trained_model import Model

Weighing = ease.EaseConfig | pure_svd.PureSvdConfig | transitions.TransitionsConfig
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    base = generated(300, 60, 6_000, seed=1)
    users = base.interactions.user_ids
    ages = numbers([str(20 + place % 50) for place in range(len(users))])
    return TrainingData.of(base.interactions, base.items, Metadata.of(users, {"AGE": ages}))


@pytest.fixture(scope="module")
def light() -> HybridConfig:
    """A hybrid of quick members."""
    members = (ease.EaseConfig(), pure_svd.PureSvdConfig(factors=8), transitions.TransitionsConfig())
    return HybridConfig(members=members, half_lives=(None, 5.0))


@pytest.fixture(scope="module", params=["hybrid", *ALGORITHMS])
def model(request: pytest.FixtureRequest, data: TrainingData) -> Model:
    return fit(data, configs.default(request.param))


def test_every_algorithm_recommends_what_was_not_seen(model: Model, data: TrainingData) -> None:
    users = data.interactions.user_ids[:20].tolist()
    for user, got in zip(users, model.recommend(users, 10), strict=True):
        row = model.memory.histories.take(np.array([model.user_ids.tolist().index(user)], np.int32))
        assert len(got.item_ids) == 10
        assert not set(got.item_ids) & set(model.item_ids[row.items].tolist())
        assert np.isfinite(got.scores).all()


def test_every_algorithm_knows_similar_items_and_ranks(model: Model) -> None:
    [similar] = model.similar_items(["i000003"], 5)
    assert len(similar.item_ids) == 5
    assert "i000003" not in similar.item_ids
    assert sorted(model.rank("u00000001", ["i000001", "i000002"]).item_ids) == ["i000001", "i000002"]


def test_training_leaves_the_histories_in_the_order_of_time(model: Model, data: TrainingData) -> None:
    expected = data.interactions.histories()
    assert np.array_equal(model.memory.histories.items, expected.items)
    assert np.array_equal(model.memory.histories.weights, expected.weights)


def test_every_algorithm_can_be_stored_and_read_back(model: Model, tmp_path: Path) -> None:
    artifacts.save(model, tmp_path / "model.rec")
    again = artifacts.load(tmp_path / "model.rec")
    users = [*model.user_ids[:5].tolist(), "nobody"]
    assert again.recommend(users, 5) == model.recommend(users, 5)


def test_one_user_alone_scores_as_in_a_block(model: Model) -> None:
    histories, codes = model.memory.histories, np.arange(40, dtype=np.int32)
    block = model.scores(histories.slice(0, 40), codes)
    for row in (0, 7, 39):
        alone = model.scores(histories.slice(row, row + 1), codes[row : row + 1])
        assert np.allclose(alone[0], block[row], rtol=1e-3, atol=1e-5)


def test_new_events_of_a_new_user_count_at_once(model: Model) -> None:
    got = model.recommend(["newcomer"], 10, recent={"newcomer": ["i000001", "i000002"]})[0]
    assert len(got.item_ids) == 10
    assert not {"i000001", "i000002"} & set(got.item_ids)


def test_training_again_gives_the_same_model(data: TrainingData) -> None:
    for name in ALGORITHMS:
        one, other = (fit(data, configs.default(name)) for _ in range(2))
        asked = data.interactions.user_ids[:10].tolist()
        for a, b in zip(one.recommend(asked, 5), other.recommend(asked, 5), strict=True):
            assert a.scores == pytest.approx(b.scores, rel=1e-3, abs=1e-6), name


def test_an_ials_user_folded_in_from_the_history_is_the_user_that_was_trained(data: TrainingData) -> None:
    model = fit(data, ials.IalsConfig(factors=8, sweeps=100, regularisation=5))
    histories, codes = model.memory.histories.slice(0, 30), np.arange(30, dtype=np.int32)
    assert np.corrcoef(model.scores(histories, codes).ravel(), model.scores(histories).ravel())[0, 1] > 0.999


def test_item_neighbours_are_shrunk_cosines_of_who_touched_them(data: TrainingData) -> None:
    config = item_neighbours.ItemNeighboursConfig(neighbours=60, shrinkage=3, asymmetry=0.6, recency=None)
    found = train_member(data, config).similar(np.arange(60, dtype=np.int32))
    x = data.x.toarray().astype(np.float64)
    norms = (x**2).sum(axis=0)
    expected = (x.T @ x) / (norms[:, None] ** 0.6 * norms**0.4 + 3)
    np.fill_diagonal(expected, 0)
    assert np.allclose(found, expected, atol=1e-5)


def test_transitions_count_what_follows_within_the_window() -> None:
    data = Interactions.from_columns(["a"] * 3 + ["b"] * 2, list("xyz") + list("xy"), [1, 2, 3, 1, 2])
    config = transitions.TransitionsConfig(window=2, shrinkage=1, popularity_power=0)
    weights = fit(data, config).scorer.similar(np.arange(3, dtype=np.int32))
    expected: list[list[float]] = [[0, 2 / 3.5, 0.5 / 3.5], [0, 0, 1 / 2], [0, 0, 0]]
    assert np.allclose(weights, expected)


def test_items_touched_in_the_same_second_have_no_order() -> None:
    data = Interactions.from_columns(["a"] * 2, ["x", "y"], [5, 5])
    weights = fit(data, transitions.TransitionsConfig(window=1)).scorer.similar(np.arange(2, dtype=np.int32))
    assert weights[0, 1] == weights[1, 0] > 0


MANY: list[tuple[Any, Any]] = [
    (transitions, transitions.TransitionsConfig()),
    (transitions, transitions.TransitionsConfig(neighbours=5, window=2)),
    (item_neighbours, item_neighbours.ItemNeighboursConfig(neighbours=5)),
    (item_neighbours, item_neighbours.ItemNeighboursConfig(least_shared=3)),
    *((content, content.ContentConfig(neighbours=count)) for count in (1, 7, 70)),
]


@pytest.mark.parametrize(("module", "config"), MANY, ids=str)
@pytest.mark.parametrize("seconds", [1, 7_000_000])
def test_of_many_items_the_same_are_nearest_as_of_few(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch, module: Any, config: Any, seconds: int
) -> None:
    """With several events at the same time, too; in one block of rows or many; by shared vectors or not."""
    times = data.interactions.times // seconds
    some = data.with_interactions(replace(data.interactions, times=times))
    everything = np.arange(60, dtype=np.int32)
    dense = train_member(some, config).similar(everything)
    monkeypatch.setattr(module, "DENSE_ITEMS", 0)
    for entries, few in ((near.ENTRIES, 1), (100, 1), (100, 0)):
        monkeypatch.setattr(near, "ENTRIES", entries)
        monkeypatch.setattr(content, "FEW", few)
        assert np.allclose(train_member(some, config).similar(everything), dense, atol=1e-6)


def test_approximate_user_neighbours_find_nearly_the_same_items(data: TrainingData) -> None:
    exact = fit(data, user_neighbours.UserNeighboursConfig(neighbours=30))
    near = fit(data, user_neighbours.UserNeighboursConfig(neighbours=30, exact_users=1, factors=30, probes=9))
    users = data.interactions.user_ids[:100].tolist()
    pairs = zip(exact.recommend(users, 10), near.recommend(users, 10), strict=True)
    common = [len(set(a.item_ids) & set(b.item_ids)) for a, b in pairs]
    assert np.mean(common) > 6


def test_clusters_with_all_probes_find_the_true_neighbours() -> None:
    points = np.random.default_rng(0).standard_normal((200, 6)).astype(np.float32)
    clusters = clustered(points, probes=14, seed=0)
    rows, near, cosines = clusters.nearest(points[:20], np.arange(20, dtype=np.int32), 5)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    for row in range(20):
        expected = unit[row] @ unit.T
        expected[row] = -1
        assert set(near[rows == row]) == set(np.argsort(-expected)[:5])
        assert np.allclose(np.sort(cosines[rows == row]), np.sort(expected)[-5:], atol=1e-5)


def test_a_collapsed_blend_scores_like_the_sum_of_its_parts(data: TrainingData) -> None:
    parts = [Part(w, train_member(data, ALGORITHMS[name].config())) for w, name in BLEND]
    blend = collapsed(parts, 60, dense_items=100)
    assert len(blend.parts) < len(parts)
    histories, codes = data.memory.histories.slice(0, 50), np.arange(50, dtype=np.int32)
    expected = sum(part.weight * part.scorer.scores(histories, codes) for part in parts)
    assert np.allclose(blend.scores(histories, codes), expected, rtol=1e-3, atol=1e-4)


BLEND = [
    (0.5, "ease"),
    (0.3, "svd"),
    (2.0, "item-neighbours"),
    (1.0, "content"),
    (0.1, "ials"),
    (0.7, "popularity"),
]


def weighing(config: HybridConfig) -> list[Weighing]:
    """The members of a light hybrid: all of them weigh a history by recency."""
    members = [member for member in config.members if isinstance(member, Weighing)]
    assert len(members) == len(config.members)
    return members


def test_the_hybrid_is_never_worse_than_its_best_member_on_its_validation_split(
    data: TrainingData, light: HybridConfig
) -> None:
    chosen = learn(data, light)
    holdout = split(data.interactions, light.validation, seed=light.seed)
    part = data.with_interactions(holdout.train)

    def quality(config: AnyConfig) -> float:
        lists = recommended(fit(part, config), holdout, 10)
        return float(Hits.of(lists, holdout.relevant, 60).ndcg(10).mean())

    variants = [replace(m, recency=c.recency) for m in weighing(light) for c in weighing(chosen)]
    assert quality(chosen) >= max(quality(member) for member in variants) - 1e-6


def test_a_learned_hybrid_survives_as_a_small_file(
    data: TrainingData, light: HybridConfig, tmp_path: Path
) -> None:
    chosen = learn(data, light)
    configs.save(chosen, tmp_path / "chosen.json")
    assert configs.load(tmp_path / "chosen.json") == chosen
    assert (tmp_path / "chosen.json").stat().st_size < 20_000


def test_chances_lie_between_0_and_1_and_a_floor_keeps_the_surer_items(
    data: TrainingData, light: HybridConfig
) -> None:
    model = fit(data, light)
    users = data.interactions.user_ids[:30].tolist()
    every, sure = model.recommend(users, 10), model.recommend(users, 10, at_least=0.2)
    for full, short in zip(every, sure, strict=True):
        assert all(0 <= chance <= 1 for chance in full.scores)
        assert full.scores == sorted(full.scores, reverse=True)
        assert short.item_ids == full.item_ids[: len(short.item_ids)]
        assert all(chance >= 0.2 - 1e-6 for chance in short.scores)
    assert any(len(short.item_ids) < 10 for short in sure)


def test_every_protocol_holds_back_only_what_training_does_not_see(data: TrainingData) -> None:
    pairs = data.interactions.distinct()
    for protocol in PROTOCOLS:
        holdout = split(data.interactions, protocol, seed=3)
        train = set(zip(holdout.train.users.tolist(), holdout.train.items.tolist(), strict=True))
        known = holdout.users[holdout.relevant.rows]
        held = set(zip(known.tolist(), holdout.relevant.items.tolist(), strict=True))
        assert not train & {(user, item) for user, item in held if user >= 0}, protocol
        assert len(train) < len(pairs), protocol
        assert (holdout.inputs.lengths > 0).all() and (holdout.relevant.lengths > 0).all(), protocol
    with pytest.raises(ConfigError, match="no protocol"):
        split(data.interactions, cast(Protocol, "tarot"))


def test_leaving_the_last_out_holds_back_one_item_a_user(data: TrainingData) -> None:
    holdout = split(data.interactions, "leave-last-out")
    assert set(holdout.relevant.lengths.tolist()) == {1}


@pytest.mark.parametrize("name", ["hybrid", "item-neighbours", "user-neighbours", "ials", "next-item"])
def test_serving_needs_numpy_only(data: TrainingData, light: HybridConfig, name: str, tmp_path: Path) -> None:
    model = fit(data, light if name == "hybrid" else configs.default(name))
    artifacts.save(model, tmp_path / "model.rec")
    users = [*data.interactions.user_ids[:40].tolist(), "nobody"]
    many = [one.scores for one in model.recommend(users, 5)]
    (tmp_path / "many.json").write_text(json.dumps([users, many]))
    code = f"""
import sys
for name in ("scipy", "implicit", "threadpoolctl", "optuna"):
    sys.modules[name] = None
from pathlib import Path
from engine.serving import artifacts
model = artifacts.load(Path({str(tmp_path / "model.rec")!r}))
got = model.recommend(["u00000001", "nobody"], 5, exclude=[["i000001"], []], recent={{"nobody": ["i000002"]}})
assert [len(one.item_ids) for one in got] == [5, 5]
if {name!r} != "user-neighbours":
    assert len(model.similar_items(["i000001"], 3)[0].item_ids) == 3
import json
users, many = json.loads(Path({str(tmp_path / "many.json")!r}).read_text())
for one, scores in zip(model.recommend(users, 5), many, strict=True):
    assert all(abs(a - b) <= 1e-3 * abs(b) + 1e-5 for a, b in zip(one.scores, scores, strict=True))
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)


def test_empty_histories_of_a_block_are_served_by_popularity(data: TrainingData) -> None:
    model = fit(data, ease.EaseConfig())
    scores = model.scores(Histories.of([[]] * 20))
    assert np.allclose(scores, model.memory.popularity)
