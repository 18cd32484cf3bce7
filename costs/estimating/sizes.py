"""Sums over numbers of people, for plots and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from config.derived.recipes import recommends_for_items
from config.notifications import NOTIFICATIONS
from config.schema import StageConfig, UseCase
from config.use_cases import USE_CASES
from costs.estimating.estimate import Estimate, priced, stage_lines
from costs.estimating.templates import Refused
from costs.estimating.what_if import with_campaigns, with_own, with_personalize
from costs.prices.catalogue import catalogue
from costs.usage.line import Line
from costs.usage.volumes import Volumes

PEOPLE = tuple(round(10 ** (3 + step / 4)) for step in range(17))
"""From a thousand to ten million."""


def variants_of(stage: str) -> Mapping[str, tuple[UseCase, ...]]:
    """The three that are compared: all use cases of a stage by each of them."""
    return {
        "Personalize, batch": with_personalize(USE_CASES),
        "Personalize, real time": with_campaigns(USE_CASES, stage),
        "own": with_own(USE_CASES),
    }


def of_stage(
    stage: StageConfig,
    use_cases: Sequence[UseCase],
    volumes: Volumes,
    today: date,
    counted: Sequence[Line] = (),
) -> Estimate:
    """Raises: UnknownPrice, BadPrices."""
    return priced(stage_lines(stage, use_cases, NOTIFICATIONS, volumes, counted), catalogue(), today)


def by_variant(
    stage: StageConfig, volumes: Volumes, today: date, counted: Sequence[Line] = ()
) -> dict[str, list[tuple[float, float]]]:
    """(people, US dollars a month) by variant, and as configured; other volumes stay per person.

    Raises: UnknownPrice, BadPrices.
    """
    every = {"as configured": tuple(USE_CASES), **variants_of(stage.name)}
    return {
        name: [
            (float(people), of_stage(stage, use_cases, replace(volumes, people=people), today, counted).usd)
            for people in PEOPLE
        ]
        for name, use_cases in every.items()
    }


def lists_for_people() -> UseCase:
    """The first use case whose items are recommended to people. Raises: Refused, if there is none."""
    for case in USE_CASES:
        if not recommends_for_items(case):
            return case
    raise Refused("no use case recommends anything to people, which the question is about")
