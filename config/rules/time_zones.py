"""The time zones that there are."""

import zoneinfo
from functools import cache


@cache
def time_zones() -> frozenset[str]:
    """By the database of IANA; listing them reads hundreds of files."""
    return frozenset(zoneinfo.available_timezones())
