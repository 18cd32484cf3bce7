"""Events of the local services themselves, on the default bus of their account and region."""

import json
from typing import Any

from moto.events.models import events_backends


def emit(
    *, account: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]
) -> None:
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": resources,
    }
    events_backends[account][region].put_events([entry])
