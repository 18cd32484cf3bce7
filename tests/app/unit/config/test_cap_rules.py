"""Rules of caps and of fatigue, each broken alone."""

from dataclasses import replace
from typing import Any

import pytest

from config.rules import check
from config.schema import (
    Campaign,
    Cap,
    Conversion,
    Endpoint,
    EndpointKind,
    Fatigue,
    OwnItems,
    Personalize,
    Realtime,
    Tracking,
    UseCase,
)
from tests.app.support.business.stages import STAGES
from tests.app.support.films import problems_of

BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "no such column": ({"caps": (Cap(column="AUTHOR", most=2),)}, "caps[0].column", "of them share: GENRES"),
    "each item's own id": ({"caps": (Cap(column="ITEM_ID", most=2),)}, "caps[0].column", "share: GENRES"),
    "no items": ({"caps": (Cap(column="GENRES", most=2),), "items": None}, "caps[0].column", "there is none"),
    "nothing capped": ({"caps": (Cap(column="GENRES", most=10),)}, "caps[0].most", "else it caps nothing"),
    "nothing let through": ({"caps": (Cap(column="GENRES", most=0),)}, "caps[0].most", "from 1"),
    "more than is stored": (
        {"caps": (Cap(column="GENRES", most=2, among=51),)}, "caps[0].among", "recommendations (50)",
    ),
    "two of one place": (
        {"caps": (Cap(column="GENRES", most=2), Cap(column="GENRES", most=3))}, "caps[1].column", "already",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_cap_is_named_with_its_rule(
    good: UseCase, changes: dict[str, Any], field: str, words: str
) -> None:
    [problem] = problems_of(replace(good, **changes))
    assert field in problem and words in problem


def test_what_a_model_answers_in_real_time_is_not_capped_and_so_refused(good: UseCase) -> None:
    endpoint = Endpoint(path="films", kind=EndpointKind.FEED, realtime=Realtime(budget_ms=100))
    variants = (Personalize(campaign=Campaign(stages=("dev",))),)
    capped = replace(good, endpoint=endpoint, caps=(Cap(column="GENRES", most=2),))
    assert any("in real time is not capped" in one for one in problems_of(replace(capped, variants=variants)))


def test_caps_of_one_column_may_reach_further_and_further(good: UseCase) -> None:
    caps = (Cap(column="GENRES", most=2), Cap(column="GENRES", most=6, among=40))
    assert check(STAGES, (replace(good, caps=caps),)) == check(STAGES, ())


TRACKED: dict[str, Any] = {
    "tracking": Tracking(actions=("buy",), conversion=Conversion(goal=0.1, floor=0.01))
}
TIRING: dict[str, tuple[dict[str, Any], str, str]] = {
    "no days": ({**TRACKED, "fatigue": Fatigue(days=0, shown_days=1)}, "fatigue.days", "from 1 to 28"),
    "too many days": ({**TRACKED, "fatigue": Fatigue(days=29)}, "fatigue.days", "from 1 to 28"),
    "more days than there are": (
        {**TRACKED, "fatigue": Fatigue(days=7, shown_days=8)}, "fatigue.shown_days", "from 1 to days (7)",
    ),
    "nothing comes later": ({**TRACKED, "fatigue": Fatigue(most=10)}, "fatigue.most", "nothing comes later"),
    "more than is stored": ({**TRACKED, "fatigue": Fatigue(among=51)}, "fatigue.among", "from 2 to"),
    "nobody posts anything": ({"fatigue": Fatigue()}, "fatigue", "has no tracking"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "words"), TIRING.values(), ids=TIRING)
def test_a_broken_rule_of_fatigue_is_named(
    good: UseCase, changes: dict[str, Any], field: str, words: str
) -> None:
    found = problems_of(replace(good, **changes))
    assert any(f", {field}: " in problem and words in problem for problem in found), found


def test_people_get_tired_and_items_do_not_and_real_time_knows_nothing_of_it(good: UseCase) -> None:
    similar = replace(good, own_items=OwnItems(), variants=(Personalize(recipe="aws-similar-items"),))
    endpoint = Endpoint(path="films", kind=EndpointKind.FEED, realtime=Realtime(budget_ms=100))
    live = replace(good, endpoint=endpoint, variants=(Personalize(campaign=Campaign(stages=("dev",))),))
    for case, words in ((similar, "belong to items"), (live, "goes by no fatigue")):
        found = problems_of(replace(case, fatigue=Fatigue(), **TRACKED))
        assert any(words in problem for problem in found), found


def test_fatigue_as_it_comes_is_good(good: UseCase) -> None:
    tiring = replace(good, fatigue=Fatigue(), **TRACKED)
    assert check(STAGES, (tiring,)) == check(STAGES, ())
