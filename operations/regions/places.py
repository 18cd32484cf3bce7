"""The stage as the configuration has it, and the clients by which its regions are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import boto3
from botocore.config import Config

from config.derived.switching import Estate, estate_of
from config.notifications import NOTIFICATIONS
from config.schema import Notification, Role, StageConfig, Standby, UseCase, use_cases_in
from config.stages import STAGES
from config.use_cases import USE_CASES
from pipeline.errors import InvalidInput

Clients = Callable[[str, str], Any]
"""Makes an AWS client of a region (first) for a service."""
LONGEST_SECONDS = 8
"""That a call waits for a region which does not answer."""
_CONFIG = Config(
    connect_timeout=3, read_timeout=LONGEST_SECONDS - 3, retries={"total_max_attempts": 1, "mode": "standard"}
)


def aws_clients(region: str, service: str) -> Any:
    return boto3.client(service, region_name=region, config=_CONFIG)


@dataclass(frozen=True)
class Stage:
    config: StageConfig
    use_cases: Sequence[UseCase]
    notifications: Sequence[Notification]

    @property
    def name(self) -> str:
        return self.config.name

    def there(self, region: str) -> tuple[UseCase, ...]:
        return use_cases_in(self.name, region, self.use_cases)

    def estate(self, region: str) -> Estate:
        return estate_of(self.config, self.there(region), self.notifications)

    def role(self, region: str) -> Role:
        return self.config.roles[region]


def stage_named(name: str, regions: str | None = None) -> Stage:
    """regions: those that may be active, joined by commas, the primary first, if they are other than the
    configuration's. Raises: InvalidInput, if there is no such stage.
    """
    found = [stage for stage in STAGES if stage.name == name]
    if not found:
        names = ", ".join(stage.name for stage in STAGES)
        raise InvalidInput(f"there is no stage {name!r} in config/stages.py: there are {names}")
    config = found[0]
    if regions:
        primary, *others = regions.split(",")
        config = replace(
            config,
            region=primary,
            standby_regions=tuple(Standby(region=region) for region in others),
            replica_regions=tuple(one for one in config.replica_regions if one not in regions.split(",")),
        )
    return Stage(config, USE_CASES, NOTIFICATIONS)
