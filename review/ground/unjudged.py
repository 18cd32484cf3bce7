"""What stands against judging: values of other shapes than rules can read, each by its resource."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from review.changes.leaves import words
from review.changes.model import Change, Comparison, place_of
from review.changes.sound import ODD, without
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves
from review.reading.assemblies import Estate

_RULE = "REST-009"


@dataclass(frozen=True, kw_only=True)
class Unjudged:
    """rest: the comparison without what the findings are of."""

    findings: list[Finding]
    rest: Comparison


def unjudged(comparison: Comparison, judge: Callable[[Comparison], object]) -> Unjudged:
    """Each resource by itself, as it was and as it is to be: which of them cannot be judged."""
    odd = _odd(comparison, judge)
    ids = {name: {key for stack, key in odd if stack == name} for name, _ in odd}
    rest = replace(
        comparison,
        before=without(comparison.before, ids),
        after=without(comparison.after, ids),
        changes=tuple(one for one in comparison.changes if (one.stack, one.logical_id) not in odd),
    )
    said = [
        Finding(
            rule=f"REVIEW-{_RULE}",
            place=place_of(comparison.after.get(stack) or comparison.before[stack]),
            subject=logical_id,
            text=f"{logical_id} cannot be read as a resource of {stack}: {text}",
            logical_id=logical_id,
        )
        for (stack, logical_id), text in odd.items()
    ]
    return Unjudged(findings=said, rest=rest)


def not_judged(comparison: Comparison, error: Exception) -> Iterator[Finding]:
    """Of each stack that changes, where no resource by itself stands against judging it."""
    for name in sorted({one.stack for one in comparison.changes} | comparison.sections.keys()):
        stack = comparison.after.get(name) or comparison.before[name]
        text = f"{name} cannot be read as a template: {type(error).__name__}: {words(str(error))}"
        yield Finding(rule=f"REVIEW-{_RULE}", place=place_of(stack), subject=name, text=text)


def unreadable(change: Change) -> Finding:
    """Of one resource, by a rule that is about it only."""
    try:
        values = leaves(change, *change.properties)
    except ODD:
        values = words(dict(change.after or {}))
    text = f"cannot be read as {change.type} of {change.stack}: {values or words(dict(change.after or {}))}"
    return found(_RULE, change, text, EVERYTHING if change.is_new or change.goes else "", *change.properties)


def _odd(comparison: Comparison, judge: Callable[[Comparison], object]) -> dict[tuple[str, str], str]:
    """What is wrong, by stack and logical id."""
    odd = {}
    sides = (comparison.before, comparison.after)
    ids = {(name, key) for side in sides for name, one in side.items() for key in one.template["Resources"]}
    for name, logical_id in sorted(ids):
        mine = tuple(one for one in comparison.changes if (one.stack, one.logical_id) == (name, logical_id))
        before, after = (_only(side, name, logical_id) for side in sides)
        try:
            judge(Comparison(before=before, after=after, changes=mine))
        except ODD as error:
            odd[name, logical_id] = f"{type(error).__name__}: {words(str(error))}"
    return odd


def _only(estate: Estate, name: str, logical_id: str) -> Estate:
    """The stack, if there is one of that name, with this resource only, if it has it."""
    if name not in estate:
        return {}
    resources = {key: one for key, one in estate[name].template["Resources"].items() if key == logical_id}
    return {name: replace(estate[name], template={"Resources": resources}, needs=frozenset())}
