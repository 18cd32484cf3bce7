"""What a change costs, by `costs.delta`, as the report shows it."""

from datetime import date

from costs.delta import delta
from costs.prices.catalogue import BadPrices
from costs.prices.price import UnknownPrice
from review.reading.assemblies import Estate
from review.report.building import CostDelta


def costs(before: Estate, after: Estate, *, today: date) -> list[CostDelta]:
    """By what causes them, the largest first. Without a price that is known all is unknown."""
    try:
        changes = delta(before.values(), after.values(), today=today)
    except (UnknownPrice, BadPrices) as problem:
        return [_unknown("prices", str(problem))]
    except Exception as problem:  # a template may say anything, and the rest of the review has to be said
        words = f"{type(problem).__name__}: {problem}"
        return [_unknown("the estimate", f"it could not be made of these templates: {words}")]
    return [
        CostDelta(
            cause=change.cause,
            stage=change.stage,
            region=change.region,
            monthly_usd=change.usd,
            doubts=change.doubts,
            notes=change.notes,
        )
        for change in changes
    ]


def _unknown(cause: str, why: str) -> CostDelta:
    return CostDelta(cause=cause, stage="all", region="", monthly_usd=None, notes=(why,))
