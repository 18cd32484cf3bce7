"""What a run with Amazon Personalize costs by its rows: estimated before it imports, refused if too much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import keys
from pipeline.errors import RunTooDear
from pipeline.storage import Bucket

GUESSED_HOURS = ((13_000, 3.0), (100_000, 10.0), (1_000_000, 20.0))
"""People and training hours of one training of the first generation: guesses of a published calculation."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """US dollars. limit_usd: of one run. interactions_usd: of 1,000 interactions trained on. hour_usd: of a
    training hour, of recipes that are paid by them. lists_usd: of 1,000 people, or items, of the batch.
    for_items: the lists belong to items.
    """

    limit_usd: float
    interactions_usd: float
    hour_usd: float
    lists_usd: float
    for_items: bool = False


@dataclass(frozen=True)
class Cost:
    """usd: of a run. words: what it is made of."""

    usd: float
    words: str


def estimated(budget: Budget, datasets: Sequence[Mapping[str, Any]], audience: float | None) -> Cost:
    """datasets: as extract_dataset answers them. audience: how many get a list; None: everybody known."""
    people, items, interactions = sizes(datasets)
    lists = items if budget.for_items else people if audience is None else min(audience, people)
    hours = guessed_hours(people) if budget.hour_usd else None
    return cost(budget, interactions=interactions, lists=lists, hours=hours)


def cost(budget: Budget, *, interactions: float, lists: float, hours: float | None) -> Cost:
    """hours: of the training, where it is paid by them; None: nobody knows them, and nothing is counted."""
    trained, made = interactions / 1000 * budget.interactions_usd, lists / 1000 * budget.lists_usd
    parts = [f"{interactions:,.0f} interactions {trained:,.2f}"] if budget.interactions_usd else []
    if budget.hour_usd and hours is not None:
        trained += hours * budget.hour_usd
        parts.append(f"{hours:,.3g} training hours {hours * budget.hour_usd:,.2f}")
    parts.append(f"{lists:,.0f} lists {made:,.2f}")
    return Cost(trained + made, ", ".join(parts))


def require(
    bucket: Bucket, budget: Budget, datasets: Sequence[Mapping[str, Any]], *, use_case: str, variant: str
) -> Cost:
    """What the run will cost, about. Where a run was published, as many of the people get a list as then.

    Raises: RunTooDear, with figures, if that is more than its limit.
    """
    last: Mapping[str, Any] = bucket.read_json(keys.last_good(use_case, variant), newest=True) or {}
    found = estimated(budget, datasets, _audience(last, datasets))
    if found.usd > budget.limit_usd:
        raise RunTooDear(
            f"this run would cost about {found.usd:,.2f} US dollars ({found.words}), and the limit of "
            f"{use_case} is {budget.limit_usd:,.2f} a run: see why the data has grown, or raise run_limit or "
            "monthly_limit of the use case"
        )
    return found


def sizes(datasets: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """People, items and interactions."""
    rows = {str(one["dataset"]): one for one in datasets}
    events = rows.get("interactions", {})
    people, items = (
        max(int(events.get(name) or 0), int(rows.get(name, {}).get("rows") or 0))
        for name in ("users", "items")
    )
    return people, items, int(events.get("rows") or 0)


def guessed_hours(people: float) -> float:
    """Straight lines between the published guesses over the logarithm of people, and beyond them as steep; at
    least a quarter of an hour.
    """
    points = [(math.log10(number), hours) for number, hours in GUESSED_HOURS]
    at = math.log10(max(people, 1))
    (x0, y0), (x1, y1) = points[0], points[1]
    if at > x1:
        (x0, y0), (x1, y1) = points[1], points[2]
    return max(0.25, y0 + (at - x0) * (y1 - y0) / (x1 - x0))


def _audience(last: Mapping[str, Any], datasets: Sequence[Mapping[str, Any]]) -> float | None:
    """By the share of the last good run."""
    before, _, _ = sizes(last.get("datasets") or ())
    if not before or not last.get("audience"):
        return None
    people, _, _ = sizes(datasets)
    return float(last["audience"]) / before * people
