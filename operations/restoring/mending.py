"""Items that are there and are less than they were: what can be added without taking anything away.

A claim gets channels back, an opt-out its state, a counter the number that it had come to before it was lost
and began again.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from operations.restoring.kinds import Item
from pipeline.notifications.claims import CHANNELS, SENT
from pipeline.notifications.table import UNSUBSCRIBED

_OF_A_CHANNEL = ("_state", "_run", "_reason")


def opt_out(before: Item, now: Item) -> Item | None:
    """Somebody who had opted out never gets mail again by what was restored."""
    out = {"S": UNSUBSCRIBED}
    return {**now, "state": out} if before.get("state") == out != now.get("state") else None


def claim(before: Item, now: Item) -> Item | None:
    """Channels of which the claim knows nothing any more, or not that they were told, would be told again."""
    lost = [c for c in CHANNELS if _is_lost(before.get(f"{c}_state"), now.get(f"{c}_state"))]
    names = [c + part for c in lost for part in _OF_A_CHANNEL if c + part in before]
    return {**now, **{name: before[name] for name in names}} if names else None


def _is_lost(before: Any, now: Any) -> bool:
    return before is not None and (now is None or (before == {"S": SENT} != now))


def counter(before: Item, now: Item) -> Item | None:
    """A counter only grows: what is smaller than it was has been lost and begun again. It gets the larger of
    both; of its hour together, `counting` sees to that.
    """
    smaller = [name for name in before if "|" in name and number_of(now, name) < number_of(before, name)]
    return {**now, **{name: before[name] for name in smaller}} if smaller else None


def number_of(item: Item, name: str) -> Decimal:
    """0, if it has none of this name."""
    return Decimal(item.get(name, {"N": "0"})["N"])


MENDS: dict[str, Callable[[Item, Item], Item | None]] = {
    "opt-out": opt_out,
    "claim": claim,
    "counter": counter,
}


def mended(how: str, before: Item, now: Item) -> Item | None:
    """The whole item as it should be; None, if nothing can be added."""
    return MENDS[how](before, now) if how else None


def as_it_is(item: Item) -> dict[str, Any]:
    """The condition of a write: nobody has changed the item since it was read."""
    names = {f"#n{number}": name for number, name in enumerate(sorted(item.keys() - {"pk", "sk"}))}
    values = {key.replace("#n", ":v"): item[name] for key, name in names.items()}
    terms = [f"{key} = {key.replace('#n', ':v')}" for key in names] or ["attribute_exists(pk)"]
    return {
        "ConditionExpression": " AND ".join(terms),
        **({"ExpressionAttributeNames": names, "ExpressionAttributeValues": values} if names else {}),
    }
