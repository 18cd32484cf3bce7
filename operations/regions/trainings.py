"""What has to be learnt again in the region that becomes active: how long it takes, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.derived.names import PersonalizeNames, copies_bucket_name
from config.schema import UseCase
from costs.prices.catalogue import Catalogue, catalogue
from costs.prices.items import Item, trained_by
from costs.prices.price import UnknownPrice
from operations.regions.places import Clients, Stage
from operations.regions.status import StageStatus
from pipeline import keys


@dataclass(frozen=True, kw_only=True)
class Model:
    """hours: that the last training took, as Amazon Personalize says. interactions: of the last run that was
    published. usd: of one training. None: unknown, and `what` says so.
    """

    use_case: str
    variant: str
    what: str
    hours: float | None = None
    interactions: int | None = None
    usd: float | None = None


def models_of(stage: Stage, status: StageStatus, to: str, clients: Clients) -> list[Model]:
    source = status.epoch.region if status.epoch else None
    source = source if source and source != to and status.of(source).answers else None
    return [
        model for use_case in stage.there(to) for model in _of_use_case(stage, use_case, source, to, clients)
    ]


def _of_use_case(
    stage: Stage, use_case: UseCase, source: str | None, to: str, clients: Clients
) -> Iterator[Model]:
    if use_case.personalize:
        variant = use_case.personalize
        hours = _hours(stage, use_case, clients(source, "personalize"), source) if source else None
        rows = _interactions(stage, use_case, variant.name, to, clients)
        took = f"took {hours:g} training hours in {source}" if hours is not None else "of unknown hours"
        usd, price = _price(trained_by(variant.recipe), hours, rows, to, catalogue())
        yield Model(
            use_case=use_case.name,
            variant=variant.name,
            what=f"trained anew by the first run after the switch; the last training {took}; {price}",
            hours=hours,
            interactions=rows,
            usd=usd,
        )
    for own in use_case.by_engine:
        what = "goes on by what was copied of it until the first run after the switch learns it anew"
        yield Model(use_case=use_case.name, variant=own.name, what=what, usd=None)


def _price(
    item: Item, hours: float | None, rows: int | None, to: str, prices: Catalogue
) -> tuple[float | None, str]:
    """Of one training; None, if it is not known, and why."""
    try:
        price = prices.price(item, to)
    except UnknownPrice as unknown:
        return None, f"its price is unknown: {unknown}"
    quantity = hours if item is Item.TRAINING_HOUR else None if rows is None else rows / 1000
    if quantity is None:
        missing = "hours" if item is Item.TRAINING_HOUR else "interactions"
        rate = f"{price.usd:g} USD per {item.unit}"
        return None, f"its price is unknown, as its {missing} are: {rate}, {price.words}"
    usd = round(price.of(quantity), 2)
    return usd, f"about {usd:.2f} USD for {quantity:,.3g} x {item.unit}, {price.words}"


def _hours(stage: Stage, use_case: UseCase, personalize: Any, region: str) -> float | None:
    """Of the newest version; None, if Personalize does not say."""
    name = PersonalizeNames(stage.name, use_case).solution
    arn = f"arn:aws:personalize:{region}:{stage.config.account}:solution/{name}"
    try:
        listed = personalize.list_solution_versions(solutionArn=arn)["solutionVersions"]
        active = [version for version in listed if version["status"] == "ACTIVE"]
        if not active:
            return None
        newest = max(active, key=lambda version: version["creationDateTime"])["solutionVersionArn"]
        found = personalize.describe_solution_version(solutionVersionArn=newest)["solutionVersion"]
    except (ClientError, BotoCoreError):
        return None
    hours = found.get("trainingHours")
    return None if hours is None else float(hours)


def _interactions(stage: Stage, use_case: UseCase, variant: str, to: str, clients: Clients) -> int | None:
    """By the copy of the last good run's record, which is there while its own region is not."""
    bucket, key = (
        copies_bucket_name(stage.name, stage.config.account, to),
        keys.last_good(use_case.name, variant),
    )
    try:
        body = clients(to, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        datasets = json.loads(body)["datasets"]
        return next(int(one["rows"]) for one in datasets if one["dataset"] == "interactions")
    except (ClientError, BotoCoreError, ValueError, LookupError, TypeError, StopIteration):
        return None
