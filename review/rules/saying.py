"""What finders have in common: findings and differences in words."""

from collections.abc import Sequence
from typing import Any

from review.changes.leaves import leaf_differences, words
from review.changes.model import Change
from review.reading.assemblies import Estate
from review.reading.templates import Template
from review.rules.findings import Finding

_MOST = 3


def found(
    rule: str,
    change: Change,
    text: str,
    *covers: str,
    details: str = "",
    language: str = "",
    subject: str = "",
) -> Finding:
    """rule: without `REVIEW-`. covers: properties that have been said with it."""
    return Finding(
        rule=f"REVIEW-{rule}",
        place=change.place,
        subject=subject or change.name,
        text=text,
        type=change.type,
        logical_id=change.logical_id,
        details=details,
        language=language,
        covers=frozenset(covers),
    )


def leaves(change: Change, *names: str) -> str:
    """What differs in these properties, leaf by leaf; of lists, what is gone and what has come."""
    return "; ".join(text for name in names for text in _leaves(change.old(name), change.new(name), name))


def _leaves(old: Any, new: Any, name: str) -> list[str]:
    if isinstance(old, list) and isinstance(new, list):
        gone = [f"- {words(one)}" for one in old if one not in new]
        come = [f"+ {words(one)}" for one in new if one not in old]
        return [f"{name}: {', '.join([*gone, *come])}"]
    return [f"{path}: {words(a)} → {words(b)}" for path, a, b in leaf_differences(old, new, name)]


def several(texts: Sequence[str]) -> str:
    shown = "; ".join(texts[:_MOST])
    return f"{shown}; and {len(texts) - _MOST} more" if len(texts) > _MOST else shown


def template_of(estate: Estate, stack: str) -> Template:
    return estate[stack].template if stack in estate else {"Resources": {}}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def is_strange(text: str, account: str) -> bool:
    """Whether a right, in words, is everybody's or another account's."""
    whose = text.split(": ", 1)[0]
    return whose.startswith("everybody") or ("arn:" in text.split(" on ")[0] and account not in text)
