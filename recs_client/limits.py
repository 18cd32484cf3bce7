"""Regions that have too many requests: 429, and when they are to be asked again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

TOO_MANY = 429
_UNSAID_SECONDS = 1.0
"""API Gateway limits requests by the second, and is not known to say when to come again."""


def retry_seconds(header: str | None) -> float:
    """header: Retry-After (RFC 9110, 10.2.3), seconds or a date; what is neither counts as absent."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return _UNSAID_SECONDS
