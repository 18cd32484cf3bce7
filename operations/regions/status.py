"""What each region of a stage says of itself, asked side by side and in bounded time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.derived.names import serving_table_name
from config.schema import Role
from operations.regions.places import Clients, Stage
from pipeline.errors import UnknownFormat
from pipeline.generations import Generations
from pipeline.regions.epoch import ACTIVE, Epoch
from pipeline.regions.epochs import Epochs
from pipeline.switching.schedules import ON, Schedules
from pipeline.times import run_time


@dataclass(frozen=True)
class Served:
    """What readers of the region see. hours: age of the run."""

    use_case: str
    variant: str
    generation: str | None
    epoch: int | None
    hours: float | None


@dataclass(frozen=True, kw_only=True)
class RegionStatus:
    """problem: why the region could not be asked. epoch: the highest one that the region has heard of."""

    region: str
    role: Role
    problem: str = ""
    epoch: Epoch | None = None
    schedules: dict[str, str | None] = field(default_factory=dict)
    served: tuple[Served, ...] = ()

    @property
    def answers(self) -> bool:
        return not self.problem

    @property
    def on(self) -> int:
        return sum(state == ON for state in self.schedules.values())


@dataclass(frozen=True)
class StageStatus:
    regions: Sequence[RegionStatus]

    def of(self, region: str) -> RegionStatus:
        [found] = (one for one in self.regions if one.region == region)
        return found

    @property
    def epoch(self) -> Epoch | None:
        """The highest one that any region has heard of; None, if none answers. Of its state the region knows
        most that is active in it.
        """
        heard = {one.region: one.epoch for one in self.regions if one.epoch}
        if not heard:
            return None
        highest = max(heard.values(), key=lambda epoch: epoch.term.rank)
        own = heard.get(highest.region, highest)
        return own if own.term == highest.term else highest

    def problems(self) -> list[str]:
        """What somebody should do something about."""
        found = [f"{one.region} does not answer: {one.problem}" for one in self.regions if not one.answers]
        if self.epoch is None:
            return found
        if self.epoch.state != ACTIVE:
            found.append(
                f"{self.epoch.region} is {self.epoch.state}, and nobody is active: begin the switch again, "
                "or switch to it"
            )
        for one in self.regions:
            if not one.answers or one.epoch is None:
                continue
            missing = [name for name, state in one.schedules.items() if state is None]
            if missing:
                found.append(f"{one.region} has no schedule {', '.join(missing)}")
            here = one.region == self.epoch.region and self.epoch.state == ACTIVE
            off = len(one.schedules) - one.on - len(missing)
            if here and off:
                found.append(
                    f"{one.region} is active, and {off} of its schedules are off: switch to it again"
                )
            if one.epoch.term.rank < self.epoch.term.rank:
                found.append(f"{one.region} has not heard of epoch {self.epoch.number} yet")
        return found

    def as_json(self) -> dict[str, Any]:
        epoch = self.epoch
        return {
            "active": epoch.region if epoch and epoch.state == ACTIVE else None,
            "epoch": asdict(epoch) if epoch else None,
            "regions": [
                {
                    "region": one.region,
                    "role": one.role.value,
                    "answers": one.answers,
                    "problem": one.problem or None,
                    "state": self.state(one),
                    "epoch": one.epoch.number if one.epoch else None,
                    "schedules": one.schedules,
                    "served": [asdict(served) for served in one.served],
                }
                for one in self.regions
            ],
            "problems": self.problems(),
        }

    def state(self, one: RegionStatus) -> str:
        """In a word."""
        if not one.answers or self.epoch is None:
            return "unknown"
        if one.role is Role.REPLICA:
            return "serves"
        return self.epoch.state if one.region == self.epoch.region else "fenced"

    def lines(self, stage: str) -> list[str]:
        epoch = self.epoch
        lines = [f"{stage}: {epoch.words if epoch else 'no region answers'}"]
        for one in self.regions:
            schedules = f", schedules {one.on} of {len(one.schedules)} on" if one.schedules else ""
            heard = f", epoch {one.epoch.number}{schedules}" if one.epoch else ""
            state = self.state(one) if one.answers else "DOES NOT ANSWER"
            lines.append(f"  {one.region:<16}{one.role.value:<9}{state}{heard}")
            for served in one.served:
                name = f"{served.use_case}/{served.variant}"
                if served.generation is None:
                    lines.append(f"    {name:<40}nothing is published")
                else:
                    in_epoch = f", epoch {served.epoch}" if served.epoch is not None else ""
                    lines.append(f"    {name:<40}{served.generation}  {served.hours:.1f} h old{in_epoch}")
        return lines + [f"! {problem}" for problem in self.problems()]


def status_of(stage: Stage, clients: Clients, now: float) -> StageStatus:
    """A region that does not answer is said, and keeps the others from nothing."""
    regions = stage.config.regions
    # Clients may be used by several threads, but not be made by them.
    made = [(clients(region, "dynamodb"), clients(region, "scheduler")) for region in regions]
    with ThreadPoolExecutor(len(regions)) as pool:
        found = pool.map(lambda region, of: _asked(stage, region, of, now), regions, made)
        return StageStatus(tuple(found))


def _asked(stage: Stage, region: str, clients: tuple[Any, Any], now: float) -> RegionStatus:
    """clients: of DynamoDB and of EventBridge Scheduler."""
    client, scheduler = clients
    role, estate = stage.role(region), stage.estate(region)
    try:
        table = serving_table_name(stage.name)
        epoch = Epochs(client, table, region, stage.config.region).current()
        schedules = {}
        if role is not Role.REPLICA:
            schedules = Schedules(scheduler, estate.schedules).states()
        served = tuple(
            _served(Generations(client, table, use_case, variant), now)
            for use_case, variants in estate.served.items()
            for variant in variants
        )
    except (ClientError, BotoCoreError, UnknownFormat) as error:
        return RegionStatus(region=region, role=role, problem=f"{error}"[:300])
    return RegionStatus(region=region, role=role, epoch=epoch, schedules=schedules, served=served)


def _served(of: Generations, now: float) -> Served:
    pointer = of.pointer()
    if pointer is None:
        return Served(of.use_case, of.variant, None, None, None)
    hours = round((now - run_time(pointer.generation).timestamp()) / 3600, 1)
    return Served(of.use_case, of.variant, pointer.generation, pointer.epoch, hours)
