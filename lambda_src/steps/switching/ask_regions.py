"""Asks every region of the stage as readers do, and says whether this region is the active one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from pipeline.canary.asking import Asker
from pipeline.canary.looking import Looker, Seen
from pipeline.canary.targets import Addresses, CanarySettings
from pipeline.environment import Environment
from pipeline.regions.epochs import Epochs
from steps import telemetry
from steps.environment import RegionsEnvironment

_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 1, "mode": "standard"})


@dataclass(frozen=True)
class CanaryEnvironment(Environment):
    """canary: see CanarySettings. address_parameter: where each region keeps its API's address."""

    canary: str
    address_parameter: str


class Result(TypedDict):
    active: bool
    unavailable: dict[str, str]


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    """Which region is active, and what could not be asked, with the reasons."""
    here = context.invoked_function_arn.split(":")[3]
    active = _active(here)
    looker, regions = _looker()
    with ThreadPoolExecutor(len(regions)) as side_by_side:
        seen = [*side_by_side.map(looker.look, regions)]
    for one in seen:
        _tell(here, one)
    return {"active": active, "unavailable": {one.region: one.why for one in seen if one.why}}


def _active(here: str) -> bool:
    """ActiveRegion: 1 or 0, in this region. A look at this region's copy: it may not have heard yet."""
    environment = RegionsEnvironment.read()
    primary = environment.active_regions.split(",")[0]
    epochs = Epochs(_client("dynamodb", here), environment.serving_table, here, primary)
    active = epochs.current().region == here
    telemetry.tell({}, {"ActiveRegion": int(active)})
    return active


def _tell(here: str, seen: Seen) -> None:
    """Available (percent), Latency (milliseconds) and ListAge (seconds), by from_region and to_region."""
    pair = {"from_region": here, "to_region": seen.region}
    telemetry.tell(pair, {"Available": 100 * int(seen.available)}, unit=telemetry.PERCENT)
    if seen.milliseconds is not None:
        telemetry.tell(pair, {"Latency": seen.milliseconds}, unit=MetricUnit.Milliseconds)
    if seen.list_age is not None:
        telemetry.tell(pair, {"ListAge": seen.list_age}, unit=MetricUnit.Seconds)
    if not seen.available:
        telemetry.logger.warning("region unavailable", extra={"to_region": seen.region, "reason": seen.why})


@cache
def _looker() -> tuple[Looker, tuple[str, ...]]:
    environment = CanaryEnvironment.read()
    settings = CanarySettings.from_json(environment.canary)
    kept_in = [region for region, address in settings.addresses.items() if address is None]
    # Made here: threads must not make clients side by side.
    clients = {region: _client("ssm", region) for region in kept_in}
    kept = Addresses(clients.__getitem__, environment.address_parameter)

    def address(region: str) -> str:
        return settings.addresses[region] or kept.of(region)

    asker = Asker(boto3.Session().get_credentials())
    return Looker(asker, address, settings.list_path), tuple(settings.addresses)


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=_CONFIG)
