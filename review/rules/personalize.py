"""Traps of Amazon Personalize: a new name is a new resource, and what was learned does not come along."""

from collections import defaultdict
from collections.abc import Iterator

from review.changes.impacts import How
from review.changes.leaves import words
from review.changes.model import Change, Comparison, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves
from review.reading.assemblies import Estate
from review.reading.templates import resources_of

_PREFIX = "AWS::Personalize::"
GROUP = f"{_PREFIX}DatasetGroup"
GROUPS = 5
"""Amazon Personalize endpoints and quotas: dataset groups per account and region; can be raised"""
_REPLACED = {
    "DatasetGroup": ("001", "another group: everything is imported and trained anew"),
    "Solution": ("002", "another solution: its models are trained anew"),
    "Dataset": ("003", "another dataset: it is imported anew"),
    "Schema": ("003", "another schema, and with it other datasets"),
    "EventTracker": ("005", "another tracking id: events by the old one are lost"),
    "Filter": ("006", "another filter"),
}


def personalize(change: Change) -> Iterator[Finding]:
    if change.type.startswith("Custom::Solution"):
        if change.goes:
            yield found("MODEL-007", change, f"settings of a solution are {change.how.value}", EVERYTHING)
        elif names := [name for name in change.properties if not change.is_new]:
            yield found("MODEL-007", change, leaves(change, *names), *names)
        return
    if not change.type.startswith(_PREFIX):
        return
    kind = change.type.removeprefix(_PREFIX)
    if change.is_new and change.type == GROUP:
        yield found("MODEL-008", change, "a new group", EVERYTHING)
    elif change.goes:
        yield found("MODEL-009", change, f"{kind} is {change.how.value}", EVERYTHING)
    elif change.how in (How.REPLACED, How.MAY_BE_REPLACED):
        number, what = _REPLACED.get(kind, ("009", "another one"))
        by = sorted(change.properties)
        yield found(f"MODEL-{number}", change, f"{what} ({_by(change, by)})", *by)
    elif not change.is_new and (names := [name for name in change.properties if name != "Tags"]):
        yield found("MODEL-007", change, leaves(change, *names), *names)


def _by(change: Change, names: list[str]) -> str:
    return "; ".join(
        leaves(change, name) if change.old(name) != change.new(name) else f"{name} of what is replaced"
        for name in names
        if change.properties[name] is not How.CHANGED
    )


def quota(comparison: Comparison) -> Iterator[Finding]:
    """Old groups are there until their stack is through, and for ever where they are retained."""
    old, new = _groups(comparison.before), _groups(comparison.after)
    for key in sorted(new):
        together = old.get(key, {}) | new[key]
        if len(together) > max(GROUPS, len(old.get(key, {}))):
            added = sorted(new[key].keys() - old.get(key, {}).keys())
            stack = new[key][added[0]]
            yield Finding(
                rule="REVIEW-MODEL-004",
                place=place_of(comparison.after[stack]),
                subject=", ".join(added),
                text=f"{len(together)} groups in {key[1]} while it is deployed; the quota is {GROUPS}",
                type=GROUP,
            )


def _groups(estate: Estate) -> dict[tuple[str, str], dict[str, str]]:
    """Stacks by name of the group, by account and region."""
    found_groups: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for stack in estate.values():
        for properties in resources_of(stack.template, GROUP).values():
            found_groups[stack.account, stack.region][words(properties.get("Name"))] = stack.name
    return found_groups
