"""Times as AWS writes them."""

from datetime import UTC, datetime


def iso_text(moment: datetime) -> str:
    """2026-11-21T19:50:12.345Z: UTC with milliseconds, as Step Functions writes times."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
