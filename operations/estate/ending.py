"""Deletions, which Amazon Personalize only begins when it is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from operations.estate.kinds import Kind
from operations.estate.listing import described

Say = Callable[[str], None]


@dataclass(frozen=True)
class Waiting:
    """pause: seconds between two looks. patience: looks until one gives up."""

    sleep: Callable[[float], None]
    say: Say
    pause: float
    patience: int


def await_gone(personalize: Any, kind: Kind, arns: Sequence[str], waiting: Waiting) -> list[str]:
    """Those that are still there after all looks; says how many are left as their number falls."""
    left, said = list(arns), len(arns)
    for look in range(waiting.patience):
        left = [arn for arn in left if described(personalize, kind, arn) is not None]
        if not left:
            return []
        if look == 0 or len(left) < said:
            said = len(left)
            waiting.say(f"  waits for {said:,} of kind {kind.words} to go")
        waiting.sleep(waiting.pause)
    return left
