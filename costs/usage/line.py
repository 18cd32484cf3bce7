"""One line of an estimate before it has a price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from costs.prices.items import Item


class Group(StrEnum):
    """What a line is for. The first three are what the published calculation has."""

    IMPORT = "import"
    TRAINING = "training"
    LISTS = "lists"
    RUNS = "runs"
    """Functions and transitions of a run besides."""
    LOADING = "loading"
    STORAGE = "storage"
    SERVING = "serving"
    EVENTS = "events"
    NOTIFICATIONS = "notifications"
    REPLICA = "replica"
    """What a replica adds to loading."""
    FIXED = "fixed"
    """Whatever the volumes are: counted from the templates."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Whose line it is; what it does not belong to is empty. account: whose tiers it shares."""

    stage: str
    account: str
    region: str
    use_case: str = ""
    variant: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """quantity: of the item's unit, a month. cause: the line of configuration that it comes from. notes: what
    is assumed of the quantity.
    """

    where: Where
    group: Group
    what: str
    item: Item
    quantity: float
    cause: str
    notes: tuple[str, ...] = ()


def lines_of(
    amounts: Iterable[tuple[Item, float, str]],
    *,
    where: Where,
    group: Group,
    cause: str,
    notes: tuple[str, ...] = (),
) -> Iterator[Line]:
    """A line for each item with a quantity and what it is for, of one place, purpose and cause."""
    for item, quantity, what in amounts:
        yield Line(
            where=where, group=group, what=what, item=item, quantity=quantity, cause=cause, notes=notes
        )
