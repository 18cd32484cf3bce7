"""Which of two lists had what people did afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.comparison import outcomes as module
from pipeline.comparison.lists import Lists
from pipeline.comparison.outcomes import METRICS, Outcomes, outcomes, without

WIDTH = 30


def lists(people: int) -> Lists:
    """Everybody's hold items 0 to 29, in this order."""
    return Lists(
        variant="own",
        items=np.tile(np.arange(WIDTH, dtype=np.int32), (people, 1)),
        scores=np.full((people, WIDTH), np.nan, np.float32),
        leaked=np.zeros(people, np.int32),
        asked=np.ones(people, np.bool_),
        errors=0,
        of_items=False,
        own={},
    )


def test_each_metric_looks_as_far_as_its_name_says() -> None:
    """Person p did something with item p, which is at place p + 1 of the list."""
    done = np.stack([np.arange(WIDTH), np.arange(WIDTH)], axis=1)

    found = outcomes(lists(WIDTH), lists(WIDTH), done, WIDTH)

    for name in METRICS:
        depth = int(name.partition("@")[2])
        assert np.flatnonzero(found.first[name]).tolist() == list(range(depth)), name


@pytest.mark.parametrize("people", [50, 51, 120])
def test_many_people_are_tested_in_groups_with_the_means_of_everybody(
    monkeypatch: pytest.MonkeyPatch, people: int
) -> None:
    rng = np.random.default_rng(2)
    first, second = (rng.random(people) < share for share in (0.3, 0.6))
    each = Outcomes(
        np.arange(people),
        {"hit_rate@10": first.astype(np.float64)},
        {"hit_rate@10": second.astype(np.float64)},
    )
    whole = each.as_json(np.random.default_rng(0), ("hit_rate@10",))["metrics"]["hit_rate@10"]
    monkeypatch.setattr(module, "MOST_TESTED", 50)

    found = each.as_json(np.random.default_rng(0), ("hit_rate@10",))["metrics"]["hit_rate@10"]

    assert found["a"]["mean"] == first.mean() and found["b"]["mean"] == second.mean()
    for name in ("a", "b", "difference"):
        assert found[name]["mean"] == whole[name]["mean"]
        width = whole[name]["high"] - whole[name]["low"]
        assert found[name]["high"] - found[name]["low"] == pytest.approx(width, rel=0.3), name


def test_what_was_told_of_before_is_left_out() -> None:
    pairs = np.array([[0, 7], [1, 0], [1, 7]])

    assert without(pairs, np.array([[0, 7], [1, 1]])).tolist() == [[1, 0], [1, 7]]
