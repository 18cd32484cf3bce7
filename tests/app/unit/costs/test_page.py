"""docs/costs.md is what `python -m costs page` makes, and what it claims is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from costs.page_command import SIZES, alike, text
from costs.questions.published import EXAMPLES
from tests.app.support.assemblies import stacks
from tests.app.unit.costs.estimates import alone

PAGE = Path(__file__).parents[4] / "docs" / "costs.md"
BILLS = [sum(example.batch.values()) for example in EXAMPLES]


@pytest.fixture(scope="module")
def shares() -> dict[str, list[float]]:
    """Of the published bill, by what is done otherwise."""
    return {
        name: [usd / bill for usd, bill in zip(sums, BILLS, strict=True)] for name, sums in alike().items()
    }


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(stacks(), alone()), "python -m costs page > docs/costs.md"


def test_the_sizes_are_those_of_the_published_calculation() -> None:
    assert SIZES == (13_000, 100_000, 1_000_000)


@pytest.mark.parametrize("name", ["own, daily, everybody", "own, when changed, active people"])
def test_the_own_variant_costs_at_most_a_fifth_of_the_published_bill(
    name: str, shares: dict[str, list[float]]
) -> None:
    assert max(shares[name]) <= 1 / 5


def test_personalize_trained_when_changed_for_active_people_costs_at_most_60_percent(
    shares: dict[str, list[float]],
) -> None:
    assert max(shares["first generation, when changed, active people"]) <= 0.6


def test_the_second_generation_does_not_at_100_000_people_as_the_page_says(
    shares: dict[str, list[float]],
) -> None:
    second = shares["second generation, when changed, active people"]

    assert second[0] <= 0.6 < second[1] < second[2]
    own_bill = shares["second generation, daily, everybody"]
    assert all(0.3 <= part / whole <= 0.37 for part, whole in zip(second, own_bill, strict=True))
