"""How far back tables can be restored, held against DynamoDB's own model."""

from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from config.rules.stages import stage_problems
from config.schema import Backups
from tests.app.support.business.stages import STAGES
from tests.app.support.good_stage import GOOD, fields_of

DAYS = (
    botocore.session.get_session()
    .get_service_model("dynamodb")
    .shape_for("PointInTimeRecoverySpecification")
    .members["RecoveryPeriodInDays"]
)
LEAST, MOST = DAYS.metadata["min"], DAYS.metadata["max"]


@pytest.mark.parametrize("field", ["record_days", "derived_days"])
def test_a_table_can_be_restored_as_far_back_as_dynamodb_goes_and_no_further(field: str) -> None:
    def broken(days: int) -> bool:
        changed: dict[str, Any] = {field: days}
        stage = replace(GOOD, backups=Backups(**changed))
        return f"backups.{field}" in fields_of(stage_problems(stage))

    assert [broken(days) for days in (LEAST - 1, LEAST, MOST, MOST + 1)] == [True, False, False, True]


def test_restoring_is_not_exercised_in_production() -> None:
    assert {stage.name: stage.backups.drills for stage in STAGES} == {
        "dev": False,
        "staging": True,
        "prod": False,
        "local": True,
    }
