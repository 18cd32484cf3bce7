"""What is told of an experiment: JSON, terminal, page."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from pipeline.measuring import html, text
from pipeline.measuring.experiment import Change, Experiment
from pipeline.measuring.measure import measure
from steps.request import read_request
from tests.app.unit.experiments.conftest import Lake, experiment

WEEK = date(2026, 11, 16)
EVIL = "<script>alert('x')</script>"


def week(events: Lake, *, better: int = 0, hides: int = 0) -> None:
    """40 of each arm see 10 items; of the treated, `better` more like one and `hides` more hide one."""
    for arm, liking, hiding in (("control", 8, 4), ("treatment", 8 + better, 4 + hides)):
        events.happened("2026-11-10", people(arm, 20), "impression*10", arm)
        events.happened("2026-11-11", people(arm, 40, first=20), "impression*10", arm)
        for kind, number in (("like", liking), ("hide", hiding)):
            if number:
                events.happened("2026-11-11", people(arm, number), kind, arm)


def people(arm: str, last: int, first: int = 0) -> str:
    return " ".join(f"{arm}{number}" for number in range(first, last))


def found(events: Lake, through: date = WEEK, **other: Any) -> dict[str, Any]:
    return measure(events.bucket, experiment(**other), through, lambda: 900.0).report


@pytest.mark.parametrize(
    ("better", "hides", "other", "verdict"),
    [
        (0, 0, {}, "keep going"),
        (25, 0, {}, "ship"),
        (-8, 0, {"days": 7}, "stop: worse"),
        (25, 30, {"days": 7}, "stop: worse"),
        (0, 0, {"days": 7}, "stop: nothing bigger"),
        (25, 0, {"shares": (1, 9)}, "pause: the split is wrong"),
    ],
)
def test_the_verdict_follows_what_people_did(
    events: Lake, better: int, hides: int, other: dict[str, Any], verdict: str
) -> None:
    week(events, better=better, hides=hides)

    assert found(events, **other)["decision"]["verdict"] == verdict


def test_before_the_first_look_nothing_is_decided(events: Lake) -> None:
    week(events, better=32)
    report = found(events, date(2026, 11, 15))

    assert report["decision"]["words"] == "keep going: there is nothing to look at yet"
    assert (report["days"], report["looks"]["last"]) == ({"soFar": 6, "planned": 28}, None)
    assert report["people"]["soFar"] == {"control": 40, "treatment": 40}
    assert "guardrail hides              open: nothing to look at yet" in text.shown(report)


def test_between_looks_the_figures_stay_those_of_the_last(events: Lake) -> None:
    week(events, better=5)
    at_look = found(events)
    events.happened("2026-11-18", people("treatment", 40), "impression like*9", "treatment")

    later = found(events, date(2026, 11, 20))
    assert later["metric"] == at_look["metric"]
    assert found(events, date(2026, 11, 23))["metric"] != at_look["metric"]


def test_lifts_are_told_by_days_since_the_first_exposure(events: Lake) -> None:
    week(events)
    for arm in ("control", "treatment"):
        events.happened("2026-11-16", people(arm, 40), "impression*5", arm)
    events.happened("2026-11-16", people("treatment", 20), "like", "treatment")

    [first, later] = found(events)["byDaysSinceFirstExposure"]
    assert (first["from"], first["people"]) == (0, [40, 40])
    assert (later["from"], later["people"], round(later["lift"]["value"], 9)) == (1, [40, 40], 2.5)


class Page(HTMLParser):
    """Refuses what is not closed; keeps the tags."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else_and_holds_no_ones_markup(events: Lake) -> None:
    week(events, better=25)
    change = Change(at="2026-11-10T08:00:00Z", by=EVIL, why=EVIL, what="weights\x1b[2J 50/50")
    report = found(events, hypothesis=EVIL, changes=(change,))
    page = html.page(report)

    tags = Page(page).tags
    assert tags.count("svg") == 3, "the metric, a guardrail, one phase"
    assert not {"script", "link", "img"} & set(tags)
    assert not re.search(r"https?:|url\(|@import", page)
    assert page.count("&lt;script&gt;") == 3
    assert "\x1b" not in text.shown(report)
    assert "weights?[2J 50/50" in text.shown(report)


def test_an_experiment_is_read_from_the_input_of_the_step() -> None:
    given = {
        "useCase": "posts",
        "name": "first",
        "hypothesis": "own is better",
        "metric": {"name": "likes", "of": {"types": ["like"]}},
        "start": "2026-11-10",
        "firstVersion": 2,
        "people": 100,
        "effect": 0.1,
        "guardrails": [
            {"metric": {"name": "hides", "of": {"types": ["hide"]}}, "margin": 0.5, "moreIsWorse": True}
        ],
        "changes": [{"at": "now", "by": "ann", "why": "plan", "what": "50/50"}],
    }

    read = read_request(Experiment, given)
    [more_is_better] = read_request(
        Experiment, {**given, "guardrails": [{"metric": given["metric"], "margin": 0.1}]}
    ).guardrails
    assert not more_is_better.more_is_worse
    assert read.guardrails == experiment().guardrails
    assert (read.days, read.metric.of.types, read.changes[0].by) == (28, ("like",), "ann")
