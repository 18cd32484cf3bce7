"""Which moments of events and of items can be meant; the service documents epoch seconds and no bounds."""

EARLIEST = 631_152_000
"""1990-01-01T00:00:00Z, epoch seconds"""
_DAY = 86_400


def latest(now: float) -> int:
    """A day from now, as clocks differ."""
    return int(now) + _DAY


def are_milliseconds(moment: float, now: float) -> bool:
    """No moment in seconds, but one in milliseconds."""
    return moment > latest(now) and EARLIEST <= moment // 1000 <= latest(now)
