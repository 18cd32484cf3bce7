"""A published calculation follows to the cent; what is wrong with it is listed, with figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.command import main
from costs.questions import break_even, published
from costs.questions.break_even import AFTER, BEFORE, ONCE, Range
from tests.app.unit.costs.estimates import TODAY

# As published, by people: import, training, lists, all three; campaign, all with it in place of lists.
PUBLISHED = {
    13_000: (0.0075, 21.60, 26.13, 47.74, 144.00, 165.61),
    100_000: (0.15, 72.00, 201.00, 273.15, 144.00, 216.15),
    1_000_000: (3.00, 144.00, 2_010.00, 2_157.00, 720.00, 867.00),
}


@pytest.mark.parametrize("example", published.EXAMPLES, ids=lambda one: f"{one.people:,}")
def test_the_published_figures_follow_to_the_cent(example: published.Example) -> None:
    ingested, training, lists, batch, campaign, realtime = PUBLISHED[example.people]

    assert example.batch == {
        "import": pytest.approx(ingested),
        "training": pytest.approx(training),
        "lists": pytest.approx(lists),
    }
    assert round(sum(example.batch.values()), 2) == batch
    assert example.realtime["campaign"] == pytest.approx(campaign)
    assert round(sum(example.realtime.values()), 2) == realtime


def test_nine_inconsistencies_are_listed_with_the_figures_that_follow_from_them() -> None:
    found = {one.part: one.corrected for one in published.inconsistencies()}

    assert len(published.inconsistencies()) == 9
    assert "385, 1,000, 2,000 bytes" in published.inconsistencies()[0].what
    assert found["lists"] == pytest.approx({13_000: 26.13, 100_000: 201.00, 1_000_000: 1_920.00})
    assert found["campaign"] == pytest.approx({13_000: 146, 100_000: 146, 1_000_000: 730})
    assert found["lists, second generation"] == pytest.approx(
        {13_000: 58.50, 100_000: 450.00, 1_000_000: 4_500.00}
    )


def test_a_million_people_come_to_ninety_dollars_less_through_the_tiers() -> None:
    million = published.EXAMPLES[-1]

    assert sum({**million.batch, "lists": published.tiered(million.people)}.values()) == pytest.approx(
        2_067.00
    )


@pytest.mark.parametrize(("interactions", "usd"), [(2_000_000, 120), (40_000_000, 2_400)])
def test_the_second_generation_trains_by_interactions(interactions: int, usd: float) -> None:
    assert published.second_generation_training(interactions) == pytest.approx(usd)


def test_the_published_12_to_18_months_do_not_follow_from_their_own_inputs() -> None:
    found = break_even.months(ONCE, BEFORE, AFTER)

    assert round(found.best) == 13
    assert found.middle == 46
    assert found.worst == math.inf


RANGES = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(lambda ends: Range(min(ends), max(ends)))


@given(once=RANGES, before=RANGES, after=RANGES, at=st.tuples(*[st.floats(0, 1)] * 3))
def test_no_values_within_the_ranges_pay_earlier_than_the_best_case_or_later_than_the_worst(
    once: Range, before: Range, after: Range, at: tuple[float, float, float]
) -> None:
    values = [
        one.low + share * (one.high - one.low) for one, share in zip((once, before, after), at, strict=True)
    ]
    saved = values[1] - values[2]
    found = break_even.months(once, before, after)

    if saved > 1e-3:
        months = values[0] / saved
        assert found.best <= months * (1 + 1e-6) + 1e-6
        assert months <= found.worst * (1 + 1e-6) + 1e-6


@pytest.mark.parametrize("ends", [(2.0, 1.0), (-1.0, 1.0), (0.0, math.inf)])
def test_a_range_that_is_none_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="no range of dollars"):
        Range(*ends)


def test_the_command_prints_all_six_sums_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published"], TODAY) == 0

    printed = capsys.readouterr().out
    for sums in PUBLISHED.values():
        assert f"{sums[3]:,.2f}" in printed and f"{sums[5]:,.2f}" in printed
    assert max(map(len, printed.splitlines())) <= 80
