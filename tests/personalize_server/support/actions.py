"""Actions of the next best action: schemas of their datasets, and what users did with them."""

import json
import random
from typing import Any

_LONG = {"type": ["null", "long"]}
COLUMNS: dict[str, list[dict[str, Any]]] = {
    "Actions": [
        {"name": "ACTION_ID", "type": "string"},
        {"name": "VALUE", "type": ["null", "float"]},
        {"name": "EXPIRATION_TIMESTAMP", **_LONG},
        {"name": "REPEAT_FREQUENCY", **_LONG},
        {"name": "TYPE", "type": ["null", "string"], "categorical": True},
    ],
    "Action_Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ACTION_ID", "type": "string"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
}
REQUIRED: dict[str, list[dict[str, Any]]] = {
    "Actions": [{"name": "ACTION_ID", "type": "string"}],
    "Action_Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ACTION_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
    ],
}
USERS = 400
NOW = 1_760_000_000


def action_schema(dataset_type: str, columns: dict[str, list[dict[str, Any]]] = COLUMNS) -> str:
    name = dataset_type.replace("_", "")
    return json.dumps(
        {"type": "record", "name": name, "namespace": "n", "fields": columns[dataset_type], "version": "1.0"}
    )


def action_interactions() -> str:
    """Users of odd numbers take what is `low`, the others what is `high`, both now and then what is `any`."""
    rng = random.Random(3)
    rows = ["USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP"]
    for user in range(USERS):
        for action in ("low", "high", "any"):
            chance = 0.5 if action == "any" else 0.9 if (action == "low") == bool(user % 2) else 0.1
            seen = NOW - rng.randrange(30 * 86400)
            rows.append(f"u{user},{action},VIEWED,{seen}")
            verdict = "TAKEN" if rng.random() < chance else "NOT_TAKEN"
            rows.append(f"u{user},{action},{verdict},{seen + 600}")
    return "\n".join(rows) + "\n"
