"""Stacks that are deployed to where they were, by whom they were: policies say of them how severe a stage is.

A name alone proves nothing: a change may call anything as it likes, and deploy it wherever it likes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from review.changes.model import Comparison, Place, place_of
from review.reading.assemblies import Stack


def settled_places(comparison: Comparison) -> frozenset[Place]:
    """Of stacks that were there before, and are neither moved, renamed nor deployed by others now, in an
    account that no other stage has. A stage's region is one too (its `kind` is empty), if all in it are.
    """
    settled = _settled(comparison)
    names: defaultdict[Place, set[str]] = defaultdict(set)
    for stack in _both(comparison):
        place = place_of(stack)
        names[place].add(stack.name)
        names[replace(place, kind="")].add(stack.name)
    return frozenset(place for place, some in names.items() if some <= settled)


def settled_stages(comparison: Comparison) -> frozenset[str]:
    """In lower case, those of which all stacks are settled, whether they are called so by name or by id."""
    settled = _settled(comparison)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for stack in _both(comparison):
        for stage in (stack.name.partition("-")[0], place_of(stack).stage):
            names[stage.lower()].add(stack.name)
    return frozenset(stage for stage, some in names.items() if some <= settled)


def _settled(comparison: Comparison) -> frozenset[str]:
    stages: defaultdict[str, set[str]] = defaultdict(set)
    for stack in _both(comparison):
        stages[stack.account].add(place_of(stack).stage)
    return frozenset(
        name
        for name, stack in comparison.before.items()
        if len(stages[stack.account]) == 1 and _stays(stack, comparison.after.get(name))
    )


def _stays(before: Stack, after: Stack | None) -> bool:
    """What is removed is not deployed anywhere else."""
    return after is None or _where(before) == _where(after)


def _where(stack: Stack) -> tuple[object, ...]:
    return (stack.assembly, stack.id, stack.account, stack.region, dict(stack.deployed_by))


def _both(comparison: Comparison) -> Iterator[Stack]:
    yield from comparison.before.values()
    yield from comparison.after.values()
