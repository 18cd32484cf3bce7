"""Equal findings of several places, and of several resources, as one row."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from review.changes.model import Place
from review.rules.findings import Finding, Rule, Severity
from review.rules.table import RULES


@dataclass(frozen=True, kw_only=True)
class Row:
    """severity: by the policy. acknowledged: with which reason; empty is not."""

    rule: Rule
    severity: Severity
    subjects: tuple[str, ...]
    text: str
    places: tuple[Place, ...]
    details: str = ""
    language: str = ""
    acknowledged: str = ""
    findings: tuple[Finding, ...] = ()


def rows_of(findings: Iterable[Finding]) -> list[Row]:
    """The worst first, in the order of the rules."""
    by_text: defaultdict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for one in findings:
        by_text[
            one.rule, *(_neutral(text, one.place) for text in (one.subject, one.text, one.details))
        ].append(one)
    by_places: defaultdict[tuple[object, ...], list[list[Finding]]] = defaultdict(list)
    for (rule, _, text, details), same in by_text.items():
        places = tuple(sorted({one.place for one in same}))
        # What needs no look is said once, wherever it is.
        quiet = RULES[rule].severity is Severity.NOTE
        wheres = () if quiet else tuple(sorted({place.where for place in places}))
        by_places[rule, text, details, wheres].append(same)
    rows = [_row(RULES[str(key[0])], groups) for key, groups in by_places.items()]
    return sorted(rows, key=lambda row: (-row.severity, row.rule.id, row.subjects, row.text))


def _row(rule: Rule, groups: Sequence[Sequence[Finding]]) -> Row:
    every = [one for group in groups for one in group]
    first = every[0]
    subjects = sorted({_shown([one.subject for one in group], group) for group in groups})
    return Row(
        rule=rule,
        severity=rule.severity,
        subjects=tuple(subjects),
        text=_shown([one.text for one in every], every),
        places=tuple(sorted({one.place for one in every})),
        details=_shown([one.details for one in every], every),
        language=first.language,
        findings=tuple(every),
    )


def _shown(texts: Sequence[str], findings: Sequence[Finding]) -> str:
    """As it is where all say the very same, else with names of places as placeholders."""
    return texts[0] if len(set(texts)) == 1 else _neutral(texts[0], findings[0].place)


def _neutral(text: str, place: Place) -> str:
    for name, value in (("account", place.account), ("region", place.region), ("Stage", place.stage)):
        if value:
            text = re.sub(rf"\b{re.escape(value)}\b", f"{{{name}}}", text)
    if place.stage:
        text = re.sub(rf"\b{re.escape(place.stage.lower())}\b", "{stage}", text)
    return text


def at_most(row: Row, severity: Severity) -> Row:
    return replace(row, severity=min(row.severity, severity))
