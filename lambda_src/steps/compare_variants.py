"""Step: two variants' lists held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np

from pipeline.comparison.compare import compare_variants
from pipeline.comparison.request import Comparing
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


class Result(TypedDict):
    """compared: of each pair its variants, what blocks a ramp of the second one, and a summary in words."""

    compared: list[dict[str, Any]]


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    comparing = read_request(Comparing, event)
    telemetry.begin(comparing.use_case, comparing.run)
    found = compare_variants(data_bucket(), comparing, np.random.default_rng(0))
    result: Result = {
        "compared": [
            {
                "a": one["a"],
                "b": one["b"],
                "blocks": [block["measure"] for block in one["blocks"]],
                "summary": one["summary"],
            }
            for one in found
        ]
    }
    telemetry.logger.info("variants compared", extra=result)
    for one in found:
        pair = {"use_case": comparing.use_case, "variants": f"{one['a']}-{one['b']}"}
        telemetry.tell(pair, _figures(one), unit=telemetry.NONE)
    return result


def _figures(comparison: Mapping[str, Any]) -> dict[str, float]:
    """By the names of metrics; those that were not measured are left out."""
    everybody = comparison["segments"]["everybody"]
    figures = {
        "VariantsOverlap10": everybody["agreement"]["overlap@10"],
        "VariantsRankBiasedOverlap": everybody["agreement"]["rbo"],
        "VariantsKendall": everybody["agreement"]["kendall"],
        "RampBlocks": float(len(comparison["blocks"])),
        "NextDayHitRateDifference": _gain(comparison["after"]),
    }
    for measure, name in _BY_LETTER.items():
        figures |= {f"{name}{letter.upper()}": everybody[letter][measure] for letter in ("a", "b")}
    return {name: value for name, value in figures.items() if value is not None}


_BY_LETTER = {
    "short": "ShortLists",
    "empty": "EmptyLists",
    "leaked": "OwnItemsLeaked",
    "personalisation@10": "Personalisation10",
    "coverage@10": "Coverage10",
}


def _gain(after: Mapping[str, Any]) -> float | None:
    outcomes = after.get("organic", {}).get("everybody", {})
    measured = outcomes.get("metrics", {}).get("hit_rate@10")
    return float(measured["difference"]["mean"]) if measured else None
