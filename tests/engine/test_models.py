"""What every trained model promises, and that EASE and popularity are the ones of their papers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Histories, Recency
from engine.ground.ranking import top
from engine.models import ease, popularity
from engine.serving.recommender import Recommender
from engine.serving.trained_model import Model
from tests.engine.support.trained_models import weights_of


@pytest.fixture(scope="module")
def community() -> Interactions:
    """Two tastes: half of the users likes items 0-9, the others 10-19; item 0 is everyone's."""
    rng = np.random.default_rng(3)
    users, items = [], []
    for user in range(60):
        liked = rng.choice(10, 6, replace=False) + (10 if user >= 30 else 0)
        for item in {0, *liked.tolist()}:
            users.append(f"user{user:02}")
            items.append(f"item{item:02}")
    return Interactions.from_columns(users, items, rng.integers(0, 1000, len(users)))


@pytest.fixture(scope="module", params=["ease", "popularity", "popularity with decay"])
def model(request: pytest.FixtureRequest, community: Interactions) -> Model:
    match request.param:
        case "ease":
            return ease.fit(community, ease.EaseConfig(regularisation=5))
        case "popularity":
            return popularity.fit(community, popularity.PopularityConfig())
        case _:
            return popularity.fit(community, popularity.PopularityConfig(half_life_days=0.001))


def test_a_model_is_a_recommender(model: Model) -> None:
    assert isinstance(model, Recommender)


def test_lists_have_the_asked_length_fall_in_score_and_hold_nothing_seen(
    model: Model, community: Interactions
) -> None:
    seen: dict[str, set[str]] = {user: set() for user in community.user_ids.tolist()}
    for user, item in zip(community.users, community.items, strict=True):
        seen[str(community.user_ids[user])].add(str(community.item_ids[item]))
    for user, got in zip(seen, model.recommend(list(seen), 5), strict=True):
        assert len(got.item_ids) == len(set(got.item_ids)) == 5
        assert got.scores == sorted(got.scores, reverse=True)
        assert not seen[user] & set(got.item_ids)


def test_excluded_items_are_left_out_and_a_list_may_come_short(model: Model, community: Interactions) -> None:
    everything = community.item_ids.tolist()
    none, one = model.recommend(
        ["user00", "nobody"], 5, exclude=[everything, everything[1:]], exclude_seen=False
    )
    assert none.item_ids == []
    assert one.item_ids == everything[:1]


def test_unknown_users_get_what_is_popular(model: Model) -> None:
    [got] = model.recommend(["nobody"], 1)
    assert got.item_ids == ["item00"]


def test_asking_for_no_users_or_no_items_gives_empty_answers(model: Model) -> None:
    assert model.recommend([], 5) == []
    assert model.recommend(["user00"], 0)[0].item_ids == []
    assert model.similar_items([], 5) == []


def test_ranking_keeps_exactly_the_given_items_with_unknown_ones_last(model: Model) -> None:
    got = model.rank("user00", ["mystery", "item11", "item01"])
    assert sorted(got.item_ids) == ["item01", "item11", "mystery"]
    assert got.item_ids[-1] == "mystery"
    assert got.scores[-1] == 0


def test_similar_items_do_not_include_the_item_itself(model: Model) -> None:
    [got, unknown] = model.similar_items(["item03", "mystery"], 19)
    assert len(got.item_ids) == 19
    assert "item03" not in got.item_ids
    assert unknown.item_ids[0] == "item00"


def test_one_user_gets_the_same_alone_and_among_many(model: Model, community: Interactions) -> None:
    users = community.user_ids.tolist()
    together = model.recommend(users, 5)
    alone = [model.recommend([user], 5)[0] for user in users]
    for a, b in zip(together, alone, strict=True):
        assert a.scores == pytest.approx(b.scores, rel=1e-4, abs=1e-6)


def test_ease_serves_each_taste_its_own_items(community: Interactions) -> None:
    model = ease.fit(community, ease.EaseConfig(regularisation=5))
    for user, got in zip(community.user_ids, model.recommend(community.user_ids.tolist(), 3), strict=True):
        second = user >= "user30"
        assert all((item >= "item10") == second for item in got.item_ids), user


def test_new_events_change_the_list_at_once_for_known_and_new_users(community: Interactions) -> None:
    model = ease.fit(community, ease.EaseConfig(regularisation=5, recency=Recency(half_life=1, floor=0)))
    recent = {"user00": ["item11", "item12", "item13"], "newcomer": ["item15"]}
    lists = model.recommend(list(recent), 2, recent=recent, exclude=[["item00"]] * 2)
    for user, got in zip(recent, lists, strict=True):
        assert all(item >= "item10" for item in got.item_ids)
        assert not set(got.item_ids) & set(recent[user])


def test_ease_is_the_closed_form_of_its_paper() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((40, 8)) < 0.4).astype(np.float64)
    users, items = np.nonzero(x)
    data = Interactions.from_columns(users.astype(str), items.astype(str), np.zeros(len(users)))
    got = weights_of(ease.fit(data, ease.EaseConfig(regularisation=2, dropout=0, recency=None)))
    inverse = np.linalg.inv(data.csr().toarray().T.astype(np.float64) @ data.csr().toarray() + 2 * np.eye(8))
    expected = np.eye(8) - inverse / np.diag(inverse)
    assert np.allclose(got, expected, atol=1e-5)


def test_event_weights_enter_the_ease_matrix() -> None:
    users, items = ["a", "a", "b", "b", "c"], ["x", "y", "x", "y", "y"]
    plain = Interactions.from_columns(users, items, [0] * 5)
    heavy = Interactions.from_columns(users, items, [0] * 5, [3, 3, 3, 3, 1])
    config = ease.EaseConfig(regularisation=1)
    assert not np.allclose(weights_of(ease.fit(plain, config)), weights_of(ease.fit(heavy, config)))


def test_popularity_with_decay_prefers_what_is_touched_now() -> None:
    day = 86_400
    data = Interactions.from_columns(["a", "b", "c", "d"], ["old", "old", "old", "new"], [0, 0, 0, 10 * day])
    plain = popularity.fit(data, popularity.PopularityConfig())
    decayed = popularity.fit(data, popularity.PopularityConfig(half_life_days=1))
    assert plain.recommend(["d"], 1)[0].item_ids == ["old"]
    assert decayed.rank("a", ["old", "new"]).item_ids == ["new", "old"]


def test_too_little_data_and_wrong_settings_are_refused_by_name(community: Interactions) -> None:
    nothing = Interactions.from_columns([], [], [])
    with pytest.raises(DataError, match="no interactions"):
        ease.fit(nothing, ease.EaseConfig())
    with pytest.raises(DataError, match="neighbourhood"):
        ease.fit(community, ease.EaseConfig(max_items=10))
    with pytest.raises(ConfigError, match="regularisation"):
        ease.EaseConfig(regularisation=0)
    with pytest.raises(ConfigError, match="half_life"):
        Recency(half_life=0)
    with pytest.raises(ConfigError, match="half_life_days"):
        popularity.PopularityConfig(half_life_days=-1)


@given(st.integers(1, 6), st.integers(1, 30), st.integers(0, 35), st.data())
def test_the_best_n_are_those_of_a_full_sort(rows: int, columns: int, n: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    scores = rng.integers(-3, 4, (rows, columns)).astype(np.float32)
    items, values = top(scores, n)
    assert np.array_equal(values, -np.sort(-scores, axis=1)[:, :n])
    assert np.array_equal(np.take_along_axis(scores, items, axis=1), values)
    assert all(len(set(row)) == len(row) for row in items.tolist())


def test_histories_outside_the_training_data_can_be_scored(community: Interactions) -> None:
    model = ease.fit(community, ease.EaseConfig())
    scores = model.scores(Histories.of([[1, 2], []]))
    assert scores.shape == (2, 20)
    assert np.array_equal(scores[1], model.memory.popularity)
