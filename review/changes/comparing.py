"""From two assemblies to what differs between them."""

from collections.abc import Callable, Iterator, Mapping

from review.changes.canonical import canonical
from review.changes.impacts import How, Impact, Impacts, Pairs, impacts_of
from review.changes.model import Change, Comparison, place_of
from review.reading.assemblies import Estate, Stack
from review.reading.templates import Template

_NOTHING: Template = {"Resources": {}}

Judge = Callable[[Pairs], Mapping[str, Impacts]]
"""what CloudFormation does to the resources of pairs of templates"""


def compared(before: Estate, after: Estate, judge: Judge = impacts_of) -> Comparison:
    """Raises: DiffFailed, if Node or its package is not there."""
    pairs = pairs_of(before, after)
    return comparison(before, after, pairs, judge(pairs))


def pairs_of(before: Estate, after: Estate) -> dict[str, tuple[Template, Template]]:
    """Templates in one form, of the stacks that say something else afterwards, by their name."""
    pairs = {}
    for name in sorted({*before, *after}):
        old = before[name].template if name in before else _NOTHING
        new = after[name].template if name in after else _NOTHING
        if old != new or (name in before) != (name in after):
            place = _place(before.get(name) or after[name], after.get(name) or before[name])
            one, other = canonical(old, *place), canonical(new, *place)
            if one != other:
                pairs[name] = (one, other)
    return pairs


def _place(old: Stack, new: Stack) -> tuple[str, str]:
    """Account and region of a stack; empty, if it moves, or goes wherever it is deployed."""
    account = new.account if new.account == old.account and new.account.isdigit() else ""
    region = new.region if new.region == old.region and not new.region.startswith("unknown") else ""
    return account, region


def comparison(before: Estate, after: Estate, pairs: Pairs, impacts: Mapping[str, Impacts]) -> Comparison:
    changes = [
        change
        for name, (old, new) in pairs.items()
        for change in _changes(after.get(name) or before[name], old, new, impacts[name])
    ]
    return Comparison(
        before=before,
        after=after,
        changes=tuple(changes),
        reworded=tuple(
            name
            for name in sorted(before.keys() & after.keys())
            if name not in pairs and before[name].template != after[name].template
        ),
        sections={name: impacts[name].sections for name in pairs if impacts[name].sections},
    )


def _changes(stack: Stack, old: Template, new: Template, impacts: Impacts) -> Iterator[Change]:
    for logical_id, impact in sorted(impacts.resources.items()):
        before, after = old["Resources"].get(logical_id), new["Resources"].get(logical_id)
        if before and after and before["Type"] != after["Type"]:
            # Another resource under the same logical id.
            kept = before.get("DeletionPolicy", "Delete") != "Delete"
            gone = Impact(how=How.ORPHANED if kept else How.REMOVED, properties={})
            yield _change(stack, logical_id, before, None, gone)
            yield _change(stack, logical_id, None, after, Impact(how=How.ADDED, properties={}))
            continue
        yield _change(
            stack, logical_id, old["Resources"].get(logical_id), new["Resources"].get(logical_id), impact
        )


def _change(
    stack: Stack, logical_id: str, before: Template | None, after: Template | None, impact: Impact
) -> Change:
    return Change(
        place=place_of(stack),
        stack=stack.name,
        logical_id=logical_id,
        type=str((after or before or {})["Type"]),
        how=impact.how,
        before=before,
        after=after,
        properties=impact.properties if before and after else {},
        others=impact.others,
    )
