"""What a run deploys: the smallest form of a stage, under a name that is the run's id."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from config.schema import Database, Schedule, SslMode, StageConfig, Tier, UseCase
from config.stages import STAGES
from verification.ground import sample
from verification.ground.names import checked

FOLDER = Path(".verification")


class Refused(Exception):
    """Nothing was done; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """of: name of the configured stage. endpoint: of a local cloud; None is AWS. database: as in a stage.

    began: seconds since 1970, which the generated data is dated by. done: the parts of the run that are over.
    facts: what was learnt on the way and is needed after an interruption, as texts.
    """

    run: str
    of: str
    account: str
    region: str
    began: int
    endpoint: str | None = None
    database: Database | None = None
    campaign: bool = False
    done: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked(self.run)

    @property
    def stage(self) -> StageConfig:
        """Tier development, one region, nobody notified, no e-mails; its schedule starts nothing."""
        configured = configured_stage(self.of)
        return replace(
            configured,
            name=self.run,
            tier=Tier.DEVELOPMENT,
            account=self.account,
            region=self.region,
            replica_regions=(),
            standby_regions=(),
            database=self.database,
            schedule=Schedule(enabled=False),
            alarm_emails=(),
            notifications=None,
        )

    @property
    def use_case(self) -> UseCase:
        return sample.use_case(campaign_in=self.run if self.campaign else None)

    @property
    def pattern(self) -> str:
        return f"{self.stage.id_in(self.region)}/*"

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.run}.json"

    def with_done(self, part: str, **facts: str) -> "Plan":
        """Saved at once: an interruption after this does not repeat the part."""
        plan = replace(self, done=(*self.done, part), facts={**self.facts, **facts})
        plan.save()
        return plan

    def save(self) -> None:
        FOLDER.mkdir(exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        new.replace(self.file)


def load(run: str) -> Plan:
    """Raises: Refused, if this folder has no such run."""
    file = FOLDER / f"{checked(run)}.json"
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(f"there is no run {run} here: {file} does not exist") from None
    database = told.pop("database")
    if database:
        listed = {name: tuple(database[name]) for name in ("availability_zones", "subnet_ids")}
        database = Database(**{**database, **listed, "ssl_mode": SslMode(database["ssl_mode"])})
    return Plan(**{**told, "database": database, "done": tuple(told["done"])})


def configured_stage(name: str) -> StageConfig:
    """By its name, or by that of its CDK stage, as `Dev-eu-west-1`. Raises: Refused, if there is none."""
    for stage in STAGES:
        if name in (stage.name, stage.id_in(stage.region)):
            return stage
    known = ", ".join(stage.id_in(stage.region) for stage in STAGES)
    raise Refused(f"there is no stage {name}: one of {known}")
