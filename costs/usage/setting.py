"""What the configuration says that matters for costs, of one use case in one stage and region."""

from __future__ import annotations

from dataclasses import dataclass

from config.derived.recipes import recommends_for_items
from config.schema import StageConfig, UseCase
from config.types.schedule_expressions import firings_per_day
from config.types.variants import Heuristic, Own, Personalize
from costs.usage.line import Where
from costs.usage.volumes import DAYS, Volumes
from pipeline.serving_items import WRITE_UNIT


@dataclass(frozen=True, kw_only=True)
class Setting:
    """stage: as it is in the region. asked: use cases that share the readers' requests."""

    stage: StageConfig
    use_case: UseCase
    volumes: Volumes
    asked: int = 1

    @property
    def runs(self) -> float:
        if not self.stage.schedule.enabled:
            return 0.0
        return firings_per_day(self.stage.schedule.expression) * DAYS

    @property
    def trainings(self) -> float:
        """Runs that find something new, a month: on a day on which data changes each one does, and one that
        comes after several days does if there was such a day among them.
        """
        if not self.runs:
            return 0.0
        unchanged = 1 - self.volumes.changed_share
        days_between = max(1.0, DAYS / self.runs)
        return float(self.runs * (1 - unchanged**days_between))

    @property
    def for_items(self) -> bool:
        """Whether the lists belong to items."""
        return recommends_for_items(self.use_case)

    @property
    def lists(self) -> float:
        """Of one run."""
        if self.for_items:
            return self.volumes.items
        everybody = self.stage.audience.active_within_days is None
        return self.volumes.people * (1.0 if everybody else self.volumes.active_share)

    @property
    def list_units(self) -> int:
        """Write units that a stored list takes at most."""
        return -(-self.use_case.list_bytes // WRITE_UNIT)

    @property
    def shards(self) -> int:
        return max(1, -(-int(self.lists) // self.use_case.users_per_shard))

    @property
    def replicas(self) -> int:
        return len(self.stage.other_regions)

    def where(self, variant: Personalize | Own | Heuristic | None = None) -> Where:
        return Where(
            stage=self.stage.name,
            account=self.stage.account,
            region=self.stage.region,
            use_case=self.use_case.name,
            variant=variant.name if variant else "",
        )

    @property
    def lists_notes(self) -> tuple[str, ...]:
        if self.for_items:
            return self.volumes.said("items")
        everybody = self.stage.audience.active_within_days is None
        return self.volumes.said("people", *(() if everybody else ("active_share",)))

    @property
    def units_notes(self) -> tuple[str, ...]:
        """Nothing where there is but one."""
        if self.list_units == 1:
            return ()
        return (
            f"lists of {self.use_case.name} are counted as full, {self.list_units} write units (list_bytes); "
            "what short ids leave empty is not paid for",
        )

    @property
    def runs_notes(self) -> tuple[str, ...]:
        return self.volumes.said("changed_days")
