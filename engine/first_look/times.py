"""Times as people write them, as seconds since 1970."""

import math
from datetime import UTC, date, datetime, time

from engine.data.numerals import DAY, EARLIEST

_UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}


def seconds_of(value: object, now: float) -> tuple[float, str] | None:
    """The seconds and how the time was written; None: it is no time.

    Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970, whichever makes a time from
    1990 to the day after `now`: in no two units can one be. Texts are ISO 8601; without a zone they are UTC.
    """
    found = _read(value)
    if found is None:
        return None
    units = _UNITS if found[1] == "numbers" else {found[1]: 1.0}
    for unit, each in units.items():
        if EARLIEST <= found[0] / each <= now + DAY:
            return found[0] / each, unit
    return None


def _read(value: object) -> tuple[float, str] | None:
    """A number or a moment, and which of them; None: neither."""
    if isinstance(value, datetime):
        return _of(value), "dates"
    if isinstance(value, date):
        return _of(datetime.combine(value, time())), "dates"
    text = str(value).strip()
    try:
        return (number, "numbers") if math.isfinite(number := float(text)) else None
    except ValueError:
        pass
    try:
        return _of(datetime.fromisoformat(text)), "dates"
    except (ValueError, OverflowError):
        return None


def _of(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
