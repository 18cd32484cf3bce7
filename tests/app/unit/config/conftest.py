"""A use case without fault, for tests that break one rule of it."""

from pathlib import Path

import pytest

from config.schema import UseCase
from tests.app.support.films import films


@pytest.fixture
def good(tmp_path: Path) -> UseCase:
    return films(tmp_path)
