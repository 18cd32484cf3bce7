"""Templates as they are deployed; `make snapshots` accepts a change, and the diff is reviewed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from review.reading.machines import STATE_MACHINE, states_of
from review.reading.templates import Template, resources_of
from review.snapshots.files import differences, templates_in
from review.snapshots.names import without_asset_hashes
from review.snapshots.writing import read
from tests.app.support.installed import installed
from tests.app.support.snapshots import folder_of, snapshots


@pytest.fixture(scope="module")
def expected(templates: dict[str, Template]) -> dict[str, str]:
    return snapshots(templates)


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return read(folder_of(installed()))


def of_kind(files: dict[str, str], kind: str) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.partition("/")[0] == kind}


def test_templates_are_unchanged(expected: dict[str, str], found: dict[str, str]) -> None:
    """Kind by kind: what all stacks of a kind have in common is told once."""
    kinds = sorted({name.partition("/")[0] for name in expected})
    told = [differences(of_kind(expected, kind), of_kind(found, kind)) for kind in kinds]

    if changed := "\n".join(filter(None, told)):
        pytest.fail(f"If this change is wanted: make snapshots.\n{changed}", pytrace=False)


def test_there_are_no_stale_snapshots(expected: dict[str, str], found: dict[str, str]) -> None:
    assert found.keys() - expected.keys() == set(), "make snapshots"


def test_snapshots_say_everything_that_is_deployed(
    templates: dict[str, Template], found: dict[str, str]
) -> None:
    described = {name: without_asset_hashes(template) for name, template in templates.items()}
    said = templates_in(found)

    assert said.keys() == described.keys()
    assert [name for name in said if said[name] != described[name]] == [], "make snapshots"


def strings_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from strings_in(member)
        case list():
            for member in value:
                yield from strings_in(member)


def test_every_line_of_text_has_a_line_of_its_own(found: dict[str, str]) -> None:
    assert not [
        name for name, text in found.items() if any("\n" in each for each in strings_in(json.loads(text)))
    ]


def test_definitions_and_dashboards_are_files_of_their_own(
    templates: dict[str, Template], found: dict[str, str]
) -> None:
    for kind in ("Training", "Notifications"):
        files = {name for name in found if name.startswith(f"{kind}/definitions/")}
        machines = {
            logical
            for name, template in templates.items()
            if name.endswith(f"-{kind}")
            for logical in resources_of(template, STATE_MACHINE)
        }

        assert len(files) == len(machines)
        for name in files:
            [_, *others] = states_of(json.loads(found[name])["joined"]["as JSON"]["States"])
            assert others
    assert "Observability/dashboards/TrainingDashboard.json" in found
