"""A switch as it is handed from step to step: what was done, when, and for how long a step may wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import SwitchUnfinished
from pipeline.switching.switch import Outcome, Switch

NOON = 1_800_000_000.0625
"""2027-01-15T08:00:00.062Z"""
ASKED = Switch(run="r", planned=True, by="ann", why="a flood")


def test_a_step_that_is_done_is_told_with_its_times_and_what_it_found() -> None:
    begun = ASKED.beginning(NOON)
    assert (ASKED.known, begun.began) == (0, "2027-01-15T08:00:00.062Z")
    assert begun.beginning(NOON + 60) == begun

    outcome = Outcome(words="written", asked=("a", "b"), pointers={"posts/own": "g"}, epoch=4)
    after = replace(begun, waiting="copies").after("mark", "Marks", outcome, NOON + 1.5, limit_minutes=5)

    [done] = after.steps
    assert (done.step, done.title, done.words, done.seconds) == ("mark", "Marks", "written", 1.5)
    assert (after.asked, after.pointers, after.epoch) == (("a", "b"), {"posts/own": "g"}, 4)
    assert (after.began, after.waiting) == ("", "")
    again = after.beginning(NOON + 2).after("raise", "Raise", Outcome(words="up"), NOON + 2, limit_minutes=5)
    assert [one.step for one in again.steps] == ["mark", "raise"]
    assert (again.asked, again.pointers, again.epoch) == (after.asked, after.pointers, 4)


def test_a_step_waits_until_its_minutes_are_over() -> None:
    begun = ASKED.beginning(1_800_000_000.0)
    late = Outcome(words="3 marks", done=False)

    waiting = begun.after("copies", "Copies", late, 1_800_000_299.9, limit_minutes=5)

    assert (waiting.waiting, waiting.began, waiting.steps) == ("3 marks", begun.began, ())
    with pytest.raises(SwitchUnfinished, match=r"^Copies: given up after 5 minutes: 3 marks$"):
        waiting.after("copies", "Copies", late, 1_800_000_300.0, limit_minutes=5)
