"""One synth of every stage and region, shared by all tests of the templates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from tests.app.support.template_reading import STACKS, Template


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `stack_name` looks at every stack of every stage and region."""
    if "stack_name" in metafunc.fixturenames:
        metafunc.parametrize("stack_name", STACKS)


@pytest.fixture(scope="session")
def no_bundling() -> dict[str, Any]:
    """Context for a synth that leaves the packages out of the layers; hashes stay what they are."""
    return {"aws:cdk:bundling-stacks": []}


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, no_bundling: dict[str, Any]) -> Path:
    """The folder that a synth of everything leaves."""
    folder = tmp_path_factory.mktemp("assembly")
    build_app(outdir=str(folder), context=no_bundling).synth()
    return folder


@pytest.fixture(scope="session")
def templates(assembly: Path) -> dict[str, Template]:
    """By the name of the stack, for example `Prod-eu-west-1-Data`."""
    found = {}
    for manifest in assembly.glob("assembly-*/manifest.json"):
        for artifact in json.loads(manifest.read_text())["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                properties = artifact["properties"]
                file = manifest.parent / properties["templateFile"]
                found[properties["stackName"]] = json.loads(file.read_text())
    return found


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
