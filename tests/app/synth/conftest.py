"""One synth of every stage and region, shared by all tests of the templates."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from app import build_app
from review.reading.templates import templates_of
from tests.app.support.assemblies import synthesised
from tests.app.support.business.stages import PROD, STAGES
from tests.app.support.own_only import synthesise_own
from tests.app.support.ramped import synthesise_ramped
from tests.app.support.side_by_side import synthesise_beside
from tests.app.support.snapshots import NO_BUNDLING
from tests.app.support.standby import synthesise_standby
from tests.app.support.template_reading import STACKS, Machine, Template, machines_of, training_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `stack_name` looks at every stack of every stage and region."""
    if "stack_name" in metafunc.fixturenames:
        metafunc.parametrize("stack_name", STACKS)


@pytest.fixture(scope="session")
def no_bundling() -> dict[str, Any]:
    """Context for a synth that leaves the packages out of the layers; hashes stay what they are."""
    return {**NO_BUNDLING}


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a synth of everything leaves."""
    folder = tmp_path_factory.mktemp("assembly")
    synthesised(folder)
    return folder


@pytest.fixture(scope="session")
def third_region(no_bundling: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a synth of production with one more replica, eu-west-2, leaves: whatever cdk-nag finds
    fails it.
    """
    folder = tmp_path_factory.mktemp("third")
    stage = replace(PROD, replica_regions=(*PROD.replica_regions, "eu-west-2"))
    app = build_app((stage,), outdir=str(folder), context=no_bundling)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return folder


@pytest.fixture(scope="session")
def templates(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """By the name of the stack, for example `Prod-eu-west-1-Data`; besides, those of the stage without
    Personalize, and of the one with several variants.
    """
    return {
        **templates_of(assembly),
        **synthesise_own(tmp_path_factory.mktemp("own")),
        **synthesise_beside(tmp_path_factory.mktemp("beside")),
    }


@pytest.fixture(scope="session")
def standby(no_bundling: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a synth of production with a standby and a replica leaves."""
    return synthesise_standby(tmp_path_factory.mktemp("standby"), no_bundling)


@pytest.fixture(scope="session")
def stacks(standby: Path) -> dict[str, Template]:
    """Of the stage with a standby and a replica, by name."""
    return templates_of(standby)


@pytest.fixture(scope="session")
def ramped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Of the stage in which a use case has a ramp, by name."""
    return synthesise_ramped(tmp_path_factory.mktemp("ramped"))


@pytest.fixture
def template(templates: dict[str, Template], stack_name: str) -> Template:
    return templates[stack_name]


@pytest.fixture
def resources(templates: dict[str, Template]) -> Callable[..., dict[str, Template]]:
    """The resources of a stack by logical id, perhaps only those of a type or of a service."""

    def find(stack: str, type_: str = "") -> dict[str, Template]:
        return {
            name: resource
            for name, resource in templates[stack]["Resources"].items()
            if f"{resource['Type']}::".startswith(f"{type_}::" if type_ else "")
        }

    return find


@pytest.fixture(scope="module")
def machines(templates: dict[str, Template]) -> list[Machine]:
    return [machine for stage in STAGES for machine in machines_of(training_of(templates, stage))]
