"""People who come back to the same things: learned from all events, served, and measured as it is served."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli.main import main
from engine.data.habits import baskets, sessions
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import Protocol, split
from engine.evaluation.references import personal_frequency, v_sknn
from engine.evaluation.splits import Holdout
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.ground.arrays import Codes
from engine.ground.histories import Histories
from engine.models import again
from engine.models.again import AgainConfig
from engine.models.next_item import NextItemConfig
from engine.models.popularity import PopularityConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers.again import AGO, DUE, STARTS, TIMES, habits
from engine.serving.trained_model import Model

MEMBERS = (NextItemConfig(), TransitionsConfig(), AgainConfig(), PopularityConfig())
KINDS: dict[str, Protocol] = {"baskets": "last-visit", "sessions": "leave-last-out"}


@cache
def prepared(kind: str) -> tuple[TrainingData, Holdout]:
    data = baskets(250, 150, seed=1) if kind == "baskets" else sessions(1_500, 300, seed=1)
    holdout = split(data.interactions, KINDS[kind], repeats=True)
    return data.with_interactions(holdout.train), holdout


@cache
def hybrid(kind: str) -> Model:
    return fit(
        prepared(kind)[0], HybridConfig(members=MEMBERS, validation=KINDS[kind], half_lives=(None, 3.0))
    )


def quality(lists: Codes, holdout: Holdout) -> Values:
    return Hits.of(lists, holdout.relevant, len(holdout.train.item_ids)).ndcg(10)


@pytest.mark.parametrize("kind", KINDS)
def test_where_people_come_back_a_hybrid_is_ahead_of_what_is_hard_to_beat(kind: str) -> None:
    _, holdout = prepared(kind)
    own = quality(recommended(hybrid(kind), holdout, 10), holdout)
    rivals = [v_sknn(holdout, 10), *(personal_frequency(holdout, 10, age) for age in (None, 20.0, 5.0))]
    for rival in rivals:
        gain = own - quality(rival, holdout)
        assert gain.mean() > 2 * gain.std() / len(gain) ** 0.5


def test_the_chance_that_something_comes_again_is_how_often_it_does() -> None:
    train, holdout = prepared("baskets")
    scorer = again.train(train, AgainConfig())
    found = habits(holdout.inputs)
    chances = scorer.scores(holdout.inputs, holdout.users)[found.rows, found.items]
    width = len(train.interactions.item_ids)
    came = np.isin(found.rows * width + found.items, holdout.relevant.rows * width + holdout.relevant.items)
    often = found.classes[:, 0] // (len(DUE) + 2) >= 3
    due = found.classes[:, 0] % (len(DUE) + 2)
    for now in (due == 3, due == 4, due > 4):  # nearly due, due, overdue
        some = often & now
        assert some.sum() > 50
        assert chances[some].mean() == pytest.approx(came[some].mean(), rel=0.35)
    assert chances[often & (due == 4)].mean() > 3 * chances[often & (due < 4)].mean()


@pytest.mark.parametrize(
    ("protocol", "held", "given"),
    [
        ("leave-last-out", ["a"], ["a", "b", "a", "c"]),
        ("user-time", ["a"], ["a", "b", "a", "c"]),
        ("last-visit", ["a"], ["a", "b", "a", "c"]),
    ],
)
def test_what_is_held_back_may_be_what_the_person_has(
    protocol: Protocol, held: list[str], given: list[str]
) -> None:
    events = Interactions.from_columns(["u"] * 5, list("abaca"), np.array([1.0, 2, 3, 3, 4]))
    found = split(events, protocol, repeats=True)
    assert events.item_ids[found.relevant.items].tolist() == held
    assert sorted(events.item_ids[found.inputs.items].tolist()) == sorted(given)
    assert found.inputs.clock.tolist() == [1, 2, 3, 3]
    assert len(found.train) == 4


def test_a_basket_is_held_back_as_a_whole_and_never_somebodys_only_one() -> None:
    events = Interactions.from_columns(list("uuuvv"), list("abcab"), np.array([1.0, 2, 2, 3, 3]))
    found = split(events, "last-visit")
    assert events.user_ids[found.users].tolist() == ["u"]
    assert sorted(events.item_ids[found.relevant.items].tolist()) == ["b", "c"]


def test_lists_hold_what_people_have_only_if_the_model_says_so() -> None:
    train, holdout = prepared("sessions")
    model = hybrid("sessions")
    user = model.user_ids[int(holdout.users[0])]
    own = set(model.item_ids[holdout.inputs.slice(0, 1).items].tolist())
    assert own & set(model.recommend([user], 10)[0].item_ids)
    assert not own & set(model.recommend([user], 10, exclude_seen=True)[0].item_ids)
    without = fit(replace(train, own_items=False), PopularityConfig())
    everything = without.recommend([user], len(without.item_ids))[0].item_ids
    assert not own & set(everything)


def test_evaluation_measures_what_is_served() -> None:
    _, holdout = prepared("sessions")
    model = hybrid("sessions")
    lists = recommended(replace(model, own_items=False), holdout, 10)
    for row in range(50):
        assert not set(lists[row].tolist()) & set(holdout.inputs.slice(row, row + 1).items.tolist())
    assert quality(lists, holdout).mean() < quality(recommended(model, holdout, 10), holdout).mean() - 0.1


def test_what_somebody_just_had_again_counts_at_once() -> None:
    model = hybrid("sessions")
    user, item = model.user_ids[0], model.item_ids[7]
    before = model.rank(user, [item]).scores[0]
    [after] = model.recommend([user], 10, recent={user: [item, model.item_ids[8], item]})
    assert dict(zip(after.item_ids, after.scores, strict=True))[item] > before


@settings(max_examples=100)
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12), max_size=5))
def test_habits_are_counted_as_they_are_read(rows: list[list[tuple[int, bool]]]) -> None:
    plain = Histories.of([[item for item, _ in row] for row in rows])
    visits = [np.cumsum([later for _, later in row]) for row in rows]
    clock = np.concatenate([np.empty(0, np.int64), *visits]).astype(np.int32)
    found = habits(replace(plain, visits=clock))
    expected = []
    for at, row in enumerate(rows):
        for item in sorted({item for item, _ in row}):
            seen = [int(visit) for (one, _), visit in zip(row, visits[at], strict=True) if one == item]
            ago = int(visits[at][-1]) - seen[-1]
            gap = (seen[-1] - seen[0]) / max(len(seen) - 1, 1)
            regular = 1 + sum((ago + 1) / gap >= bound for bound in DUE) if gap else 0
            often = sum(len(seen) >= bound for bound in TIMES)
            late = sum(ago >= bound for bound in AGO)
            expected.append((at, item, often * (len(DUE) + 2) + regular, STARTS[1] + late))
    got = zip(found.rows, found.items, found.classes[:, 0], found.classes[:, 1], strict=True)
    assert [tuple(map(int, one)) for one in got] == expected


def test_the_command_line_learns_and_serves_what_comes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        f"u{user},i{item},{1_700_000_000 + time}"
        for user in range(20)
        for time, item in enumerate((0, user % 5, 0, 0))
    ]
    (tmp_path / "events.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n" + "\n".join(lines) + "\n")
    given = ["--interactions", str(tmp_path / "events.csv"), "--algorithm", "again"]
    for extra in ["--own-items"], []:
        model = str(tmp_path / "model.rec")
        assert main(["train", *given, "--model", model, *extra]) == 0
        capsys.readouterr()
        assert main(["recommend", "--model", model, "u1", "-n", "1"]) == 0
        assert capsys.readouterr().out.startswith("u1: i0 ") == bool(extra)


def test_v_sknn_is_its_definition_written_out() -> None:
    events = Interactions.from_columns(
        [f"u{user}" for user in (0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3)],
        [f"i{item}" for item in (0, 1, 2, 1, 0, 3, 4, 0, 5, 1, 1, 2, 5)],
        np.arange(13.0),
    )
    holdout = split(events, "leave-last-out", repeats=True)
    items = len(holdout.train.item_ids)
    sessions_of = [set(holdout.train.all_histories().slice(at, at + 1).items.tolist()) for at in range(4)]

    lists = v_sknn(holdout, items)

    for row, user in enumerate(holdout.users.tolist()):
        own = holdout.inputs.slice(row, row + 1).items.tolist()
        places = {item: place for place, item in enumerate(own, start=1)}
        scores = [0.0] * items
        for other, theirs in enumerate(sessions_of):
            common = [places[item] for item in theirs if item in places]
            if other == user or not common:
                continue
            likeness = sum(common) / len(own)
            for item in theirs:
                scores[item] += likeness / (len(own) - max(common) + 1)
        assert [scores[item] for item in lists[row].tolist()] == pytest.approx(sorted(scores, reverse=True))
