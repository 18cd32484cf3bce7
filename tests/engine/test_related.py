"""Items alike in several senses, and people for items, with what the items are."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, categories
from engine.data.training_data import TrainingData
from engine.ground.errors import ConfigError
from engine.models import affinity, ials, item_neighbours, related
from engine.models.affinity import AffinityConfig
from engine.models.ials import IalsConfig
from engine.models.related import RelatedConfig
from engine.scorers.ials import IalsScorer
from engine.serving import artifacts

TASTES = 4
ITEMS = 40


def data(*, metadata: bool = True) -> TrainingData:
    """Everybody has one of four tastes and some of its items; "new" is of the first, touched by nobody."""
    rng = np.random.default_rng(0)
    users, items = [], []
    for user in range(60):
        own = np.arange(user % TASTES, ITEMS, TASTES)
        for item in rng.choice(own, 3, replace=False).tolist():
            users.append(f"u{user:03}")
            items.append(f"i{item:02}")
    events = Interactions.from_columns(users, items, list(range(len(users))))
    ids = [*(f"i{item:02}" for item in range(ITEMS)), "new"]
    kinds = [*(f"taste{item % TASTES}" for item in range(ITEMS)), "taste0"]
    return TrainingData.of(events, Metadata.of(ids, {"KIND": categories(kinds)}) if metadata else None)


def test_items_of_one_taste_are_alike_without_a_user_in_common() -> None:
    whole = data(metadata=False)
    shared = whole.gram
    by_taste = related.train(whole, RelatedConfig(factors=TASTES))
    by_users = item_neighbours.train(whole, item_neighbours.ItemNeighboursConfig())
    asked = np.arange(ITEMS, dtype=np.int32)
    likeness = by_taste.similar(asked)
    same = asked[:, None] % TASTES == asked % TASTES
    strangers = same & (shared == 0)
    assert strangers.any()
    assert not by_users.similar(asked)[strangers].any()
    assert likeness[strangers].min() > likeness[~same].max()


def test_an_untouched_item_is_alike_by_metadata_alone(tmp_path: Path) -> None:
    model = related.fit(data(), RelatedConfig(factors=TASTES, metadata_factors=TASTES))
    artifacts.save(model, tmp_path / "model")
    stored = artifacts.load(tmp_path / "model")
    [found] = stored.similar_items(["new"], 10)
    assert {int(item[1:]) % TASTES for item in found.item_ids} == {0}
    [without] = related.fit(data(), RelatedConfig(metadata_weight=0.0)).similar_items(["new"], 10)
    assert {int(item[1:]) % TASTES for item in without.item_ids} != {0}, "it is like what is popular"


def test_people_are_found_for_an_item_that_nobody_touched() -> None:
    whole = data()
    config = AffinityConfig(factorisation=IalsConfig(factors=8, regularisation=1.0))
    scorer = affinity.train(whole, config)
    new = np.flatnonzero(whole.interactions.item_ids == "new").astype(np.int32)
    best = np.argsort(-scorer.affinities(new))[:12]
    assert {int(name[1:]) % TASTES for name in whole.interactions.user_ids[best].tolist()} == {0}


def test_without_metadata_or_leaning_it_is_the_factorisation_alone() -> None:
    config = IalsConfig(factors=8)
    for whole, leaning in ((data(metadata=False), 0.3), (data(), 0.0)):
        plain = ials.train(whole, config)
        found = affinity.train(whole, AffinityConfig(factorisation=config, leaning=leaning))
        assert isinstance(found, IalsScorer)
        assert np.array_equal(found.items, plain.items)


def test_settings_that_make_no_sense_are_refused() -> None:
    for wrong in ({"factors": 0}, {"metadata_factors": 0}, {"metadata_weight": -1.0}):
        with pytest.raises(ConfigError):
            RelatedConfig(**wrong)
    with pytest.raises(ConfigError):
        AffinityConfig(leaning=1.5)
    with pytest.raises(ConfigError):
        AffinityConfig(neighbours=0)
