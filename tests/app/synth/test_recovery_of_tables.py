"""Every table of the templates: how far back it can be restored, and what of it must be."""

import re
from pathlib import Path

import pytest

from config.derived.tables import TABLES
from tests.app.support.business.stages import STAGES
from tests.app.support.template_reading import Template

PAGE = Path(__file__).parents[3] / "docs" / "restore.md"
TYPES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
ROW = re.compile(r"^\| `recs-<stage>-(\w+)` \|", re.MULTILINE)


@pytest.fixture
def tables(templates: dict[str, Template]) -> dict[str, list[Template]]:
    """By name, of all stages and regions; what is restored lies in one region, and so do its settings."""
    found: dict[str, list[Template]] = {}
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] in TYPES:
                properties = resource["Properties"]
                found.setdefault(properties["TableName"], []).extend(properties["Replicas"])
    return found


def test_every_replica_of_every_table_can_be_restored_as_far_back_as_the_table_needs(
    tables: dict[str, list[Template]],
) -> None:
    wanted = {
        table.name(stage.name): table.recovery_days(stage.backups) for stage in STAGES for table in TABLES
    }
    found = {
        name: {one["PointInTimeRecoverySpecification"].get("RecoveryPeriodInDays") for one in replicas}
        for name, replicas in tables.items()
        if name in wanted
    }

    assert found == {name: {days} for name, days in wanted.items() if name in tables}
    assert len(found) > len(STAGES)


def test_the_docs_say_of_every_table_what_it_holds_and_of_no_other(
    tables: dict[str, list[Template]],
) -> None:
    kinds = {name.rpartition("-")[2] for name in tables}

    assert sorted(ROW.findall(PAGE.read_text(encoding="utf-8"))) == sorted(kinds)
