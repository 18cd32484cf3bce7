"""Little data, new items, new people: a documented fallback or a clear refusal."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, categories
from engine.data.training_data import TrainingData
from engine.fitting import configs
from engine.fitting.algorithms import ALGORITHMS
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig, learn
from engine.ground.errors import DataError
from engine.models import ease


def interactions_of(pairs: list[tuple[str, str]]) -> Interactions:
    """One event per pair of user and item, in this order."""
    users, items = zip(*pairs, strict=True)
    return Interactions.from_columns(users, items, range(len(pairs)))


def test_data_too_small_to_validate_on_is_served_by_the_first_member() -> None:
    data = Interactions.from_columns(["a", "b", "c"], ["x", "y", "x"], [1, 2, 3])
    chosen = learn(TrainingData(data), HybridConfig())
    assert chosen.members == HybridConfig().members[:1]
    assert fit(data, HybridConfig()).recommend(["a"], 1)[0].item_ids == ["y"]


def test_all_users_alike_is_still_a_model() -> None:
    data = Interactions.from_columns(["a", "a", "b", "b", "c", "c"], ["x", "y"] * 3, [1, 2] * 3)
    for name in ["hybrid", *(set(ALGORITHMS) - {"content", "demographic"})]:
        got = fit(data, configs.default(name)).recommend(["a", "d"], 2)
        assert got[0].item_ids == [], name
        assert sorted(got[1].item_ids) == ["x", "y"], name


def test_an_item_nobody_touched_is_known_by_its_content() -> None:
    rows = [(f"u{user}", f"i{item}") for user in range(20) for item in range(4) if (user + item) % 2]
    events = interactions_of(rows)
    kinds = categories(["odd" if item % 2 else "even" for item in range(6)])
    items = Metadata.of([f"i{item}" for item in range(6)], {"KIND": kinds})
    model = fit(TrainingData.of(events, items), configs.default("content"))
    assert "i5" in model.recommend(["u0"], 2)[0].item_ids
    assert sorted(model.similar_items(["i4"], 2)[0].item_ids) == ["i0", "i2"]


def test_a_hybrid_too_recommends_an_item_nobody_touched_and_knows_what_it_is_like() -> None:
    rng = np.random.default_rng(1)
    favourites = [(user, int(rng.integers(10)) * 4 + user % 4) for user in range(300) for _ in range(6)]
    others = [(user, int(rng.integers(40))) for user in range(300) for _ in range(4)]
    events = interactions_of([(f"u{user}", f"i{item:02}") for user, item in (*favourites, *others)])
    names = [*events.item_ids.tolist(), "newcomer"]
    families = [f"family{at % 4}" for at in range(40)]
    kinds = categories([*families, families[0]])
    data = TrainingData.of(events, Metadata.of(names, {"KIND": kinds}))
    model = fit(data, configs.default("hybrid"))
    alike = {name for name, family in zip(names, families, strict=False) if family == families[0]}
    [similar] = model.similar_items(["newcomer"], 5)
    assert set(similar.item_ids) <= alike
    fan = sorted(alike)[:3]
    place = model.rank("fan", names)
    [got] = model.recommend(["fan"], 38, recent={"fan": fan})
    assert "newcomer" in got.item_ids
    assert len(place.item_ids) == len(names)


def test_an_item_that_nothing_is_like_is_answered_by_what_is_popular() -> None:
    events = interactions_of([("a", "x"), ("a", "y"), ("b", "x")])
    data = TrainingData.of(events, Metadata.of(["new"], {"KIND": categories(["odd"])}))
    model = fit(data, ease.EaseConfig())
    assert model.similar_items(["new", "unheard of"], 1) == [model.similar_items(["unheard of"], 1)[0]] * 2


def test_people_without_a_history_get_what_people_like_them_touch() -> None:
    rows = [(f"u{user:02}", "young" if user < 20 else "old") for user in range(40)]
    rows += [(f"u{user:02}", "both") for user in range(0, 40, 2)]
    events = interactions_of(rows)
    names = [f"u{user:02}" for user in range(42)]
    groups = ["a" if user < 20 or user == 40 else "b" for user in range(42)]
    data = TrainingData.of(events, None, Metadata.of(names, {"GROUP": categories(groups)}))
    hybrid = fit(data, HybridConfig(members=(ease.EaseConfig(),)))
    assert hybrid.rank("u40", ["old", "young"]).item_ids[0] == "young"
    assert hybrid.rank("u41", ["old", "young"]).item_ids[0] == "old"


def test_metadata_that_an_algorithm_needs_and_does_not_get_is_named() -> None:
    data = Interactions.from_columns(["a", "b"], ["x", "y"], [1, 2])
    for name, kind in (("content", "item metadata"), ("demographic", "user metadata")):
        with pytest.raises(DataError, match=kind):
            fit(data, configs.default(name))
