"""What tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.support.assemblies import stacks
from tests.app.unit.costs.estimates import write_assembly


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a synth leaves it, of the templates that are kept."""
    return write_assembly(tmp_path_factory.mktemp("assembly"), stacks())
