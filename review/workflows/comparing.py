"""Two definitions of a state machine: what is another afterwards, in kinds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from review.changes.leaves import change_in_words, leaf_differences, number, words
from review.reading.machines import Definition, State
from review.workflows import sql
from review.workflows.graph import mermaid
from review.workflows.states import states_in, transitions_in


class Kind(Enum):
    STATES = "states"
    TRANSITIONS = "transitions"
    SQL = "SQL"
    SHORTER = "shorter deadline"
    LONGER = "longer deadline"
    RETRIES = "retries and catches"
    DOES = "does something else"
    AT_ONCE = "at once"
    WORDS = "words"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """details: in `language`, empty if the text says all."""

    kind: Kind
    text: str
    details: str = ""
    language: str = ""


_DEADLINES = ("TimeoutSeconds", "HeartbeatSeconds")
_AT_ONCE = ("MaxConcurrency", "MaxConcurrencyPath", "ItemBatcher")
_TRANSITIONS = ("Next", "Default", "End")
_WAY = re.compile(r"(?:Choices|Catch)\[\d+\]\.Next")
_SAYS = ("Arguments", "Assign", "Output", "Parameters", "Result", "ResultSelector")
"""members that are values, whatever the names in them"""
_WHY = 60


def differences(old: Definition, new: Definition) -> list[Difference]:
    """Sorted by kind. Empty: both say the same."""
    before, after = states_in(old), states_in(new)
    found = [
        difference
        for name in sorted(before.keys() & after.keys())
        for difference in _of_state(name, before[name], after[name])
    ]
    whole = [
        {key: value for key, value in one.items() if key not in ("States", "StartAt")} for one in (old, new)
    ]
    found += _of_state("the whole", *whole)
    found += _structure(old, new, before, after, found)
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.text))


def _structure(
    old: Definition, new: Definition, before: Any, after: Any, others: list[Difference]
) -> Iterator[Difference]:
    come, gone = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    ways = transitions_in(old), transitions_in(new)
    graph = mermaid(*ways)
    if come or gone:
        said = [f"new: {', '.join(come)}"] if come else []
        said += [f"gone: {', '.join(gone)}"] if gone else []
        yield Difference(kind=Kind.STATES, text="; ".join(said), details=graph, language="mermaid")
    kept = before.keys() & after.keys() | {"Start"}
    changed = [
        f"{sign} {way.source} → {way.target}{f' ({words(way.why, _WHY)})' if way.why else ''}"
        for sign, some in (("-", ways[0] - ways[1]), ("+", ways[1] - ways[0]))
        for way in sorted(some)
        if way.source in kept or way.target in kept
    ]
    if changed:
        yield Difference(
            kind=Kind.TRANSITIONS,
            text="; ".join(changed[:6]) + (f"; and {len(changed) - 6} more" if len(changed) > 6 else ""),
            details="" if come or gone else graph,
            language="mermaid",
        )


def _of_state(name: str, old: State, new: State) -> Iterator[Difference]:
    for path, before, after in leaf_differences(old, new):
        first = path.split(".")[0].split("[")[0]
        text = f"{name}: {path}: {change_in_words(before, after)}"
        if sql.is_sql(before) and sql.is_sql(after):
            yield _sql(name, before, after)
        elif first in _DEADLINES or (first == "Seconds"):
            was, is_now = number(before), number(after)
            shorter = is_now is not None and (was is None or is_now < was)
            yield Difference(kind=Kind.SHORTER if shorter else Kind.LONGER, text=text)
        elif path.endswith("Comment") and first not in _SAYS:
            yield Difference(kind=Kind.WORDS, text=f"{name}: its comment")
        elif first in ("Retry", "Catch") and not _leads(path):
            yield Difference(kind=Kind.RETRIES, text=text)
        elif first in _AT_ONCE:
            yield Difference(kind=Kind.AT_ONCE, text=text)
        elif first in _TRANSITIONS or _leads(path):
            continue  # said as transitions
        else:
            yield Difference(kind=Kind.DOES, text=text)


def _leads(path: str) -> bool:
    """Whether it is where a choice or a catch leads to."""
    return _WAY.fullmatch(path) is not None


def _sql(name: str, before: str, after: str) -> Difference:
    details = sql.difference(before, after)
    if sql.same_meaning(before, after):
        return Difference(
            kind=Kind.WORDS, text=f"{name}: comments or layout of its SQL", details=details, language="diff"
        )
    return Difference(kind=Kind.SQL, text=f"{name}: its SQL", details=details, language="diff")
