"""The comment on a configuration of six regions, synthesised before and after a change of every stack."""

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from app import build_app
from config.schema import ApiConfig, Audience, Backups, Schedule, StageConfig, Throttling, UseCase
from config.use_cases import USE_CASES
from review.costing import costs
from review.reading.assemblies import assembly_of
from review.report.building import Report
from review.report.markdown import LONGEST, comment, verdict
from tests.app.support.business.stages import PROD
from tests.app.support.snapshots import NO_BUNDLING
from tests.support.reviewing import Estate, first_screen, reports

REPLICAS = ("eu-central-1", "eu-west-2", "eu-north-1", "us-east-1", "ap-southeast-1")
SIX = replace(PROD, replica_regions=REPLICAS)
FIRST, *OTHERS = USE_CASES
"""The first one gets another name: a new model, roles, alarms and state machine in place of the old ones."""
AFTER = replace(
    SIX,
    owner="another-team",
    schedule=Schedule(expression="cron(0 3/6 * * ? *)"),
    alarm_emails=PROD.alarm_emails[:1],
    backups=Backups(record_days=3, derived_days=3),
    audience=Audience(active_within_days=None),
    api=ApiConfig(throttling=Throttling(rate_per_second=10_000, burst=10_000)),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    def estate(stage: StageConfig, use_cases: tuple[UseCase, ...]) -> Estate:
        folder: Path = tmp_path_factory.mktemp("assembly")
        build_app((stage,), use_cases, outdir=str(folder), context=NO_BUNDLING).synth()
        return assembly_of(folder)

    before = estate(SIX, tuple(USE_CASES))
    after = estate(AFTER, (replace(FIRST, name=f"{FIRST.name}_2"), *OTHERS))
    return reports({"six": (before, after)}, partial(costs, today=date(2026, 11, 30)))["six"]


def test_the_comment_is_short_enough_and_begins_with_the_verdict_and_the_costs(report: Report) -> None:
    text = comment(report)

    assert len(text) < LONGEST == 60_000
    assert {line.region for line in report.table} == {PROD.region, *REPLICAS}
    shown = first_screen(text)
    assert verdict(report) in shown and "❌ **Stop:" in shown
    assert "- costs: **+" in shown
    assert all(f"| Prod | {region} |" in shown for region in REPLICAS)
    for cause in ("stage prod: schedule ", "stage prod: audience ", "use case posts: gone"):
        assert f"| {cause}" in text
