"""What the engine can train: a configuration is checked where no engine is installed."""

import json
from pathlib import Path

ALGORITHMS = (
    "hybrid",
    "popularity",
    "demographic",
    "content",
    "svd",
    "item-neighbours",
    "user-neighbours",
    "transitions",
    "ials",
    "ease",
)
KIND = "kind"
"""The member of a configuration file that names its algorithm."""


def compact(configuration: Path) -> str:
    """The file's JSON on one line, as it travels in a state machine's definition."""
    return json.dumps(json.loads(configuration.read_text(encoding="utf-8")), separators=(",", ":"))
