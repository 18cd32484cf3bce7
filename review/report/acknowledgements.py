"""Acknowledgements of findings: lines of a pull request's description, or of a file.

    acknowledge REVIEW-DATA-003 recs-prod-posts: the old group is deleted by hand on Friday

The rule, a resource if only one is meant (* stands for any characters), and the reason.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from review.ground.table import RULES
from review.report.rows import Row

_LINE = re.compile(
    r"^[\s*+-]*acknowledge:?\s+(?P<rule>REVIEW-\w+-\d+)"
    r"(?:\s+(?:`(?P<quoted>[^`]+)`|(?P<subject>[^\s`:]\S*?)))?\s*:\s*(?P<reason>.*)$",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"^[\s*+-]*acknowledge\b.*REVIEW-", re.I)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^\s*(?:[*+-]\s+|\d+[.)]\s+)*(?P<marks>`{3,}|~{3,})(?P<after>.*)$")
_CODE = re.compile(r"^(?: {4}|\t)")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_WORDS = 3


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """subject: a pattern; empty means all resources."""

    rule: str
    subject: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """problems: lines that acknowledge nothing, each with the reason."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def acknowledgements_in(text: str) -> tuple[list[Acknowledgement], list[str]]:
    """And what is wrong with lines that look like one. Quotations, code and comments are passed over."""
    found, problems = [], []
    for line in _spoken(_HIDDEN.sub("", text)):
        match = _LINE.match(line)
        if match is None:
            if _BEGINS.match(line):
                problems.append(f"{line.strip()[:100]}: write `acknowledge RULE [resource]: reason`")
            continue
        rule, reason = match["rule"].upper(), match["reason"].strip()
        if rule not in RULES:
            problems.append(f"{rule}: there is no such rule")
        elif len(reason.split()) < _WORDS:
            problems.append(f"{rule}: a reason of {_WORDS} words or more is needed")
        else:
            found.append(
                Acknowledgement(rule=rule, subject=match["quoted"] or match["subject"] or "", reason=reason)
            )
    return found, problems


def _spoken(text: str) -> Iterator[str]:
    """Lines outside of code, by CommonMark: a fence ends at one of its kind, as long, or with the text."""
    fence = ""
    for line in text.splitlines():
        match = _FENCE.match(line)
        if fence:
            closes = match is not None and match["marks"].startswith(fence) and not match["after"].strip()
            fence = "" if closes else fence
        elif match is not None and not ("`" in match["marks"] and "`" in match["after"]):
            fence = match["marks"]
        elif not _CODE.match(line):
            yield line


def acknowledged(rows: Sequence[Row], by: Sequence[Acknowledgement]) -> Acknowledged:
    """A row is acknowledged if each of its resources is."""
    used: set[Acknowledgement] = set()
    result = []
    for row in rows:
        matching = [
            one
            for one in by
            if one.rule == row.rule.id and any(_means(one, row, name) for name in _names(row))
        ]
        used |= {*matching}
        whole = all(any(_means(one, row, name) for one in matching) for name in _names(row))
        reason = "; ".join(dict.fromkeys(one.reason for one in matching)) if whole else ""
        result.append(replace(row, acknowledged=reason))
    unused = [f"{one.rule} {one.subject}".strip() for one in by if one not in used]
    return Acknowledged(
        rows=tuple(result), problems=tuple(f"{one}: acknowledges nothing that was found" for one in unused)
    )


def _names(row: Row) -> list[str]:
    return sorted({one.subject for one in row.findings} or set(row.subjects))


def _means(one: Acknowledgement, row: Row, name: str) -> bool:
    # As the report shows it, names of places may be placeholders.
    pattern = _PLACEHOLDER.sub("*", one.subject)
    named = not pattern or one.subject == name or fnmatchcase(name, pattern)
    return named and one.rule == row.rule.id
