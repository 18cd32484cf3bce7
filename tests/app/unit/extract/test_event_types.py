"""Which event types are told, which are taken for a misspelt one, and how many rules they make."""

from __future__ import annotations

import pytest

from pipeline.extract.event_types import OTHERS, EventCounts, EventRules, nearest, rule_of

RULES = EventRules(known=("view", "buy"), needed={"buy": "own_items", "view": "actions"})


def counted(rules: EventRules | None, **counts: int) -> EventCounts:
    found = EventCounts(rules)
    found.counts.update(counts)
    return found


def test_known_types_are_told_first_then_the_most_frequent_fifty_in_all() -> None:
    more = {f"t{number:02d}": 100 - number // 2 for number in range(60)}

    told = counted(RULES, buy=1, view=2, **more).told()

    assert list(told) == ["view", "buy", *(f"t{number:02d}" for number in range(48))]
    assert list(counted(None, b=1, a=1, c=2).told()) == ["c", "a", "b"]


def test_types_that_never_occur_are_missing_only_where_there_are_any_and_somebody_counts_on_them() -> None:
    [missing] = counted(RULES, view=3, bying=2).missing()

    assert missing.startswith("event type 'buy', named by own_items, never occurs: ")
    assert "the data has 'view' (3), 'bying' (2); name it" in missing
    assert counted(RULES).missing() == counted(None, view=1).missing() == []


def test_unknown_types_are_told_unless_they_are_refused() -> None:
    warned = EventRules(known=("view",), unknown="warn")

    [told] = counted(warned, view=1, look=2_000, VIEW=1).unknown()

    assert told.startswith("unknown event type 'look': 2,000 rows: the use case names 'view'; write")
    assert counted(None, look=1).unknown() == counted(RULES, look=1).unknown() == []
    assert [warned.refuses(name) for name in ("view", "look", " View")] == [False, False, True]
    assert [RULES.refuses(name) for name in ("view", "look")] == [False, True]


@pytest.mark.parametrize(("name", "found"), [("abcde", "abcxy"), ("ABCDE ", "abcxy"), ("abfgh", None)])
def test_a_name_is_taken_for_another_that_has_three_fifths_of_its_letters(
    name: str, found: str | None
) -> None:
    assert nearest(name, ("zzzzz", "abcxy")) == found


def test_twenty_types_have_rules_of_their_own_and_the_others_one_together() -> None:
    assert rule_of("look", 19) == "unknown event type 'look'"
    assert rule_of("look", 20) == rule_of(OTHERS, 0) == OTHERS
