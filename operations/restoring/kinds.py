"""The kinds of items in a stage's tables, and what becomes of one that is in the backup and missing now.

Nothing is ever deleted, and nothing that is there is replaced. Why each kind is handled so: docs/restore.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pipeline.experiments.items import CURRENT, VERSION
from pipeline.regions.epoch import ACTIVE_REGION
from pipeline.switching.marks import MARK
from pipeline.withholding.items import CHANGES_PREFIX, PREFIX
from pipeline.withholding.opt_outs import PARTITION

Item = dict[str, dict[str, Any]]


class Way(Enum):
    """How an item of a kind is put back."""

    PUT = "as it was"
    DEVICE = "with its owner, unless its endpoint is somebody else's by now"
    OWNER = "if its device is there"
    COUNTER = "with its hour, as much of it as is lost"
    CURRENT = "unless a later version is there"
    NEVER = "not"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """pk, sk: how the keys begin. whose: the user of an item, None of what is nobody's. why: it is never put
    back. mended: by which of the changes an item that is there, and less than it was, can be mended.
    """

    name: str
    pk: str
    sk: str = ""
    way: Way = Way.PUT
    why: str = ""
    mended: str = ""
    whose: Callable[[Item], str | None] = lambda _item: None


def _of_key(item: Item) -> str:
    return str(item["pk"]["S"]).partition("#")[2]


def _of_use_case(item: Item) -> str:
    """recent#<use case>#<user>, user#<use case>#<user>"""
    return _of_key(item).partition("#")[2]


def _of_sort_key(item: Item) -> str:
    return str(item["sk"]["S"])


def _of_attributes(item: Item) -> str | None:
    dataset, _, name = _of_use_case(item).partition("#")
    return name if dataset == "users" else None


def _of_owner(item: Item) -> str | None:
    return item.get("user", {}).get("S")


_MARKS = Kind(name="marks of switches", pk=MARK, way=Way.NEVER, why="they are for the minutes of a switch")
COUNTED_EVENTS = "counted events"
_DERIVED = "the next run makes them anew"
KINDS: dict[str, Sequence[Kind]] = {
    "notifications": (
        Kind(name="opt-outs", pk="user#", sk="consent#", whose=_of_key, mended="opt-out"),
        Kind(name="claims", pk="user#", sk="claim#", whose=_of_key, mended="claim"),
        Kind(name="devices", pk="user#", sk="device#", whose=_of_key, way=Way.DEVICE),
        Kind(name="inbox", pk="user#", sk="inbox#", whose=_of_key),
        Kind(name="owners of endpoints", pk="endpoint#", sk="owner", whose=_of_owner, way=Way.OWNER),
        _MARKS,
    ),
    "tracking": (
        Kind(name="counters", pk="count#", way=Way.COUNTER, mended="counter"),
        Kind(name=COUNTED_EVENTS, pk="event#", sk="claim"),
        Kind(name="recent events", pk="recent#", whose=_of_use_case),
        Kind(name="posted attributes", pk="attributes#", whose=_of_attributes),
        Kind(
            name="batches under way",
            pk="batch#",
            way=Way.NEVER,
            why="they go when they are done, and would be done twice",
        ),
        _MARKS,
    ),
    "serving": (
        # The history first: the current version is put back only if it is the newest one.
        Kind(name="versions of experiments", pk="experiment#", sk=f"{VERSION}#"),
        Kind(name="current experiments", pk="experiment#", sk=CURRENT, way=Way.CURRENT),
        Kind(name="denied items", pk=PREFIX),
        Kind(name="changes of denied items", pk=CHANGES_PREFIX),
        Kind(name="people who opted out", pk=PARTITION, whose=_of_sort_key),
        Kind(name="epochs", pk=ACTIVE_REGION),
        Kind(name="lists", pk="user#", way=Way.NEVER, why=_DERIVED, whose=_of_use_case),
        Kind(name="popular items", pk="popular#", way=Way.NEVER, why=_DERIVED),
        Kind(name="catalogues", pk="catalogue#", way=Way.NEVER, why=_DERIVED),
        Kind(name="pointers", pk="pointer#", way=Way.NEVER, why=_DERIVED),
        _MARKS,
    ),
}
"""By the last word of the table's name."""


def kinds_of(table: str) -> Sequence[Kind]:
    """None, if it is no table of a stage."""
    return KINDS.get(table.rpartition("-")[2], ())


def kind_of(item: Item, kinds: Sequence[Kind]) -> Kind | None:
    pk, sk = str(item["pk"]["S"]), str(item["sk"]["S"])
    return next((kind for kind in kinds if pk.startswith(kind.pk) and sk.startswith(kind.sk)), None)


def shown(item: Item) -> str:
    """Its key."""
    return f"{item['pk']['S']} {item['sk']['S']}"
