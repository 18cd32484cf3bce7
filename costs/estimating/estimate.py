"""An estimate: the lines of stages, with prices, and what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from config.schema import Notification, StageConfig, UseCase, use_cases_in
from config.types.variants import Personalize
from costs.prices.catalogue import Catalogue
from costs.prices.price import Grade, Price
from costs.usage import fixed, runs, traffic, training
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack


@dataclass(frozen=True)
class Priced:
    """usd: a month. Lines of one account and region share the tiers of an item."""

    line: Line
    price: Price
    usd: float


@dataclass(frozen=True)
class Estimate:
    """today: by which prices count as old."""

    lines: tuple[Priced, ...]
    today: date

    @property
    def usd(self) -> float:
        """A month."""
        return sum(one.usd for one in self.lines)

    def by(self, key: Callable[[Line], str]) -> dict[str, float]:
        """US dollars a month, in the order of the lines."""
        found: defaultdict[str, float] = defaultdict(float)
        for one in self.lines:
            found[key(one.line)] += one.usd
        return dict(found)

    def of(self, *groups: Group) -> float:
        return sum(one.usd for one in self.lines if one.line.group in groups)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Prices that are assumed or old, each with its unit and why."""
        return doubts(self.lines, self.today)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of prices that are old, and of those that are assumed, each once."""
        old: defaultdict[str, set[str]] = defaultdict(set)
        for one in self.lines:
            if one.price.is_old(self.today):
                old[f"{one.price.as_of}, {one.price.region}"].add(one.price.item.unit)
        said = [f"{day} ({'; '.join(sorted(units))})" for day, units in sorted(old.items())]
        assumed = sum(one.usd for one in self.lines if one.price.grade is Grade.ASSUMED)
        share = assumed / self.usd if self.usd else 0.0
        found = [f"prices older than 12 months: {', '.join(said)}"] if said else []
        if assumed:
            found.append(f"{share:.0%} of the sum ({assumed:,.2f}) rests on assumed prices, marked with *")
        return tuple(found)


def doubts(lines: Iterable[Priced], today: date) -> tuple[str, ...]:
    """Of the prices of some lines."""
    found = {(one.line.item.unit, one.price.doubt(today)) for one in lines}
    return tuple(sorted(f"{unit}: {doubt}" for unit, doubt in found if doubt))


def priced(lines: Iterable[Line], prices: Catalogue, today: date) -> Estimate:
    """Raises: UnknownPrice, if nobody knows what one of the items costs; none is taken for nothing."""
    lines = [line for line in lines if line.quantity]
    together: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for line in lines:
        together[_pool(line)] += line.quantity
    found = []
    for line in lines:
        price = prices.price(line.item, line.where.region)
        whole = together[_pool(line)]
        found.append(Priced(line, price, price.of(whole) * line.quantity / whole))
    return Estimate(tuple(found), today)


def stage_lines(
    stage: StageConfig,
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification],
    volumes: Volumes,
    counted: Iterable[Line] = (),
) -> list[Line]:
    """All of a stage, in all its regions. counted: what `fixed_of` has found in its templates."""
    found: list[Line] = []
    there = use_cases_in(stage.name, stage.region, use_cases)
    asked = sum(use_case.endpoint is not None for use_case in there)
    settings = [
        Setting(stage=stage, use_case=use_case, volumes=volumes, asked=max(1, asked)) for use_case in there
    ]
    for setting in settings:
        found += use_case_lines(setting)
    found += traffic.serving_lines(stage, there, volumes)
    found += traffic.realtime_lines(stage, there, volumes)
    found += traffic.event_lines(stage, there, volumes)
    found += traffic.notification_lines(stage, notifications, volumes)
    for region in stage.regions:
        found += traffic.canary_lines(stage, region)
    found += fixed.network_lines(stage, volumes, sum(setting.runs for setting in settings))
    return [*found, *counted]


def fixed_of(stage: StageConfig, stacks: Iterable[Stack]) -> tuple[Line, ...]:
    """What is paid for whatever the volumes are. stacks: of a synth; those of other stages are left out."""
    return tuple(fixed.fixed_lines(stack for stack in stacks if fixed.stage_of(stack) == stage.name))


def use_case_lines(setting: Setting) -> list[Line]:
    """Runs, loading and storage of a use case, and what each of its variants takes."""
    kinds = (runs.run_lines, runs.loading_lines, runs.storage_lines, runs.shown_lines)
    found = [line for lines in kinds for line in lines(setting)]
    for variant in setting.use_case.variants:
        if isinstance(variant, Personalize):
            found += training.personalize_lines(setting, variant)
            found += training.campaign_lines(setting, variant)
        else:
            found += training.engine_lines(setting, variant)
    return found


def _pool(line: Line) -> tuple[str, str, str]:
    return line.where.account, line.where.region, line.item
