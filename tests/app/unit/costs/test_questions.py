"""Questions are answered with the point where the answer turns, and what is said of it is so."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.notifications import NOTIFICATIONS
from config.use_cases import USE_CASES
from costs.command import main
from costs.estimating.estimate import fixed_of, priced, stage_lines, use_case_lines
from costs.estimating.what_if import with_personalize
from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from costs.questions.answer import said, turns
from costs.questions.asked import MODEL, QUESTIONS
from costs.questions.world import World
from costs.usage.line import Line
from costs.usage.volumes import Volumes
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import PROD
from tests.app.unit.costs.estimates import TODAY, alone, setting

XS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)


def world(people: int = 100_000) -> World:
    return World(PROD, Volumes(people=people), catalogue(), TODAY, fixed_of(PROD, stacks()), alone())


@given(slope=st.floats(0.01, 100), fixed=st.floats(1.1, 9_000))
def test_a_line_and_a_constant_turn_where_they_meet(slope: float, fixed: float) -> None:
    meeting = fixed / slope
    assume(1.01 < meeting < 9_900 and all(not math.isclose(meeting, x, rel_tol=1e-4) for x in XS))

    [turn] = turns(("line", lambda x: slope * x), ("fixed", lambda x: fixed), XS)

    assert turn.x == pytest.approx(meeting, rel=1e-4)
    assert turn.y == pytest.approx(fixed, rel=1e-3)
    assert turn.then == "fixed"


def test_a_curve_that_is_always_the_cheaper_one_never_turns() -> None:
    pair = ("a", lambda x: x), ("b", lambda x: 2 * x)

    assert turns(*pair, XS) == ()
    told = "cheaper: a than b, from 1 to 10,000 people: the answer never turns"
    assert said((), *pair, XS, "people") == told


def test_neither_of_two_that_cost_the_same_is_called_the_cheaper_one() -> None:
    """Where everybody is active, lists for active people are lists for everybody."""
    pair = ("a", lambda x: x), ("b", lambda x: x)

    assert said((), *pair, XS, "people") == "a and b cost the same from 1 to 10,000 people"
    words = QUESTIONS["whom"](replace(world(), volumes=Volumes(active_share=1.0))).words
    assert words[0] == "everybody and active people only (100%) cost the same from 1,000 to 10,000,000 people"


@pytest.mark.parametrize("name", QUESTIONS)
def test_at_its_turns_the_cheaper_one_changes(name: str) -> None:
    answer = QUESTIONS[name](world())

    for turn in answer.turns:
        ends = [
            sorted((abs(math.log(x / turn.x)), x, dict(points)[x]) for x, _ in points)[:2]
            for points in answer.series.values()
        ]
        low, high = (min(one[0][2] for one in ends), max(one[0][2] for one in ends))
        assert low <= turn.y * 2 and high >= turn.y / 2
        assert turn.then in answer.series


KNOWN = {
    "v1-or-v2": "146.00 USD) below 973,333 requests a month",
    "how-often": "where data changes on 1.75 of 7 days",
    "personalize-or-own": "pays after 13 months at best, 46 by the middles, and in the worst case never",
    "batch-or-campaign": "idle campaign (first generation) from ",
    "regions": "people on their copies cost more than their being there",
    "whom": "they save less than a tenth where more than",
}


@pytest.mark.parametrize(("name", "words"), KNOWN.items())
def test_what_is_known_of_an_answer_is_in_it(name: str, words: str) -> None:
    assert words in " ".join(QUESTIONS[name](world()).words)


def test_beyond_its_turn_a_campaign_is_the_cheaper_one() -> None:
    answer = QUESTIONS["batch-or-campaign"](world())
    turn = next(one for one in answer.turns if "first" in one.then)
    batch, campaign = (dict(answer.series[name]) for name in ("batch (first generation)", turn.then))

    for people in batch:
        if people > turn.x * 1.01:
            assert campaign[people] < batch[people]
        if people < turn.x / 1.01:
            assert campaign[people] > batch[people]


def test_a_campaign_pays_where_few_ask() -> None:
    """Of a million people lists cost more than the minimum of a campaign."""
    words = " ".join(QUESTIONS["batch-or-campaign"](world(1_000_000)).words)

    assert "first generation: a campaign is cheaper below" in words


@pytest.mark.parametrize("people", [1_000, 300_000, 10_000_000])
def test_a_campaign_that_is_asked_costs_at_least_an_idle_one(people: int) -> None:
    answer = QUESTIONS["batch-or-campaign"](world(people))

    for generation in ("first", "second"):
        asked, idle = (
            answer.series[f"{name} ({generation} generation)"] for name in ("campaign", "idle campaign")
        )
        assert all(one[1] >= other[1] for one, other in zip(asked, idle, strict=True))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_says_which_volumes_and_prices_it_rests_on(name: str) -> None:
    volumes, *prices = QUESTIONS[name](world()).rests_on

    assert "people 100000 (assumed)" in volumes and "changed_days 5 (assumed)" in volumes
    assert any("assumed: " in one for one in prices)
    assert all(one.startswith("price per ") for one in prices)


def test_an_answer_says_that_a_price_is_older_than_12_months() -> None:
    assert any("key, month: assumed: " in one and "older than 12 months" in one for one in regions_rest_on())


def regions_rest_on() -> tuple[str, ...]:
    return QUESTIONS["regions"](world()).rests_on


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_command_answers_in_80_columns_with_a_plot(
    name: str,
    assembly: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What a synth of it says, made once for all tests.
    monkeypatch.setattr("costs.ask_command.fixed_alone", lambda stage: alone())
    page = tmp_path / "answer.html"

    assert main(["ask", name, "--assembly", str(assembly), "--html", str(page)], TODAY) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
    assert "<polyline" in page.read_text(encoding="utf-8")


def test_the_upkeep_is_set_against_what_all_use_cases_cost() -> None:
    """Priced here one by one: no line of Amazon Personalize leaves its first tier at this size."""
    answer = QUESTIONS["personalize-or-own"](world(100_000))
    bill, own, kept = (dict(points)[100_000.0] for points in answer.series.values())
    each = [
        [line for line in use_case_lines(setting(use_case=one, people=100_000)) if line.group in MODEL]
        for one in with_personalize(USE_CASES)
    ]

    assert len(each) == 4
    assert bill == pytest.approx(sum(priced(lines, catalogue(), TODAY).usd for lines in each))
    assert kept == pytest.approx(own + 350)
    assert list(answer.series) == [
        "Personalize (4 use cases)",
        "own (4 use cases)",
        "own (4 use cases, 350 of upkeep)",
    ]
    assert any(turn.then.endswith("350 of upkeep)") for turn in answer.turns)


def test_a_second_region_costs_what_the_estimates_of_both_forms_of_the_stage_differ_by() -> None:
    """Notifications, and what watches the other region from the first one, among it."""
    points = QUESTIONS["regions"](world(100_000)).series
    two, one = (dict(points[name])[100_000.0] for name in ("2 regions", "one region"))
    lines = [
        stage_lines(stage, USE_CASES, NOTIFICATIONS, Volumes(people=100_000), counted)
        for stage, counted in ((PROD, fixed_of(PROD, stacks())), (replace(PROD, replica_regions=()), alone()))
    ]
    usd = [priced(some, catalogue(), TODAY).usd for some in lines]

    more = [
        found(lines[0], item) - found(lines[1], item)
        for item in (Item.REPLICATED_WRITE_UNIT, Item.ALARM_METRIC)
    ]

    assert two == pytest.approx(usd[0])
    assert one == pytest.approx(usd[1])
    assert more[0] >= 100_000 * 8 * 4 and more[1] > 0


def found(lines: Sequence[Line], item: Item) -> float:
    """In the first region."""
    return sum(line.quantity for line in lines if line.item is item and line.where.region == PROD.region)


def test_a_stage_of_one_region_is_not_asked_what_the_second_one_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ask", "regions", "--stage", "dev"], TODAY)
    assert "dev has one region only, eu-west-1: ask of one that has more (prod)" in capsys.readouterr().err


def test_the_answer_is_also_json(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "batch-or-campaign", "--assembly", str(assembly), "--json", "-"], TODAY) == 0

    content = json.loads(capsys.readouterr().out)
    assert content["turns"] and content["series"]
