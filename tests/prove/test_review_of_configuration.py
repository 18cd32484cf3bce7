"""What a review says of changes to the configuration, from `config/` through a synth to the report."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from app import build_app
from config.schema import ApiConfig, Backups, Schedule, StageConfig, Throttling, UseCase
from config.use_cases import USE_CASES
from review.reading.assemblies import assembly_of
from review.report.building import Report
from tests.app.support.business.stages import PROD
from tests.app.support.snapshots import NO_BUNDLING
from tests.support.reviewing import Estate, reports, said

Configured = tuple[StageConfig, tuple[UseCase, ...]]


def stage(**changes: object) -> Configured:
    return replace(PROD, **changes), tuple(USE_CASES)  # type: ignore[arg-type]


def use_cases(change: Callable[[UseCase], UseCase]) -> Configured:
    first, *others = USE_CASES
    return PROD, (change(first), *others)


CHANGES: Mapping[str, tuple[Configured, set[str]]] = {
    "one person less is told": (stage(alarm_emails=PROD.alarm_emails[:1]), {"WATCH-007"}),
    "a run every six hours": (
        stage(schedule=Schedule(expression="cron(0 3/6 * * ? *)")),
        {"FLOW-009", "COST-003"},
    ),
    "two more replicas at once": (
        stage(replica_regions=(*PROD.replica_regions, "eu-west-2", "eu-north-1")),
        {"DATA-013", "PLAN-002", "PLAN-005", "ACCESS-007"},
    ),
    "no replica any more": (stage(replica_regions=()), {"DATA-008", "PLAN-004", "ACCESS-013", "WATCH-001"}),
    "another owner": (stage(owner="another-team"), {"REST-002"}),
    "restored three days back at most": (stage(backups=Backups(record_days=3, derived_days=3)), {"DATA-006"}),
    "a hundred times as many calls": (
        stage(api=ApiConfig(throttling=Throttling(rate_per_second=10_000, burst=10_000))),
        {"ACCESS-012"},
    ),
    "protected": (stage(protected=True), {"REST-003"}),
    "a use case less": ((PROD, tuple(USE_CASES[1:])), {"MODEL-009", "DATA-003", "FLOW-001", "WATCH-001"}),
    "a use case with another name": (
        use_cases(lambda one: replace(one, name=f"{one.name}_2")),
        {"MODEL-008", "MODEL-009", "DATA-003", "FLOW-001"},
    ),
}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    def estate(name: str, configured: Configured) -> Estate:
        folder = tmp_path_factory.mktemp("assembly")
        build_app((configured[0],), configured[1], outdir=str(folder), context=NO_BUNDLING).synth()
        return assembly_of(folder)

    before = estate("before", (PROD, tuple(USE_CASES)))
    return reports({name: (before, estate(name, changed)) for name, (changed, _) in CHANGES.items()})


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_configuration_is_said(change: str, reviewed: dict[str, Report]) -> None:
    _, rules = CHANGES[change]

    assert rules <= {*said(reviewed[change])}, said(reviewed[change])


def test_another_owner_alarms_nobody(reviewed: dict[str, Report]) -> None:
    assert not reviewed["another owner"].failing
