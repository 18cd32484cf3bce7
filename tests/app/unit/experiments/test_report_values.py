"""The values in a report, worked out by hand from what happened, and what of them is drawn and said."""

import re
from datetime import date
from typing import Any

import pytest

from pipeline.measuring import html, text
from pipeline.measuring.experiment import Guardrail
from pipeline.measuring.measure import measure
from tests.app.unit.experiments.conftest import Lake, experiment

WEEK = date(2026, 11, 16)


def people(arm: str, number: int) -> str:
    return " ".join(f"{arm}{one}" for one in range(number))


@pytest.fixture
def report(events: Lake) -> dict[str, Any]:
    """30 of the control see 10 items each and 12 like one; 50 of the treated see 4 each and 20 like one."""
    events.happened("2026-11-10", people("control", 30), "impression*10", "control")
    events.happened("2026-11-11", people("control", 12), "like", "control")
    events.happened("2026-11-10", people("treatment", 50), "impression*4", "treatment")
    events.happened("2026-11-11", people("treatment", 20), "like", "treatment")
    return measured(events)


def measured(events: Lake, through: date = WEEK, **other: Any) -> dict[str, Any]:
    return measure(events.bucket, experiment(**other), through, lambda: 900.0).report


def test_values_are_actions_per_impression(report: dict[str, Any]) -> None:
    assert report["metric"]["control"] == {"value": 12 / 300, "people": 30, "of": 12, "per": 300}
    assert report["metric"]["treatment"] == {"value": 20 / 200, "people": 50, "of": 20, "per": 200}
    assert report["metric"]["lift"]["value"] == pytest.approx(0.1 / 0.04 - 1)


def test_shares_are_of_all_who_were_seen(report: dict[str, Any]) -> None:
    assert report["people"]["soFar"] == {"control": 30, "treatment": 50}
    assert report["split"]["planned"] == {"control": 0.5, "treatment": 0.5}
    assert report["split"]["real"] == {"control": 30 / 80, "treatment": 50 / 80}


def test_a_person_of_one_arm_who_is_seen_in_the_other_is_said(events: Lake, report: dict[str, Any]) -> None:
    assert report["people"]["inBothArms"] == 0
    assert "both arms" not in text.shown(report)

    events.happened("2026-11-12", "control1 control2", "impression", "treatment")

    assert "seen in both arms            2 people" in text.shown(measured(events))


def test_a_lift_is_drawn_in_proportion_to_the_widest(report: dict[str, Any]) -> None:
    page = html.page(report)

    [drawing, *_] = re.findall(r"<svg.*?</svg>", page, re.S)
    numbers = dict(re.findall(r'class="line" (x1)="([\d.]+)"', drawing))
    numbers |= dict(re.findall(r'(x2)="([\d.]+)" y1="[\d.]+" y2="[\d.]+"/><circle', drawing))
    dot = float(re.findall(r'cx="([\d.]+)"', drawing)[0])
    lift, middle = report["metric"]["lift"], 320
    low, high = float(numbers["x1"]), float(numbers["x2"])
    assert (high - middle) / (dot - middle) == pytest.approx(lift["high"] / lift["value"], abs=0.01)
    assert (low - middle) / (dot - middle) == pytest.approx(lift["low"] / lift["value"], abs=0.01)
    drawn = [float(place) for place in re.findall(r'(?:x1|x2|cx)="([\d.]+)"', page)]
    assert max(drawn) <= 640 and min(drawn) >= 0 and 'class="zero" x1="320.0" x2="320.0"' in page


@pytest.mark.parametrize(
    ("lift", "places"),
    [
        ({"value": 0.1, "low": -0.2, "high": 0.4}, ["320.0", "320.0", "170.0", "620.0", "395.0"]),
        ({"value": None, "low": None, "high": 0.4}, ["320.0", "320.0", "0.0", "620.0"]),
        ({"value": -0.4, "low": -0.4, "high": None}, ["320.0", "320.0", "20.0", "640.0", "20.0"]),
    ],
)
def test_the_widest_goes_to_the_margin_and_what_has_no_limit_to_the_edge(
    lift: dict[str, float | None], places: list[str]
) -> None:
    assert re.findall(r'(?:x1|x2|cx)="([\d.]+)"', html._interval(lift, 0.4)) == places


def test_whoever_only_acts_in_a_phase_counts_in_it(events: Lake) -> None:
    for arm in ("control", "treatment"):
        events.happened("2026-11-10", people(arm, 20), "impression*5", arm)
        events.happened("2026-11-12", people(arm, 3), "like", arm)
        events.happened("2026-11-12", f"{arm}5", "impression*2", arm)

    phases = measured(events)["byDaysSinceFirstExposure"]

    assert [phase["people"] for phase in phases] == [[20, 20], [4, 4]]


def test_a_guardrail_is_looked_at_from_one_side_only(events: Lake) -> None:
    for arm, likes in (("control", 12), ("treatment", 14)):
        events.happened("2026-11-10", people(arm, 30), "impression*10", arm)
        events.happened("2026-11-11", people(arm, likes), "like", arm)

    report = measured(events, guardrails=(Guardrail(metric=experiment().metric, margin=0.1),))

    guarded, both_sides = report["guardrails"][0]["lift"], report["metric"]["lift"]
    assert guarded["value"] == both_sides["value"]
    assert both_sides["low"] < guarded["low"] < guarded["high"] < both_sides["high"]
