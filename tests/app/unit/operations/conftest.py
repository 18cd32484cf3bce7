"""What tests of an operator's commands share."""

from __future__ import annotations

from functools import partial

import pytest

from tests.app.support.compared import USE_CASE
from tests.app.support.good_stage import known


@pytest.fixture(autouse=True)
def stage_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands know the stage that tables in memory are of, and the use case that is compared."""
    monkeypatch.setattr("operations.cli.configured", partial(known, USE_CASE))
