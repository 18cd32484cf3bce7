"""What snapshots say in lines, and what is deployed, are made of each other."""

import json

from review.reading.machines import STATE_MACHINE, definition_of, definition_string
from review.reading.templates import Template, resources_of
from review.snapshots.texts import hidden, shown


def test_text_comes_back_from_its_inner_form_in_every_template(template: Template) -> None:
    assert json.dumps(hidden(shown(template))) == json.dumps(template)


def test_definitions_come_back_from_what_they_say(template: Template) -> None:
    for machine in resources_of(template, STATE_MACHINE).values():
        string = machine["DefinitionString"]

        assert definition_string(definition_of(string)) == string
