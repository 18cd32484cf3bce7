"""Rules of caps, each broken alone."""

from dataclasses import replace
from typing import Any

import pytest

from config.rules import check
from config.schema import Campaign, Cap, Endpoint, EndpointKind, Personalize, Realtime, UseCase
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
