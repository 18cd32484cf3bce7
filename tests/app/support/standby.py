"""A stage in production with a region that can be switched to, and one that only serves."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from app import build_app
from config.notifications import NOTIFICATIONS
from config.schema import StageConfig, Standby
from config.use_cases import USE_CASES
from review.reading.templates import Template
from tests.app.support.business.stages import PROD

HOME, AWAY, REPLICA = PROD.region, "eu-central-1", "eu-west-2"
SOME = {one.use_case for one in NOTIFICATIONS}
"""Use cases that are enough for all kinds of stacks."""
NOTIFIED = tuple(case for case in USE_CASES if case.name in SOME)


def with_standby() -> StageConfig:
    assert PROD.database and PROD.notifications
    standby = Standby(
        region=AWAY,
        database=replace(PROD.database, availability_zones=tuple(f"{AWAY}{zone}" for zone in "abc")),
        sender=PROD.notifications.sender,
        push=tuple(replace(one, arn=one.arn.replace(HOME, AWAY)) for one in PROD.notifications.push),
    )
    return replace(PROD, replica_regions=(REPLICA,), standby_regions=(standby,))


def synthesise_standby(folder: Path, context: dict[str, Any]) -> Path:
    """Whatever cdk-nag finds fails the synth."""
    app = build_app((with_standby(),), NOTIFIED, NOTIFICATIONS, outdir=str(folder), context=context)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return folder


def of(stacks: dict[str, Template], region: str, kind: str) -> Template:
    return stacks[f"Prod-{region}-{kind}"]
