"""What must be true after a run, computed from the application's database and the serving table."""

from collections.abc import Iterator
from math import ceil

from local_cloud.demo.application import UseCaseFacts
from local_cloud.demo.report import Check
from local_cloud.demo.serving_table import Served

_WRITE_UNIT = 1_024


def checks(
    use_case: str, facts: UseCaseFacts, served: Served | None, generation: str | None
) -> Iterator[Check]:
    """`generation`: the one that the run has published; None if it had nothing to publish."""
    if served is None:
        yield Check(f"{use_case}: a generation is visible", False, "nothing has been published")
        return
    visible = generation is None or served.generation == generation
    whose = "a generation" if generation is None else "the run's generation"
    yield Check(f"{use_case}: readers see {whose}", visible, served.generation)
    missing = facts.audience - served.lists.keys()
    empty = [user for user, items in served.lists.items() if not items]
    found = f"{len(served.lists):,} of {len(facts.audience):,}" + (f", {len(empty)} empty" if empty else "")
    yield Check(f"{use_case}: everybody in the audience has a list", not missing and not empty, found)
    own = sum(len(facts.own.get(user, frozenset()) & set(items)) for user, items in served.lists.items())
    entries = sum(map(len, served.lists.values()))
    yield Check(f"{use_case}: no own items in any list", own == 0, f"{own} of {entries:,}")
    twice = sum(len(items) != len(set(items)) for items in served.lists.values())
    yield Check(f"{use_case}: nothing twice in any list", twice == 0, f"{twice} lists")
    largest = max(served.sizes.values(), default=0)
    units = sum(ceil(size / _WRITE_UNIT) for size in served.sizes.values())
    per_user = units / len(served.sizes) if served.sizes else 0.0
    detail = f"{per_user:.2f}, the largest item has {largest:,} bytes"
    yield Check(f"{use_case}: one write unit per user", largest <= _WRITE_UNIT, detail)
