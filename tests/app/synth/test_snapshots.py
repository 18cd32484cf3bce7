"""Templates as they are deployed; `make snapshots` accepts a change, and the diff is reviewed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.stages import LOCAL
from review.reading.machines import STATE_MACHINE, definition_of, definition_string, states_of
from review.reading.templates import Template, resources_of
from review.snapshots.files import differences, templates_in
from review.snapshots.names import without_asset_hashes
from review.snapshots.texts import hidden, shown
from review.snapshots.writing import read
from tests.app.support.own_only import OWN_STAGE
from tests.app.support.side_by_side import BESIDE_STAGE
from tests.app.support.snapshots import FOLDER, deployed, snapshots
from tests.app.support.template_reading import stacks_of

KINDS = sorted({stack.kind for stack in deployed()})


@pytest.fixture(scope="module")
def expected(templates: dict[str, Template]) -> dict[str, str]:
    return snapshots(templates)


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return read(FOLDER)


def of_kind(files: dict[str, str], kind: str) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.partition("/")[0] == kind}


@pytest.mark.parametrize("kind", KINDS)
def test_templates_are_unchanged(kind: str, expected: dict[str, str], found: dict[str, str]) -> None:
    if difference := differences(of_kind(expected, kind), of_kind(found, kind)):
        pytest.fail(f"If this change is wanted: make snapshots.\n{difference}", pytrace=False)


def test_there_are_no_stale_snapshots(expected: dict[str, str], found: dict[str, str]) -> None:
    assert found.keys() - expected.keys() == set(), "make snapshots"


def test_snapshots_say_everything_that_is_deployed(
    templates: dict[str, Template], found: dict[str, str]
) -> None:
    described = {stack.name: without_asset_hashes(templates[stack.name]) for stack in deployed()}
    said = templates_in(found)

    not_deployed = {*stacks_of(LOCAL), *stacks_of(OWN_STAGE), *stacks_of(BESIDE_STAGE)}
    assert said.keys() == described.keys() == templates.keys() - not_deployed
    assert [name for name in said if said[name] != described[name]] == [], "make snapshots"


def test_text_comes_back_from_its_inner_form_in_every_template(template: Template) -> None:
    assert json.dumps(hidden(shown(template))) == json.dumps(template)


def test_definitions_come_back_from_what_they_say(template: Template) -> None:
    for machine in resources_of(template, STATE_MACHINE).values():
        string = machine["DefinitionString"]

        assert definition_string(definition_of(string)) == string


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
        files = [name for name in found if name.startswith(f"{kind}/definitions/")]
        machines = resources_of(templates[f"Prod-eu-west-1-{kind}"], STATE_MACHINE)

        assert len(files) == len(machines) > 0
        for name in files:
            [_, *others] = states_of(json.loads(found[name])["joined"]["as JSON"]["States"])
            assert others
    assert "Observability/dashboards/TrainingDashboard.json" in found
