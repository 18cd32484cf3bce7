"""What the local cloud's demo and drill know of a business."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Say: TypeAlias = Callable[[str], None]
Loader: TypeAlias = Callable[[str, Say], str]
"""Fills the database of a DSN, in place of what it filled it with before; gives a line about the data.

Raises: NoData, if the data is not to be had, or the database was left as it was.
"""


class NoData(Exception):
    """Data could not be loaded; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Stands in `config/demo.py` as DEMO.

    sources: ways to fill the database, by the name that `demo --data` takes; the first one is taken if none
    is named. few: the same with few people, for `drill`. The rest are queries whose ids are those of the use
    cases, as text. people: `id`, `name`, `about`. tastes: `id` of a person, `topic`, `likes` (how often they
    liked something of it). labels: by use case, what its items are called: `id`, `label`.
    page: a folder with an `index.html`, which the local cloud serves with the client for browsers beside it.
    """

    sources: Mapping[str, Loader]
    few: Loader
    people: str
    tastes: str
    labels: Mapping[str, str] = field(default_factory=dict)
    page: Path | None = None
