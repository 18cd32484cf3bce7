"""Differences of two arms that were seen in the same hours: what both share in an hour does not count."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.statistics.ratio import Estimate

Hour = tuple[float, float, float, float]
LEAST_HOURS = 24


def difference(hours: Sequence[Hour]) -> Estimate | None:
    """hours: (x, y) of the control, then of the treatment. Treatment's x per y less the control's, with an
    hour as the unit (delta method, of paired clusters). None: too few hours, or nothing to divide by.
    """
    n = len(hours)
    x0, y0, x1, y1 = (sum(hour[place] for hour in hours) for place in range(4))
    if n < LEAST_HOURS or y0 <= 0 or y1 <= 0:
        return None
    r0, r1 = x0 / y0, x1 / y1
    squares = sum(
        ((hour[2] - r1 * hour[3]) * n / y1 - (hour[0] - r0 * hour[1]) * n / y0) ** 2 for hour in hours
    )
    return Estimate(r1 - r0, squares / (n - 1) / n)
