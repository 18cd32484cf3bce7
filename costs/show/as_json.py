"""An estimate as JSON, nothing of it left out."""

from __future__ import annotations

from typing import Any

from costs.estimating.estimate import Estimate, Priced


def as_json(estimate: Estimate) -> dict[str, Any]:
    """usd: a month, not rounded. quantity: of `unit`, a month."""
    return {
        "usd": estimate.usd,
        "date": estimate.today.isoformat(),
        "lines": [line_json(one) for one in estimate.lines],
        "warnings": list(estimate.warnings),
    }


def line_json(one: Priced) -> dict[str, Any]:
    line, price = one.line, one.price
    return {
        "stage": line.where.stage,
        "region": line.where.region,
        "useCase": line.where.use_case or None,
        "variant": line.where.variant or None,
        "group": line.group.value,
        "what": line.what,
        "item": line.item.value,
        "unit": line.item.unit,
        "quantity": line.quantity,
        "usd": one.usd,
        "grade": price.grade.value,
        "price": {
            "usd": price.usd,
            "source": price.source,
            "asOf": price.as_of.isoformat(),
            "why": price.why or None,
        },
        "cause": line.cause,
        "notes": list(line.notes),
    }
