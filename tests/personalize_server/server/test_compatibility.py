"""The document of what is the same as in the service is what the code says."""

import subprocess
import sys

from personalize_server.facts.recipes import RECIPES
from personalize_server.facts.service_model import CONTROL, EVENTS, RUNTIME, SERVICES, operations
from personalize_server.server.compatibility import ABSENT, document, operation_entries, recipe_entries
from personalize_server.server.differences import DIFFERENCES
from personalize_server.server.methods import IMPLEMENTED
from tests.personalize_server.support.processes import ROOT

DOCUMENT = ROOT / "docs" / "personalize-compatibility.md"


def test_the_document_in_the_repository_is_current() -> None:
    remedy = f"python -m personalize_server compatibility > {DOCUMENT.relative_to(ROOT)}"
    assert DOCUMENT.read_text() == document(), f"the document is stale: {remedy}"


def test_the_command_prints_it() -> None:
    command = [sys.executable, "-m", "personalize_server", "compatibility"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == document()


def test_every_operation_and_recipe_has_a_line() -> None:
    assert [len(operation_entries(service)) for service in (CONTROL, RUNTIME, EVENTS)] == [71, 3, 5]
    named = {entry.name for service in SERVICES for entry in operation_entries(service)}
    assert named == set(operations())
    assert {entry.name for entry in recipe_entries()} == {recipe.name for recipe in RECIPES.values()}


def test_differences_are_told_of_what_there_is_and_absent_recipes_say_why() -> None:
    assert set(DIFFERENCES) <= IMPLEMENTED
    assert all(entry.how for entry in recipe_entries() if entry.state == ABSENT)
