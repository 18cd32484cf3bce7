"""One synth of the stages that this installation deploys."""

from pathlib import Path

import pytest

from review.reading.templates import Template, templates_of
from tests.app.support.snapshots import synthesise_installed


@pytest.fixture(scope="session")
def installed_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the synth leaves."""
    folder = tmp_path_factory.mktemp("installed")
    synthesise_installed(folder)
    return folder


@pytest.fixture(scope="session")
def templates(installed_assembly: Path) -> dict[str, Template]:
    """By the name of the stack."""
    return templates_of(installed_assembly)
