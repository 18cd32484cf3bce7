"""From two assemblies to what differs between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from review.changes.canonical import canonical
from review.changes.dangling import dangling
from review.changes.impacts import How, Impact, Impacts, Pairs, impacts_of
from review.changes.model import Change, Comparison, place_of
from review.changes.resolving import decided, left_open
from review.changes.sound import Oddity, sound
from review.reading.assemblies import Estate, Stack
from review.reading.templates import Template

_NOTHING: Template = {"Resources": {}}
_ALL = 3
"""as many open questions as are answered in all ways together; of more, each by itself"""

Judge = Callable[[Pairs], Mapping[str, Impacts]]
"""what CloudFormation does to the resources of pairs of templates"""
Estates = tuple[Estate, Estate]
"""before and after"""


def compared(before: Estate, after: Estate, judge: Judge = impacts_of) -> list[Comparison]:
    """One for each way in which what the templates leave open may be decided, the first with all that may be.

    Raises: DiffFailed, if Node or its package is not there.
    """
    return compared_all({"": (before, after)}, judge)[""]


def compared_all(cases: Mapping[str, Estates], judge: Judge = impacts_of) -> dict[str, list[Comparison]]:
    """Of several changes at once, by their names: as `compared`."""
    worlds = {name: [*_worlds(*estates)] for name, estates in cases.items()}
    pairs = {
        (name, index): _pairs_of(world.before, world.after)
        for name, some in worlds.items()
        for index, world in enumerate(some)
    }
    together = {
        f"{name} {index} {stack}": pair
        for (name, index), some_pairs in pairs.items()
        for stack, pair in some_pairs.items()
    }
    judged = judge(together)
    return {
        name: [
            _comparison(
                world,
                pairs[name, index],
                {one: judged[f"{name} {index} {one}"] for one in pairs[name, index]},
            )
            for index, world in enumerate(some)
        ]
        for name, some in worlds.items()
    }


@dataclass(frozen=True, kw_only=True)
class _World:
    """differing: stacks of other words and no open question. unless: questions answered by no, in words."""

    before: Estate
    after: Estate
    differing: Sequence[str]
    unless: str
    oddities: frozenset[Oddity]


def _worlds(before: Estate, after: Estate) -> Iterator[_World]:
    """Estates as conditions leave them. Of stacks that are the same on both sides nothing is decided."""
    (old, known), (new, odd) = sound(before), sound(after)
    differing = [name for name in sorted({*old, *new}) if _differ(old.get(name), new.get(name))]
    oddities = (odd - known) | {
        one
        for name in differing
        if name in new
        for one in dangling(new[name]) - (dangling(old[name]) if name in old else frozenset())
    }
    stacks = [one for name in differing for one in (old.get(name), new.get(name)) if one is not None]
    open_ = [(stack.name, question) for stack in stacks for question in left_open(stack)]
    asked = list(dict.fromkeys(question for _, question in open_))
    both = [name for name in differing if name in old and name in new]
    worded = [name for name in both if old[name].template != new[name].template]
    worded = [name for name in worded if name not in {stack for stack, _ in open_}]
    for no in _answers(asked):
        sides = [
            {
                name: replace(stack, template=decided(stack, lambda asks, no=no: asks not in no))  # type: ignore[misc]
                if name in differing
                else stack
                for name, stack in side.items()
            }
            for side in (old, new)
        ]
        unless = " and ".join(no[:2]) + (f" and {len(no) - 2} more" if len(no) > 2 else "")
        yield _World(
            before=sides[0], after=sides[1], differing=worded, unless=unless, oddities=frozenset(oddities)
        )


def _differ(old: Stack | None, new: Stack | None) -> bool:
    return old is None or new is None or (old.template, old.parameters) != (new.template, new.parameters)


def _answers(asked: Sequence[str]) -> list[tuple[str, ...]]:
    """What is answered by no, in turn; nothing at first."""
    if len(asked) <= _ALL:
        return [no for count in range(len(asked) + 1) for no in combinations(asked, count)]
    alone = [(one,) for one in asked]
    others = [tuple(other for other in asked if other != one) for one in asked]
    return [(), *alone, tuple(asked), *others]


def _pairs_of(before: Estate, after: Estate) -> dict[str, tuple[Template, Template]]:
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


def _comparison(world: _World, pairs: Pairs, impacts: Mapping[str, Impacts]) -> Comparison:
    before, after = world.before, world.after
    changes = [
        change
        for name, (old, new) in pairs.items()
        for change in _changes(after.get(name) or before[name], old, new, impacts[name])
    ]
    return Comparison(
        before=before,
        after=after,
        changes=tuple(changes),
        reworded=tuple(name for name in world.differing if name not in pairs),
        sections={name: impacts[name].sections for name in pairs if impacts[name].sections},
        unless=world.unless,
        oddities=tuple(sorted(world.oddities)),
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
