"""What finders have in common: findings and differences in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from review.access.verdicts import UNTOLD
from review.changes.leaves import change_in_words, leaf_differences, words
from review.changes.model import Change
from review.ground.findings import Finding
from review.reading.assemblies import Estate
from review.reading.templates import Template

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
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        if len(gone) == len(come) and any(words(one).endswith("…") for one in (*gone, *come)):
            pairs = zip(gone, come, strict=True)
            return [
                text for one, other in pairs for text in _leaves(one, other, f"{name}[{_index(old, one)}]")
            ]
        texts = [*(f"- {words(one)}" for one in gone), *(f"+ {words(one)}" for one in come)]
        return [f"{name}: {', '.join(texts)}"]
    return [f"{path}: {change_in_words(a, b)}" for path, a, b in leaf_differences(old, new, name)]


def _index(values: list[Any], one: Any) -> Any:
    """By which a reader finds a member of a list: its own id or name, or its place."""
    names = (one.get(key) for key in ("Id", "Name")) if isinstance(one, Mapping) else ()
    return next((name for name in names if isinstance(name, str)), values.index(one))


def several(texts: Sequence[str]) -> str:
    shown = "; ".join(texts[:_MOST])
    return f"{shown}; and {len(texts) - _MOST} more" if len(texts) > _MOST else shown


def template_of(estate: Estate, stack: str) -> Template:
    return estate[stack].template if stack in estate else {"Resources": {}}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def is_strange(text: str, account: str) -> bool:
    """Whether a right, in words, is everybody's, another account's, or of whom nobody can tell."""
    whose = text.split(": ", 1)[0]
    if whose.startswith(("everybody", UNTOLD)):
        return True
    return account not in whose and ("arn:" in whose or whose.isdigit())
