"""Percentiles of CloudWatch's metrics, for which moto answers nothing."""

import math
import re
from typing import Any

from moto.cloudwatch.models import Statistics

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_others = Statistics.get_statistics_for_type


def statistic(of: Any, name: str) -> Any:
    """By the nearest rank; CloudWatch does not say by which method. None: sums that were put have none."""
    percentile = _PERCENTILE.fullmatch(name)
    if percentile is None:
        return _others(of, name)
    values = sorted(of.metric_single_values_list)
    return values[max(math.ceil(float(percentile[1]) / 100 * len(values)) - 1, 0)] if values else None


def install() -> None:
    setattr(Statistics, "get_statistics_for_type", statistic)  # noqa: B010
