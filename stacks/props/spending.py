"""From a use case's limits and the prices of the region to what its runs may cost."""

from collections.abc import Mapping

from config.derived.recipes import recommends_for_items
from config.schema import StageConfig, UseCase
from config.types.schedule_expressions import firings_per_day
from costs.prices.catalogue import catalogue
from costs.prices.items import Item, listed_by, second_generation

_DAYS = 365.25 / 12


def budget_of(stage: StageConfig, use_case: UseCase) -> Mapping[str, float | bool] | None:
    """As `pipeline.deciding.spending.Budget`, in camel case; None, where nothing is limited.

    Raises: UnknownPrice, if nobody knows what Amazon Personalize costs there; BadPrices.
    """
    variant, limit = use_case.personalize, limit_of(stage, use_case)
    if variant is None or limit is None:
        return None
    prices = catalogue()

    def usd(item: Item) -> float:
        return prices.price(item, stage.region).usd

    second = second_generation(variant.recipe)
    return {
        "limitUsd": round(limit, 4),
        "interactionsUsd": usd(Item.TRAINING_INTERACTIONS) if second else 0.0,
        "hourUsd": 0.0 if second else usd(Item.TRAINING_HOUR),
        "listsUsd": usd(listed_by(variant.recipe)),
        "forItems": recommends_for_items(use_case),
    }


def limit_of(stage: StageConfig, use_case: UseCase) -> float | None:
    """Of one run, in US dollars; the month's is shared by the runs that the schedule begins."""
    limits = [] if use_case.run_limit is None else [use_case.run_limit]
    if use_case.monthly_limit is not None:
        runs = firings_per_day(stage.schedule.expression) * _DAYS
        limits.append(use_case.monthly_limit / max(1.0, runs))
    return min(limits, default=None)
