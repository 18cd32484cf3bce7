"""A stage without fault, for tests that break one rule of it."""

from dataclasses import replace
from typing import Any

from config.schema import Database, Schedule, StageConfig, Tier
from operations.arguments import Known, configured

DATABASE = Database(
    vpc_id="vpc-0123456789abcdef0",
    availability_zones=("eu-west-1a", "eu-west-1b"),
    subnet_ids=("subnet-0123456789abcdef0", "subnet-12345678"),
    security_group_id="sg-0123456789abcdef0",
    secret_name="app/database",
)

GOOD = StageConfig(
    name="test",
    tier=Tier.PRODUCTION,
    protected=True,
    account="123456789012",
    region="eu-west-1",
    replica_regions=("eu-central-1", "eu-west-2"),
    owner="somebody",
    database=DATABASE,
    alarm_emails=("a@example.com",),
)


def with_database(**changes: Any) -> StageConfig:
    return replace(GOOD, database=replace(DATABASE, **changes))


def with_schedule(expression: str, **changes: Any) -> StageConfig:
    return replace(GOOD, schedule=Schedule(expression=expression), **changes)


def fields_of(problems: Any) -> set[str]:
    return {problem.field for problem in problems}


def known(*use_cases: str) -> Known:
    """What commands of operators know: what is configured, this stage, and further use cases."""
    here = configured()
    return Known((*here.stages, GOOD), (*here.use_cases, *use_cases), here.notifications)
