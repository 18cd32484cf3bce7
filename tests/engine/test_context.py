"""Circumstances: learned where they change what is touched, without effect where they do not."""

import json
import struct
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.contexts import Contexts, Labels
from engine.data.generated import DEVICES, generated, with_devices
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import split
from engine.evaluation.splits import Holdout
from engine.fitting import configs
from engine.fitting.contextual import WEIGHTS, ContextWeight, log_ratios, shrunk
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig, learn
from engine.ground.arrays import Ids
from engine.ground.errors import ArtifactError, ConfigError, DataError
from engine.ground.histories import Histories
from engine.ground.vocabulary import factorise
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from engine.scorers.contextual import Context, ContextColumn, ContextModel
from engine.serving import artifacts
from engine.serving.trained_model import Model

CONFIG = HybridConfig(members=(EaseConfig(), PopularityConfig()), half_lives=(None,))
NOWHERE: Context = {}


def labels(cells: list[str]) -> Labels:
    """An empty cell is not known."""
    values, codes = factorise([*cells, ""])
    return Labels(values[1:], codes[:-1] - 1)


@pytest.fixture(scope="module")
def leaning() -> TrainingData:
    """Of every item's events six in ten happen on its own device, the others anywhere."""
    return with_devices(generated(2000, 300, 50_000, seed=3), leaning=0.6)


@pytest.fixture(scope="module")
def holdout(leaning: TrainingData) -> Holdout:
    return split(leaning.interactions, "user-time")


@pytest.fixture(scope="module")
def model(leaning: TrainingData, holdout: Holdout) -> Model:
    return fit(leaning.with_interactions(holdout.train), CONFIG)


def devices_of(data: TrainingData, holdout: Holdout) -> Ids:
    """The device of each test user's first item that was held back."""
    assert data.contexts is not None
    first = holdout.relevant.items[holdout.relevant.offsets[:-1]]
    newest = data.contexts.newest(holdout.users, first, len(data.interactions.item_ids))
    return np.array(DEVICES)[newest["DEVICE"]]


def quality(model: Model, holdout: Holdout, contexts: list[Context], *, known: bool = True) -> float:
    """NDCG@10 of finding each test user's first item that was held back."""
    wanted = holdout.relevant.items[holdout.relevant.offsets[:-1]]
    given_ = holdout.inputs if known else Histories.empty(len(wanted))
    users = holdout.users if known else None
    lists, _ = model.top(given_, 10, users=users, exclude=holdout.inputs, contexts=contexts)
    return float(Hits.of(lists, Histories.of(wanted[:, None].tolist()), len(model.item_ids)).ndcg(10).mean())


@pytest.mark.parametrize("known", [True, False])
def test_circumstances_that_matter_are_learned_and_help(
    leaning: TrainingData, holdout: Holdout, model: Model, known: bool
) -> None:
    asked: list[Context] = [{"DEVICE": str(device)} for device in devices_of(leaning, holdout)]
    wrong: list[Context] = [
        {"DEVICE": DEVICES[(DEVICES.index(context["DEVICE"]) + 1) % 3]} for context in asked
    ]
    without = quality(model, holdout, [], known=known)
    assert quality(model, holdout, asked, known=known) > without + 0.01
    assert quality(model, holdout, wrong, known=known) < without


def test_circumstances_that_mean_nothing_are_not_learned() -> None:
    data = generated(500, 300, 12_000, seed=3)
    by_chance = with_devices(data, leaning=0.0)
    assert learn(by_chance, CONFIG).contexts == ()
    assert fit(by_chance, CONFIG).context is None
    plain, other = fit(data, CONFIG), fit(by_chance, CONFIG)
    users = data.interactions.user_ids[:20].tolist()
    assert plain.recommend(users, 10) == other.recommend(users, 10, context={"DEVICE": "tv"})


def test_circumstances_that_decide_alone_weigh_most() -> None:
    """Nobody has a taste, and two of three items have a device of their own."""
    rng = np.random.default_rng(5)
    items = np.concatenate([rng.permutation(60)[:20] for _ in range(120)])
    users = [f"u{user}" for user in np.repeat(np.arange(120), 20).tolist()]
    events = Interactions.from_columns(users, items.astype(np.str_), np.arange(len(items)))
    anywhere = rng.choice(["tv", "phone"], len(items)).tolist()
    places = zip(items.tolist(), anywhere, strict=True)
    devices = labels([("tv", "phone", other)[item % 3] for item, other in places])
    [learned] = learn(TrainingData.of(events, contexts={"DEVICE": devices}), CONFIG).contexts
    assert learned.weight > max(WEIGHTS)
    assert learned.cold > 0


def test_unknown_columns_and_values_and_no_circumstances_change_nothing(model: Model) -> None:
    users = [*model.user_ids[:5].tolist(), "nobody"]
    plain = model.recommend(users, 10)
    for context in (NOWHERE, {"DEVICE": "fridge"}, {"DEVICE": ""}, {"device": "tv"}, {"WEATHER": "rain"}):
        assert model.context is not None and not model.context.knows(context)
        assert model.recommend(users, 10, context=context) == plain
    assert model.context is not None and model.context.knows({"DEVICE": "tv", "WEATHER": "rain"})
    assert model.recommend(users, 10, context={"DEVICE": "tv"}) != plain


def test_ranking_and_recommending_agree_on_circumstances(model: Model) -> None:
    user, context = str(model.user_ids[0]), {"DEVICE": "phone"}
    listed = model.recommend([user], 20, exclude_seen=False, context=context)[0]
    assert model.rank(user, listed.item_ids[::-1], context=context).scores == listed.scores
    assert model.rank(user, listed.item_ids).scores != listed.scores


def test_shares_of_users_without_a_history_keep_their_sum(model: Model) -> None:
    empty = Histories.empty(2)
    plain = model.scores(empty)
    moved = model.scores(empty, None, [{"DEVICE": "tv"}, NOWHERE])
    assert moved.sum(axis=1) == pytest.approx(plain.sum(axis=1), rel=1e-5)
    assert not np.allclose(moved[0], plain[0])
    assert np.array_equal(moved[1], plain[1])


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["", *DEVICES, "fridge"])), min_size=1, max_size=9))
def test_answers_do_not_depend_on_who_else_asks(model: Model, asked: list[tuple[bool, str]]) -> None:
    rows = np.array([row if known else -1 for row, (known, _) in enumerate(asked)], np.int32)
    histories = model.memory.histories.take(rows)
    contexts: list[Context] = [{"DEVICE": device} for _, device in asked]
    together = model.scores(histories, None, contexts)
    for row, context in enumerate(contexts):
        alone = model.scores(histories.slice(row, row + 1), None, [context])
        assert np.allclose(together[row], alone[0], rtol=1e-4, atol=1e-6)


def test_columns_add_up() -> None:
    ratios = np.array([[0.5, -0.5, 0.0]], np.float32)
    columns = tuple(ContextColumn(name, np.array(["yes"]), ratios, 2.0, 1.0) for name in ("A", "B"))
    histories = Histories.of([[2]])
    scores = np.array([[1.0, 0.0, 9.0]], np.float32)
    ContextModel(columns).apply(scores, histories, [{"A": "yes", "B": "yes"}])
    spread = 1.0 - 0.5  # of what is not in the history
    assert scores[0] == pytest.approx([1 + 4 * spread * 0.5, -4 * spread * 0.5, 9])


def test_a_table_of_chance_says_nothing_and_few_events_little() -> None:
    even = np.full((3, 50), 40)
    assert not shrunk(even).any()
    assert not shrunk(np.zeros((2, 3), np.int64)).any()
    assert not shrunk(np.array([[5, 9, 1]])).any()
    counts = np.array([[300, 100] * 20 + [3, 1], [100, 300] * 20 + [1, 3]])
    found = shrunk(counts)
    assert found[0, 0] == pytest.approx(np.log(1.5), abs=0.02)
    assert 0 < found[0, -2] < found[0, 0] / 1.5
    assert found[0, -1] == pytest.approx(-abs(found[1, -2]), abs=1e-6)


def test_a_user_counts_once_for_an_item_and_a_value() -> None:
    once = Interactions.from_columns(["a", "b", "b", "c"], ["x", "x", "y", "y"], range(4))
    often = Interactions.from_columns(
        ["a", *["b"] * 9, "b", "c"], ["x", *["x"] * 9, "y", "y"], list(range(12))
    )
    cells = ["tv", "tv", "phone", "phone"]
    tables = []
    for events, own in ((once, cells), (often, ["tv", *["tv"] * 9, "phone", "phone"])):
        contexts = Contexts.of(events, {"DEVICE": labels(own)})
        tables.append(log_ratios(contexts, "DEVICE", 2))
    assert tables[0][0].tolist() == tables[1][0].tolist() == ["phone", "tv"]
    assert np.array_equal(tables[0][1], tables[1][1]) and tables[0][1].any()


def test_the_newest_event_of_a_pair_says_in_what_circumstances_it_was() -> None:
    events = Interactions.from_columns(["a", "a", "a", "b"], ["x", "x", "y", "x"], [5, 9, 1, 2])
    contexts = Contexts.of(events, {"DEVICE": labels(["tv", "phone", "", "tv"])})
    asked = np.array([0, 0, 1, 1, -1], np.int32), np.array([0, 1, 0, 1, 0], np.int32)
    assert contexts.newest(*asked, 2)["DEVICE"].tolist() == [0, -1, 1, -1, -1]
    part = contexts.within(events.where(np.array([False, False, True, True])))
    assert part.columns["DEVICE"].codes.tolist() == [-1, 1]
    with pytest.raises(DataError, match="DEVICE has 1 rows, the interactions 4"):
        Contexts.of(events, {"DEVICE": labels(["tv"])})


def test_of_too_many_values_the_most_frequent_count(
    leaning: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.fitting.contextual.MOST_CELLS", 2 * 300)
    assert leaning.contexts is not None
    codes = leaning.contexts.columns["DEVICE"].codes
    values, ratios = log_ratios(leaning.contexts, "DEVICE", 300)
    assert ratios.shape == (2, 300)
    rarest = DEVICES[int(np.argmin(np.bincount(codes)))]
    assert rarest not in values.tolist()


def test_nobody_to_validate_on_means_no_effect() -> None:
    events = Interactions.from_columns(["a", "b"], ["x", "y"], [1, 2])
    data = TrainingData.of(events, contexts={"DEVICE": labels(["tv", "phone"])})
    assert learn(data, CONFIG).contexts == ()
    assert fit(data, CONFIG).context is None


def test_weights_are_kept_in_configurations_and_negative_ones_refused(tmp_path: Path) -> None:
    config = replace(CONFIG, contexts=(ContextWeight(column="DEVICE", weight=0.2, cold=1.0),))
    configs.save(config, tmp_path / "mine.json")
    assert configs.load(tmp_path / "mine.json") == config
    older = {name: value for name, value in configs.plain(CONFIG).items() if name != "contexts"}
    assert configs.parsed(older, "a configuration of before") == CONFIG
    with pytest.raises(ConfigError, match="must not be negative"):
        ContextWeight(column="DEVICE", weight=-0.1, cold=1.0)


def test_a_stored_model_knows_circumstances_and_maps_them(model: Model, tmp_path: Path) -> None:
    artifacts.save(model, tmp_path / "model.rec")
    again = artifacts.load(tmp_path / "model.rec")
    users = model.user_ids[:3].tolist()
    assert again.recommend(users, 5, context={"DEVICE": "tv"}) == model.recommend(
        users, 5, context={"DEVICE": "tv"}
    )
    assert again.context is not None
    assert not again.context.columns[0].log_ratios.flags.owndata


@pytest.mark.parametrize(("gone", "readable"), [("context", True), ("scorer", False)])
def test_a_model_stored_before_circumstances_were_known_is_read(
    model: Model, tmp_path: Path, gone: str, readable: bool
) -> None:
    """What it does not say has its default; what has none is still asked for."""
    path = tmp_path / "model.rec"
    artifacts.save(replace(model, context=None), path)
    content = path.read_bytes()
    length = struct.unpack_from("<8sIQ32s", content)[2]
    start = struct.calcsize("<8sIQ32s")
    header = json.loads(content[start : start + length])
    del header["tree"]["fields"][gone]
    older = json.dumps(header).encode().ljust(length)
    prefix = struct.pack("<8sIQ32s", b"RECMODEL", 1, length, sha256(older).digest())
    path.write_bytes(prefix + older + content[start + length :])
    if readable:
        users = model.user_ids[:3].tolist()
        found = artifacts.load(path).recommend(users, 5, context={"DEVICE": "tv"})
        assert found == model.recommend(users, 5)
    else:
        with pytest.raises(ArtifactError, match="another version"):
            artifacts.load(path)
