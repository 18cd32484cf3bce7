"""What a stored model is asked, and what it answers; the functions that have none need nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline.serving.campaigns import Scored
from pipeline.serving.settings import OwnRealtime


class LiveFailed(Exception):
    """No answer in the budget (`timeout`), or an error; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """subject: a user; of_items: an item. events: ids that the user has touched just now, oldest first.
    generation: that readers see; None if nobody knows.
    """

    use_case: str
    subject: str
    of_items: bool
    count: int
    events: tuple[str, ...] = ()
    generation: str | None = None


@dataclass(frozen=True)
class LiveAnswer:
    """No items: the model knows nothing of the subject. generation: that the model was trained for."""

    items: tuple[Scored, ...]
    generation: str


class Live(Protocol):
    def recommend(self, realtime: OwnRealtime, question: Question) -> LiveAnswer:
        """Raises: LiveFailed."""
