"""What a server in a storm acknowledged, and what was found of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Ledger:
    """What was acknowledged. Written by the threads of the load, each in dictionaries of its own."""

    resources: dict[str, tuple[str, str, Mapping[str, Any]]] = field(default_factory=dict)
    """by ARN: the Describe operation, its member, what it has to say"""
    deleted: dict[str, tuple[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    events: dict[int, tuple[str, str]] = field(default_factory=dict)
    """by timestamp: user and item"""
    batches: list[list[int]] = field(default_factory=list)
    """timestamps of the events of requests without an answer: all of them count, or none"""
    of_user: dict[str, list[tuple[int, str, float]]] = field(default_factory=lambda: defaultdict(list))
    """timestamp, item, when acknowledged"""
    put: dict[str, dict[str, tuple[int | None, int | None]]] = field(
        default_factory=lambda: {"Users": {}, "Items": {}}
    )
    """by dataset type and id: the newest acknowledged value, and one that was sent after it"""
    jobs: dict[str, tuple[str, str]] = field(default_factory=dict)
    """by ARN: the Describe operation and its member"""
    stopped: set[str] = field(default_factory=set)
    """ARNs of trainings that were, or may have been, asked to stop"""
    outputs: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """by ARN of the batch inference job: its output and the number of lines"""


@dataclass
class Findings:
    acknowledged: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    """seconds from start to the first answer"""
