"""What is stored and what is answered for a person, or an item that others are like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.schema import UseCase
from pipeline.generations import Generations
from pipeline.serving.asked import Asked
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.found import Found
from pipeline.serving.memory import Memory
from pipeline.serving.settings import Endpoint
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting

_LIST = "list"
_MOST = 500


@dataclass(frozen=True)
class Stored:
    """served: what readers see of the variant. items: best first; None: the person has no list in it."""

    variant: str
    generation: str
    served: bool
    items: tuple[str, ...] | None


def stored(table: Table, case: UseCase, subject: str) -> list[Stored]:
    """Of all variants and generations that there are, the served one of a variant first, then the newest.

    Raises: TableFailed, ClientError.
    """
    return [
        Stored(
            variant.name,
            generation,
            generation == served,
            table.own_list(case.name, subject, variant.name, generation),
        )
        for variant in case.variants
        for served, generation in _generations(table, case.name, variant.name)
    ]


def _generations(table: Table, use_case: str, variant: str) -> list[tuple[str | None, str]]:
    generations = Generations(table.client, table.name, use_case, variant, table.clock)
    pointer = generations.pointer()
    served = pointer.generation if pointer else None
    names = sorted((each.name for each in generations.existing()), reverse=True)
    return [(served, name) for name in sorted(names, key=lambda name: name != served)]


def answered(table: Table, case: UseCase, subject: str) -> Found:
    """What the serving API would answer of what is stored; models in real time are not asked.

    Raises: Gone, TableFailed.
    """
    first, *others = (variant.name for variant in case.variants)
    kind = case.endpoint.kind.value if case.endpoint else _LIST
    endpoint = Endpoint(
        use_case=case.name,
        path=case.endpoint.path if case.endpoint else case.name,
        kind=kind,
        variant=first,
        others=tuple(others),
        longest=case.recommendations,
        people=case.own_items.includes_user,
    )
    sources = Sources(table, Memory(table, pointer_seconds=0), Campaigns(_nobody, Waiting()))
    return sources.find(endpoint, Asked(subject, subject), count=_MOST)


def _nobody(_realtime: object) -> Any:
    raise AssertionError("no endpoint here has a campaign")


def reading(client: Any, name: str, clock: Callable[[], float]) -> Table:
    return Table(client, name, Waiting(), clock)
