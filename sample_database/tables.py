"""What a source of sample data is: tables in loading order, each a stream of batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np

from trial_data.arrays import Ints

Record: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Events:
    """Who did what to what and when, in parallel arrays; times in epoch seconds, kinds by number."""

    subjects: Ints
    objects: Ints
    times: Ints
    kinds: Ints | None = None

    def __len__(self) -> int:
        return len(self.subjects)

    def by_time(self) -> "Events":
        order = np.lexsort((self.objects, self.subjects, self.times))
        kinds = None if self.kinds is None else self.kinds[order]
        return Events(self.subjects[order], self.objects[order], self.times[order], kinds)


@dataclass(frozen=True)
class EntityTable:
    """Users, programs, posts: records in the order of `columns`. Each call of `batches` starts afresh."""

    name: str
    columns: tuple[str, ...]
    batches: Callable[[], Iterator[list[Record]]]


@dataclass(frozen=True)
class EventTable:
    """Two references, an event type if `kinds` has any, and a time."""

    name: str
    columns: tuple[str, ...]
    batches: Callable[[], Iterator[Events]]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Community:
    """A whole database's content; `description` says in one line what is real in it and what is generated."""

    description: str
    tables: tuple[EntityTable | EventTable, ...]


USER_COLUMNS = ("id", "name", "age", "gender", "country", "strength_category", "created_at")
CONTACT_COLUMNS = (
    "user_id",
    "email",
    "language",
    "in_app_consent",
    "push_consent",
    "email_consent",
    "quiet",
)
PROGRAM_COLUMNS = ("id", "title", "level", "category", "equipment", "published_at")
POST_COLUMNS = ("id", "title", "topics", "published_at")
FOLLOW_COLUMNS = ("follower_id", "followed_id", "followed_at")
PROFILE_VIEW_COLUMNS = ("viewer_id", "viewed_id", "viewed_at")
PROGRAM_EVENT_COLUMNS = ("user_id", "program_id", "event_type", "occurred_at")
POST_EVENT_COLUMNS = ("user_id", "post_id", "event_type", "occurred_at")

PROGRAM_EVENT_KINDS = ("view", "join", "complete")
POST_EVENT_KINDS = ("view", "like", "comment")


def moment(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(int(epoch_seconds), UTC)
