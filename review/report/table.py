"""How many resources change in what way, by stage and region."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from review.changes.impacts import How
from review.changes.model import Change, Comparison
from review.rules.functions import LAYER

_QUIET = frozenset(
    ["Code", "Layers", "Content", "Description", "AlarmDescription", "Tags", "Metadata", "DisplayName"]
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """quiet: of the changed ones, those of which only code, words or tags change."""

    stage: str
    region: str
    stacks: int
    counts: dict[How, int]
    quiet: int


def table_of(comparison: Comparison) -> list[Line]:
    by_place: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in comparison.changes:
        by_place[change.place.stage, change.place.region].append(change)
    return [
        Line(
            stage=stage,
            region=region,
            stacks=len({change.stack for change in changes}),
            counts=dict(Counter(how_of(change) for change in changes)),
            quiet=sum(map(is_quiet, changes)),
        )
        for (stage, region), changes in sorted(by_place.items())
    ]


def how_of(change: Change) -> How:
    """A new version of a layer is a change of code."""
    return How.CHANGED if change.type == LAYER and change.how is How.REPLACED else change.how


def is_quiet(change: Change) -> bool:
    return (
        not change.is_new
        and not change.goes
        and {*change.properties, *change.others} <= _QUIET
        and how_of(change) is How.CHANGED
    )
