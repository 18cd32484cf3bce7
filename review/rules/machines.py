"""Workflows: state machines before and after."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from review.changes.model import Change
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves, several
from review.reading.machines import STATE_MACHINE, definition_of
from review.reading.templates import flat
from review.workflows.comparing import Difference, Kind, differences

_RULES = {
    Kind.STATES: "FLOW-002",
    Kind.TRANSITIONS: "FLOW-003",
    Kind.SQL: "FLOW-004",
    Kind.SHORTER: "FLOW-005",
    Kind.LONGER: "FLOW-006",
    Kind.RETRIES: "FLOW-007",
    Kind.DOES: "FLOW-008",
    Kind.AT_ONCE: "FLOW-015",
    Kind.WORDS: "FLOW-016",
}
_TOGETHER = (Kind.RETRIES, Kind.DOES)
"""kinds of which a change often touches many states at once"""
_DEFINITION, _FILLED = "DefinitionString", "DefinitionSubstitutions"


def machines(change: Change) -> Iterator[Finding]:
    if change.type != STATE_MACHINE:
        return
    if not change.goes and _is_broken(change.new(_DEFINITION), change.new(_FILLED)):
        text = "its definition is no JSON: Step Functions would refuse it"
        yield found("REST-009", change, text, _DEFINITION)
        if not change.is_new:
            return
    if change.is_new:
        yield found("FLOW-017", change, "a new workflow", EVERYTHING)
        return
    if change.goes or change.how.value.endswith("replaced"):
        yield found("FLOW-001", change, f"is {change.how.value}", *(change.properties or [EVERYTHING]))
    if change.goes:
        return
    for name, rule in (
        ("LoggingConfiguration", "WATCH-009"),
        ("TracingConfiguration", "WATCH-009"),
        ("RoleArn", "ACCESS-015"),
        ("EncryptionConfiguration", "DATA-010"),
    ):
        if name in change.properties:
            yield found(rule, change, leaves(change, name), name)
    if _DEFINITION in change.properties:
        yield from _definition(change)


def _is_broken(definition: Any, filled: Any) -> bool:
    """Whether it is no JSON, whatever is only known later. filled: what else is put into it."""
    try:
        text = flat(definition)
    except AssertionError:
        return False
    try:
        return not isinstance(json.loads(text), dict)
    except ValueError:
        return not filled


def _definition(change: Change) -> Iterator[Finding]:
    try:
        some = differences(*(definition_of(get(_DEFINITION)) for get in (change.old, change.new)))
    except (AssertionError, ValueError, KeyError, TypeError):
        yield found("FLOW-008", change, "its definition changes, and cannot be read", _DEFINITION)
        return
    by_kind: defaultdict[Kind, list[Difference]] = defaultdict(list)
    for one in some:
        by_kind[one.kind].append(one)
    for kind, of_kind in by_kind.items():
        if kind in _TOGETHER and len(of_kind) > 1:
            texts = [one.text for one in of_kind]
            yield found(_RULES[kind], change, several(texts), _DEFINITION, details="\n".join(texts))
        else:
            for one in of_kind:
                yield found(
                    _RULES[kind], change, one.text, _DEFINITION, details=one.details, language=one.language
                )
    if not some:
        yield found("FLOW-016", change, "the same definition, written otherwise", _DEFINITION)
