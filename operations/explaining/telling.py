"""An explanation in words, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from operations.explaining.history import History
from operations.explaining.lists import Stored
from operations.explaining.resting import Rested
from pipeline.lists.caps import Cap
from pipeline.serving.found import Found
from pipeline.times import iso
from pipeline.withholding.items import Denial

_EVENTS, _ITEMS = 12, 10
_WHY = {
    "user_unknown": "has no list in the served generation",
    "item_unknown": "has no list in the served generation",
    "opted_out": "has opted out: what is popular, and nothing personal",
    "pointer_missing": "nothing of the variant is published",
}


@dataclass(frozen=True)
class Near:
    """How much an item is like one of the history, by the stored model of the variant `own`."""

    item: str
    likeness: float


@dataclass(frozen=True)
class Explanation:
    """item: that is asked about. unheard: why nobody has a list for the subject, as far as the data says.
    denied: what the deny list says of the item. near: None: there is no stored model to ask. realtime: a
    model answers before the stored list does. capped: caps that keep the item from the beginning of the list.
    rested: where fatigue lets the item come later.
    """

    subject: str
    use_case: str
    history: History | None
    stored: Sequence[Stored]
    answer: Found
    unheard: str | None = None
    item: str | None = None
    denied: Denial | None = None
    near: Sequence[Near] | None = None
    realtime: bool = False
    capped: Sequence[Cap] = ()
    rested: Rested | None = None

    @property
    def as_json(self) -> dict[str, Any]:
        answer = {**asdict(self.answer), "items": [one.id for one in self.answer.items]}
        return {**asdict(self), "answer": answer}


def lines(told: Explanation) -> Iterator[str]:
    yield f"{told.use_case}: {told.subject}"
    if told.history is not None:
        yield from _history(told.history)
    yield "stored lists, the served generation of each variant first:"
    for one in told.stored:
        yield from _stored(one, told.item)
    if not told.stored:
        yield "  none: nothing is published"
    yield from _answer(told)
    if told.item is not None:
        yield from _item(told, told.item)


def _history(history: History) -> Iterator[str]:
    if history.events is None:
        yield f"history: the datasets of run {history.run} are not kept any more"
        return
    counts = Counter(event.type or "event" for event in history.events)
    told = ", ".join(f"{count} {type_}" for type_, count in counts.most_common()) or "no events"
    yield f"history, as run {history.run} was given it: {told}"
    if history.about:
        yield f"  {', '.join(f'{name} {value}' for name, value in history.about.items() if value)}"
    for event in history.events[:_EVENTS]:
        own = "  own: never recommended" if event.own else ""
        yield f"  {iso(event.time)}  {event.type or 'event':10}  {event.item}{own}"
    if len(history.events) > _EVENTS:
        yield f"  and {len(history.events) - _EVENTS} older"


def _stored(one: Stored, item: str | None) -> Iterator[str]:
    served = "  <- served" if one.served else ""
    if one.items is None:
        yield f"  {one.variant:11} {one.generation}  no list{served}"
        return
    place = f" {item} {_place(one.items, item)};" if item is not None else ""
    more = ", ..." if len(one.items) > _ITEMS else ""
    names = f"{', '.join(one.items[:_ITEMS])}{more}"
    yield f"  {one.variant:11} {one.generation} {place} {len(one.items)}: {names}{served}"


def _place(items: Sequence[str], item: str) -> str:
    return f"is {items.index(item) + 1}." if item in items else "is not in it"


def _answer(told: Explanation) -> Iterator[str]:
    found = told.answer
    arm = f", arm {found.arm} of experiment {found.experiment}" if found.arm else ""
    yield f"answer: {found.source} of {found.variant}, generation {found.generation or 'none'}{arm}"
    if told.realtime:
        yield "  a model in real time is asked before it, and was not asked here"
    for reason in found.reasons:
        yield f"  because: {_WHY.get(reason, reason.replace('_', ' '))}"
    if told.unheard:
        yield f"  {told.unheard}"


def _item(told: Explanation, item: str) -> Iterator[str]:
    shown = [one.id for one in told.answer.items]
    place = f"{_place(shown, item)} of the answer" if item in shown else "is not answered"
    yield f"item {item} {place}"
    if told.history is not None and item in told.history.own_items:
        yield "  it is the person's own, and own items are never recommended"
    if told.denied is not None:
        why = f": {told.denied.reason}" if told.denied.reason else ""
        yield f"  it is on the deny list, by {told.denied.by} at {told.denied.at}{why}"
    for cap in told.capped:
        yield (
            f"  a cap keeps it down: among the first {cap.among} are {cap.most} of its {cap.column} already, "
            "and no more may be"
        )
    if told.rested is not None:
        yield f"  fatigue lets it {_later(told.rested)}"
    if told.near is None:
        yield "  what it is near to only a stored model of the variant own could say"
    elif told.near:
        names = ", ".join(f"{one.item} ({one.likeness:.3g})" for one in told.near)
        yield f"  nearest in the history: {names}"
    else:
        yield "  it is near nothing of the history"


def _later(rested: Rested) -> str:
    come = f"come {rested.after}. instead of {rested.before}."
    if rested.after is None:
        come = f"be left out, where it would be {rested.before}."
    if not rested.days:
        return f"{come}: it was shown on several days, whose events are not kept any more"
    *others, last = rested.days
    days = f"{', '.join(others)} and {last}" if others else last
    return f"{come}: it was shown on {days}, and nothing was done with it"
