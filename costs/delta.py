"""What a change costs: two assemblies held against each other, by the configuration that causes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from config.schema import Audience, Dataset, Fatigue, Schedule, UseCase
from config.types.variants import Variant
from costs.estimating.estimate import Estimate, Priced, doubts, priced, use_case_lines
from costs.estimating.reading import Read, stages_in
from costs.estimating.templates import on_aws
from costs.prices.catalogue import Catalogue, catalogue
from costs.show.table import rests_on
from costs.unpriced import unpriced
from costs.usage.fixed import counted, fixed_lines, stage_of
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack

LEAST = 0.005
_STAGE_FIELDS = ("schedule", "audience", "replica_regions", "generation_days", "tier")
_CASE_FIELDS = ("variants", "users_per_shard", "list_bytes", "users", "items", "fatigue")
_Place = tuple[str, str]
_Estate = Mapping[_Place, Read]


@dataclass(frozen=True, kw_only=True)
class Change:
    """cause: the line of configuration, or the resources of the templates, that makes the difference. usd: US
    dollars a month more, or less if below nothing; None: it costs something, but not by what is known here.
    groups: what the difference is made of, by the largest, in US dollars. doubts: prices in it that are
    assumed or old, and why. notes: what is assumed of quantities.
    """

    stage: str
    region: str
    cause: str
    usd: float | None
    groups: tuple[tuple[str, float], ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def delta(
    before: Iterable[Stack],
    after: Iterable[Stack],
    volumes: Volumes | None = None,
    *,
    today: date,
    prices: Catalogue | None = None,
) -> list[Change]:
    """The largest first; less than half a cent is left out, what cannot be priced comes last.

    Of configuration, each line's difference is what the sum changes when it alone is changed on top of those
    before it, so that all of them together are the whole. Stages that run on a machine of one's own are left
    out: they cost nothing on AWS. before, after: as `review.assemblies.assembly_of`
    reads them. volumes: None: those that are assumed. Raises: UnknownPrice, BadPrices.
    """
    one, other = on_aws(before), on_aws(after)
    world = _World(volumes or Volumes(), prices or catalogue(), today)
    found = [*_configured(one, other, world), *_counted(one, other, world)]
    found.sort(key=lambda change: -abs(change.usd or 0.0))
    unknown = [
        Change(stage=told.stage, region=told.region, cause=told.cause, usd=None, notes=(told.why,))
        for told in unpriced(one, other)
    ]
    return [*found, *unknown]


def lines_of(changes: Sequence[Change]) -> list[str]:
    """For people: the sum, a line each, and what they rest on. A star: by a price that is assumed or old."""
    unknown = sum(change.usd is None for change in changes)
    more = f", and {unknown} that cannot be known (?)" if unknown else ""
    lines = [f"{sum(change.usd or 0.0 for change in changes):+,.2f} US dollars a month{more}"]
    for change in changes:
        star = "*" if change.doubts else " "
        usd = "?" if change.usd is None else f"{change.usd:+,.2f}{star}"
        parts = ", ".join(f"{name} {part:+,.2f}" for name, part in change.groups[:3])
        parts = parts if change.usd is not None else "; ".join(change.notes)
        made_of = f" ({parts})" if parts else ""
        lines.append(f"{usd:>11} {change.stage} {change.region}: {change.cause}{made_of}")
    doubted = {doubt for change in changes for doubt in change.doubts}
    noted = {note for change in changes if change.usd is not None for note in change.notes}
    return [*lines, *rests_on(doubted, noted)]


@dataclass(frozen=True)
class _World:
    volumes: Volumes
    prices: Catalogue
    today: date

    def estimate(self, estate: _Estate, volumes: Volumes | None = None) -> Estimate:
        lines: list[Line] = []
        for stage, use_cases in estate.values():
            for use_case in use_cases:
                asked = max(1, len(use_cases))
                setting = Setting(
                    stage=stage, use_case=use_case, volumes=volumes or self.volumes, asked=asked
                )
                lines += use_case_lines(setting)
        return priced(lines, self.prices, self.today)


def _configured(one: Sequence[Stack], other: Sequence[Stack], world: _World) -> Iterator[Change]:
    before = {(stage.name, stage.region): (stage, use_cases) for stage, use_cases in stages_in(one)}
    after = {(stage.name, stage.region): (stage, use_cases) for stage, use_cases in stages_in(other)}
    estate: dict[_Place, Read] = dict(before)
    was = world.estimate(estate)
    for place in dict.fromkeys([*before, *after]):
        for cause, read in _steps(before.get(place), after.get(place)):
            old = estate.pop(place, None)
            if read:
                estate[place] = read
            now = world.estimate(estate)
            if abs(now.usd - was.usd) >= LEAST:
                different = _different(was, now)
                yield Change(
                    stage=place[0],
                    region=place[1],
                    cause=cause,
                    usd=now.usd - was.usd,
                    groups=_groups(was, now),
                    doubts=doubts(different, world.today),
                    notes=tuple(sorted({note for one in different for note in one.line.notes})),
                )
            elif old and read and (between := _by_audience(world, place, old, read)):
                yield Change(stage=place[0], region=place[1], cause=cause, usd=None, notes=(between,))
            was = now


def _by_audience(world: _World, place: _Place, was: Read, now: Read) -> str:
    """Within what the difference of an audience of other days lies, since nobody knows how many more or fewer
    are active within them; empty, if it makes none.
    """
    days, other = (read[0].audience.active_within_days for read in (was, now))
    if days is None or other is None or days == other:
        return ""
    (stage, use_cases), volumes = now, world.volumes
    if other > days:
        stage = replace(stage, audience=Audience(active_within_days=None))
    else:
        volumes = replace(volumes, active_share=0.0)
    sides = (world.estimate({place: now}), world.estimate({place: (stage, use_cases)}, volumes))
    # Readers are the same whoever has a list.
    here, there = (side.usd - side.of(Group.SERVING) for side in sides)
    if abs(there - here) < LEAST:
        return ""
    whom = "everybody" if other > days else "nobody"
    return (
        f"from 0 to {there - here:+,.2f}, which it is if {whom} is active within {other} days: "
        "estimate both, each with its --active-share"
    )


def _different(was: Estimate, now: Estimate) -> list[Priced]:
    """Lines that cost something else than before, or are not on the other side."""
    sums: defaultdict[Hashable, float] = defaultdict(float)
    for sign, estimate in ((-1, was), (1, now)):
        for one in estimate.lines:
            sums[_same(one.line)] += sign * one.usd
    return [one for one in (*was.lines, *now.lines) if abs(sums[_same(one.line)]) >= LEAST / 100]


def _same(line: Line) -> Hashable:
    return line.where, line.group, line.item, line.what


def _groups(was: Estimate, now: Estimate) -> tuple[tuple[str, float], ...]:
    sides = [estimate.by(lambda line: line.group) for estimate in (was, now)]
    both = {name: sides[1].get(name, 0.0) - sides[0].get(name, 0.0) for name in {**sides[0], **sides[1]}}
    large = [(name, usd) for name, usd in both.items() if abs(usd) >= LEAST]
    return tuple(sorted(large, key=lambda pair: -abs(pair[1])))


def _steps(was: Read | None, now: Read | None) -> Iterator[tuple[str, Read | None]]:
    """From one to the other, a line of configuration at a time: its words, and the stage as it then is."""
    if was is None or now is None:
        known = now or was
        assert known
        yield f"stage {known[0].name}: {'new' if now else 'gone'} in {known[0].region}", now
        return
    stage, cases = was[0], {case.name: case for case in was[1]}
    target, wanted = now[0], {case.name: case for case in now[1]}
    for field in _STAGE_FIELDS:
        old, new = getattr(stage, field), getattr(target, field)
        if old != new:
            stage = replace(stage, **{field: new})
            yield (
                f"stage {stage.name}: {field} {_short(old)} -> {_short(new)}",
                (stage, tuple(cases.values())),
            )
    for name in dict.fromkeys([*cases, *wanted]):
        for words, case in _case_steps(cases.get(name), wanted.get(name)):
            cases.pop(name, None)
            if case:
                cases[name] = case
            yield words, (stage, tuple(cases.values()))


def _case_steps(was: UseCase | None, now: UseCase | None) -> Iterator[tuple[str, UseCase | None]]:
    if was is None or now is None:
        known = now or was
        assert known
        yield f"use case {known.name}: {'new' if now else 'gone'}", now
        return
    for field in _CASE_FIELDS:
        old, new = getattr(was, field), getattr(now, field)
        if old != new:
            was = replace(was, **{field: new})
            yield f"use case {was.name}: {field} {_short(old)} -> {_short(new)}", was


def _short(value: Any) -> str:
    match value:
        case None:
            return "none"
        case tuple():
            return ", ".join(_variant(one) if not isinstance(one, str) else one for one in value) or "none"
        case Schedule():
            return value.expression if value.enabled else "off"
        case Audience(active_within_days=None):
            return "everybody"
        case Audience():
            return f"active within {value.active_within_days} days"
        case Dataset():
            return "there"
        case Fatigue():
            return f"of {value.days} days"
    return str(value)


def _variant(variant: Variant) -> str:
    parts = [str(getattr(variant, name)) for name in ("recipe", "algorithm") if hasattr(variant, name)]
    parts += [f"{variant.memory_mb:,} MB"] if hasattr(variant, "memory_mb") else []
    parts += ["campaign"] if getattr(variant, "campaign", None) else []
    return f"{variant.name} ({', '.join(parts)})" if parts else variant.name


def _counted(one: Sequence[Stack], other: Sequence[Stack], world: _World) -> Iterator[Change]:
    """What costs something by being there."""
    sides = [
        {
            (item.line.where.stage, item.line.where.region, item.line.item): item
            for item in priced(fixed_lines(stacks), world.prices, world.today).lines
        }
        for stacks in (one, other)
    ]
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        was, now = (side.get(key) for side in sides)
        usd = (now.usd if now else 0.0) - (was.usd if was else 0.0)
        known = now or was
        if known and abs(usd) >= LEAST:
            numbers = [f"{side.line.quantity:,.0f}" if side else "0" for side in (was, now)]
            which = _resources(one, other, known.line)
            cause = f"{known.line.item.unit}: {' -> '.join(numbers)}{which}"
            yield Change(
                stage=key[0],
                region=key[1],
                cause=cause,
                usd=usd,
                doubts=doubts([known], world.today),
                notes=known.line.notes,
            )


def _resources(before: Sequence[Stack], after: Sequence[Stack], line: Line) -> str:
    """Which resources have come and gone."""
    sides = [
        {
            one.resource
            for stack in stacks
            if stage_of(stack) == line.where.stage
            for one in counted(stack.template)
            if one.item is line.item and (one.region or stack.region) == line.where.region
        }
        for stacks in (before, after)
    ]
    parts = []
    for word, names in (("new", sides[1] - sides[0]), ("gone", sides[0] - sides[1])):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            parts.append(f"; {word}: {', '.join(sorted(names)[:3])}{more}")
    return "".join(parts)
