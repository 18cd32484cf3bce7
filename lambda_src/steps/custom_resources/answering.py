"""Answers CloudFormation on behalf of a custom resource, whatever happens."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from steps.telemetry import logger

_ATTEMPTS = 5
_SECONDS = 10
_REASON_CHARACTERS = 1000


def answered(
    event: dict[str, Any],
    physical_id: str,
    act: Callable[[], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Acts, then puts SUCCESS, or FAILED with the reason, to the event's ResponseURL; answers what it put."""
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        act()
    except Exception as error:
        logger.exception("custom resource failed")
        answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:_REASON_CHARACTERS]}
    _put(event["ResponseURL"], json.dumps(answer).encode(), sleep)
    return answer


def _put(url: str, body: bytes, sleep: Callable[[float], None]) -> None:
    # The signature of the URL covers an empty content type.
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS):
                return
        except OSError:
            if attempt == _ATTEMPTS:
                raise
            sleep(2.0**attempt)
