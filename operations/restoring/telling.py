"""What a restore has found and done, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from operations.restoring.kinds import Kind, Way
from operations.restoring.reading import UNKNOWN
from operations.restoring.restoring import Found

_SHOWN = 10
KEPT = (
    "it costs what a table costs, and has no time to live, point-in-time recovery, protection against "
    "deletion, alarms, streams or replicas: DynamoDB restores none of them"
)


def lines_of(found: Mapping[str, Found], kinds: Sequence[Kind], *, mends: bool) -> Iterator[str]:
    """mends: whether it was asked for."""
    yield f"  {'':<24}{'then':>10}{'now':>10}{'missing':>10}{'put back':>10}{'changed':>10}"
    for kind in kinds:
        of = found.get(kind.name)
        if of is None:
            continue
        if kind.way is Way.NEVER:
            yield f"  {kind.name:<24}{of.then:>10,}{of.now:>10,}  never put back: {kind.why}"
            continue
        numbers = (of.then, of.now, of.missing, of.put_back, of.changed)
        yield f"  {kind.name:<24}" + "".join(f"{number:>10,}" for number in numbers)
        for why, many in sorted(of.left.items()):
            yield f"  {'':<24}{many:>10,} stay away: {why}"
        if of.less:
            yield f"  {'':<24}{of.less:>10,} are less than they were: {_mended(of, mends=mends)}"
        yield from _some("changed since, left as they are", of.keys_changed, of.changed - of.mended)
    if unknown := found.get(UNKNOWN):
        yield f"  {UNKNOWN:<24}{unknown.then:>10,}{unknown.now:>10,}  left alone"


def _mended(of: Found, *, mends: bool) -> str:
    if not mends:
        return "--changed mend adds what they lack"
    if of.mended == of.less:
        return "mended"
    return (
        f"{of.mended:,} mended, the others were changed meanwhile, counted again elsewhere, or not asked for"
    )


def _some(what: str, keys: Sequence[str], number: int) -> Iterator[str]:
    if number > 0:
        more = f", and {number - _SHOWN:,} more" if number > _SHOWN else ""
        yield f"    {what}: {', '.join(keys[:_SHOWN])}{more}"


def as_json(found: Mapping[str, Found], kinds: Sequence[Kind]) -> dict[str, Any]:
    ways = {kind.name: kind.way for kind in kinds}
    return {
        name: {**asdict(of), "left": dict(of.left), "open": _open(of, ways.get(name))}
        for name, of in found.items()
    }


def _open(of: Found, way: Way | None) -> int:
    return 0 if way in (None, Way.NEVER) else of.open()
