"""What no other rule has said: nothing that changes is left out."""

from collections.abc import Collection, Iterator
from typing import Any

from review.changes.canonical import sorted_sets
from review.changes.impacts import How
from review.changes.leaves import change_in_words, leaf_differences, same
from review.changes.model import Change, Comparison, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, several
from review.reading.templates import Template

_WORDS = frozenset(["Description", "AlarmDescription", "DisplayName", "Tags", "Metadata", "Comment"])
_ORDER = frozenset(["DependsOn"])
_SAID_BY_OTHERS = frozenset(["AWS::Lambda::Permission"])


def rest(change: Change, covered: Collection[str], *, said: bool) -> Iterator[Finding]:
    """covered: the properties that have been said. said: whether anything has."""
    if EVERYTHING in covered or (said and change.is_new):
        return
    kind = change.type.removeprefix("AWS::")
    if change.is_new:
        yield found("REST-003", change, f"a new {kind}")
    elif change.goes:
        yield found("REST-004", change, f"{kind} is {change.how.value}")
    else:
        yield from _properties(change, covered)


def _properties(change: Change, covered: Collection[str]) -> Iterator[Finding]:
    left = [name for name in change.properties if name not in covered]
    by = [name for name in left if change.properties[name] in (How.REPLACED, How.MAY_BE_REPLACED)]
    if by and change.how in (How.REPLACED, How.MAY_BE_REPLACED):
        yield found("REST-005", change, f"{change.how.value}, by {_differences(change, by)}")
    for name in [*left, *(name for name in change.others if name not in covered)]:
        if name in by:
            continue
        rule = "REST-002" if name in _WORDS | _ORDER else "REST-001"
        if change.type == "AWS::SES::Template" and name == "Template":
            rule = "REST-007"
        text = f"{name} changes" if name in _WORDS | _ORDER - {"Tags"} else _differences(change, [name])
        yield found(rule, change, text)


def _differences(change: Change, names: list[str]) -> str:
    texts = []
    for name in names:
        before, after = _value(change, change.before, name), _value(change, change.after, name)
        leaves = list(leaf_differences(before, after, name))
        texts += [f"{path}: {change_in_words(one, other, 80)}" for path, one, other in leaves[:4]]
        texts += [f"and {len(leaves) - 4} more in {name}"] if len(leaves) > 4 else []
        if same(before, after):
            texts.append(f"{name}, of what is replaced")
    return "; ".join(texts)


def _value(change: Change, resource: Any, name: str) -> Any:
    """Of a property, or of an attribute of the resource."""
    holder = resource or {}
    return (holder.get("Properties") or {}).get(name) if name in change.properties else holder.get(name)


def sections(comparison: Comparison) -> Iterator[Finding]:
    """Of templates, besides resources; and templates that only say the same otherwise."""
    for name, parts in sorted(comparison.sections.items()):
        if name in comparison.before and name in comparison.after:
            stack = comparison.after[name]
            rules = {"REST-002" if part in ("description", "metadata") else "REST-006" for part in parts}
            for rule in sorted(rules):
                words_only = rule == "REST-002"
                said = [part for part in parts if (part in ("description", "metadata")) == words_only]
                what = "" if words_only else _parts(said, comparison.before[name].template, stack.template)
                yield _of_stack(rule, stack, f"{', '.join(said)} of the template{what}")
    for name in comparison.reworded:
        yield _of_stack("REST-008", comparison.after[name], "order or layout only")


def oddities(comparison: Comparison) -> Iterator[Finding]:
    """Parts of templates that were left out, as they cannot be read, or that CloudFormation refuses."""
    for one in comparison.oddities:
        stack = comparison.after[one.stack]
        text = f"{one.logical_id} of {one.stack} {one.text}"
        place = place_of(stack)
        rule = f"REVIEW-{'PLAN-001' if one.refused else 'REST-009'}"
        yield Finding(rule=rule, place=place, subject=one.logical_id, text=text, logical_id=one.logical_id)


def _parts(names: Collection[str], before: Template, after: Template) -> str:
    """What differs in these parts of a template, by path."""
    keys = [f"{name[0].upper()}{name[1:]}" for name in names]
    old, new = ({key: sorted_sets(one.get(key)) for key in keys} for one in (before, after))
    texts = [f"{path}: {change_in_words(one, other)}" for path, one, other in leaf_differences(old, new)]
    return f": {several(texts)}" if texts else ""


def _of_stack(rule: str, stack: Any, text: str) -> Finding:
    place = place_of(stack)
    return Finding(rule=f"REVIEW-{rule}", place=place, subject=place.kind, text=text)


def renamed(change: Change) -> Finding:
    """Of what is there under another logical id, and otherwise as it was."""
    return found("REST-002", change, "another logical id, otherwise as it was")
