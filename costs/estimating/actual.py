"""What a run used, beside what was estimated for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from config.schema import StageConfig, UseCase
from costs.estimating.estimate import Estimate, priced, use_case_lines
from costs.prices.catalogue import Catalogue
from costs.usage.line import Group
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes

RUN = (Group.IMPORT, Group.TRAINING, Group.LISTS, Group.RUNS, Group.LOADING, Group.REPLICA)
"""What a run is paid by."""


@dataclass(frozen=True)
class Compared:
    """what: with its unit. used: None, if the record does not say."""

    what: str
    estimated: float
    used: float | None

    @property
    def share(self) -> float | None:
        """Of the estimate: 1.1 is a tenth more."""
        return None if self.used is None or not self.estimated else self.used / self.estimated


@dataclass(frozen=True)
class Actual:
    """usd: of one run that publishes, as estimated and with what was used in its place. doubts: prices in it
    that are assumed or old, and why. notes: what is assumed of quantities, for both.
    """

    use_case: str
    variant: str
    run: str
    rows: tuple[Compared, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def usd(self) -> Compared:
        return self.rows[-1]


class NoRecord(Exception):
    """A record lacks what is needed of it."""


def compared(
    stage: StageConfig,
    use_case: UseCase,
    variant: str,
    record: Mapping[str, Any],
    volumes: Volumes,
    *,
    today: date,
    prices: Catalogue,
) -> Actual:
    """record: the last good run's, `runs/<use case>/<variant>/last_good.json`. volumes: what the estimate
    went by; training hours, which no record has, are the same for both.

    Raises: NoRecord, if it has no datasets; UnknownPrice.
    """
    found, known = known_volumes(record)
    chosen = tuple(one for one in use_case.variants if one.name == variant) or use_case.variants
    there = replace(use_case, variants=chosen)
    before = Setting(stage=stage, use_case=there, volumes=volumes)
    after = Setting(stage=stage, use_case=there, volumes=replace(volumes, **found, known=known))
    figures: Mapping[str, Any] = record.get("used") or {}
    rows = record["datasets"]
    used_rows = sum(int(one.get("rows") or 0) for one in rows)
    written = figures.get("writeUnits", record.get("loaded"))
    estimated, used = (_of_runs(setting, prices, today) for setting in (before, after))
    estimated_rows = volumes.interactions + volumes.people * bool(use_case.users)
    return Actual(
        use_case=use_case.name,
        variant=variant,
        run=str(record.get("generation", "?")),
        rows=(
            Compared("people known", volumes.people, after.volumes.people),
            Compared("interactions", volumes.interactions, after.volumes.interactions),
            Compared("rows extracted", estimated_rows + volumes.items * bool(use_case.items), used_rows),
            Compared(
                "lists, in write units",
                before.lists * before.list_units,
                None if written is None else float(written),
            ),
            Compared("US dollars of the run", _of_one(estimated, before), _of_one(used, after)),
        ),
        doubts=used.doubts,
        notes=tuple(sorted({note for one in used.lines for note in one.line.notes})),
    )


def known_volumes(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields of `Volumes` that a record says, and that they are from there.

    Raises: NoRecord, if it knows of nobody.
    """
    try:
        rows = {str(one["dataset"]): one for one in record["datasets"]}
        events = rows["interactions"]
        people = max(int(events.get("users") or 0), int(rows.get("users", {}).get("rows") or 0))
        items = max(int(events.get("items") or 0), int(rows.get("items", {}).get("rows") or 0))
        if not people:
            raise ValueError("nobody is known in it")
        found: dict[str, Any] = {"people": people, "interactions_per_person": int(events["rows"]) / people}
        if items:
            found["items"] = items
        if record.get("audience"):
            found["active_share"] = min(1.0, int(record["audience"]) / people)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        why = f"{error.__class__.__name__}: {error}"
        raise NoRecord(f"no last_good.json of a run: {why}") from error
    return found, dict.fromkeys(found, f"run {record.get('generation', '?')}")


def _of_runs(setting: Setting, prices: Catalogue, today: date) -> Estimate:
    """Of a month's runs that find something new."""
    return priced([line for line in use_case_lines(setting) if line.group in RUN], prices, today)


def _of_one(estimate: Estimate, setting: Setting) -> float:
    return estimate.usd / setting.trainings if setting.trainings else 0.0
