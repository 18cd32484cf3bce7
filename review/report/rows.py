"""Equal findings of several places, and of several resources, as one row."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from review.changes.model import Place
from review.ground.findings import Finding, Rule, Severity
from review.ground.table import RULES


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
    names = _names_of(place.account, place.region, place.stage)
    return names[0].sub(lambda match: f"{{{names[1][match[0]]}}}", text) if names[1] else text


@lru_cache(maxsize=256)
def _names_of(account: str, region: str, stage: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the names of a place, and which placeholder each has."""
    known = {stage.lower(): "stage", stage: "Stage", region: "region", account: "account"}
    known.pop("", None)
    words = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    return re.compile(rf"\b(?:{words})\b"), known
