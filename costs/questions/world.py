"""What the questions are asked of: a stage, volumes and prices; and which prices the answers rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from config.schema import StageConfig, UseCase
from costs.estimating.estimate import priced
from costs.estimating.sizes import lists_for_people
from costs.prices.catalogue import Catalogue
from costs.questions.answer import Curve
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes


@dataclass(frozen=True)
class World:
    """What the questions are asked of; one use case of lists for people stands for all."""

    stage: StageConfig
    volumes: Volumes
    prices: Catalogue
    today: date
    counted: Sequence[Line] = ()
    alone: Sequence[Line] = ()
    """What is counted in templates of the stage in its first region only."""
    doubts: set[str] = field(default_factory=set)
    """Prices that are assumed or old, of all that has been asked so far."""

    @property
    def use_case(self) -> UseCase:
        """Raises: Refused, if nothing is recommended to people."""
        return lists_for_people()

    def usd(self, lines: Sequence[Line], *groups: Group) -> float:
        chosen = [line for line in lines if not groups or line.group in groups]
        estimate = priced(chosen, self.prices, self.today)
        self.doubts.update(f"price per {doubt}" for doubt in estimate.doubts)
        return estimate.usd

    def whole(self, lines: Callable[[Volumes], Sequence[Line]], *groups: Group) -> Curve:
        """US dollars a month by people, of lines by volumes."""
        return lambda people: self.usd(lines(replace(self.volumes, people=round(people))), *groups)

    def curve(
        self,
        make: Callable[[Setting], Sequence[Line]],
        *groups: Group,
        stage: StageConfig | None = None,
        use_case: UseCase | None = None,
        volumes: Volumes | None = None,
    ) -> Curve:
        """US dollars a month by people."""

        def at(people: float) -> float:
            setting = Setting(
                stage=stage or self.stage,
                use_case=use_case or self.use_case,
                volumes=replace(volumes or self.volumes, people=round(people)),
            )
            return self.usd(make(setting), *groups)

        return at
