"""The state of an alarm by its data points.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import ge, gt, le, lt

_MORE = 2
"""data points beyond the evaluation periods, as in the documentation's examples; else it is not documented"""


class State(Enum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(Enum):
    """How data points that are not there are treated."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": ge,
    "GreaterThanThreshold": gt,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """So many data points of so many periods: `alarming` of `periods`."""

    periods: int
    alarming: int
    missing: Missing = Missing.MISSING

    @property
    def range(self) -> int:
        """How many periods are looked at, in case some have no data."""
        return self.periods + _MORE


def state_of(rule: Rule, points: Sequence[bool | None], now: State) -> State:
    """points: whether each breaches the threshold, the newest last; None where there is no data.

    now: the state until then. Real data points count before any that is missing. Where missing ones are
    treated as missing, an alarm goes off if the only data points breach and the oldest is old enough.
    """
    real = [point for point in points if point is not None]
    breaching = sum(real[-rule.periods :])
    if len(real) >= rule.periods:
        return _alarm(breaching >= rule.alarming)
    lacking = rule.periods - len(real)
    match rule.missing:
        case Missing.BREACHING:
            return _alarm(breaching + lacking >= rule.alarming)
        case Missing.NOT_BREACHING:
            return _alarm(breaching >= rule.alarming)
    if breaching >= rule.alarming:
        return State.ALARM
    if not all(real):
        return State.OK
    if rule.missing is Missing.IGNORE:
        return now
    if not real:
        return State.INSUFFICIENT_DATA
    oldest = len(points) - points.index(True)
    return State.ALARM if oldest >= rule.alarming else now


def _alarm(is_alarm: bool) -> State:
    return State.ALARM if is_alarm else State.OK
