"""Constructs set what functions read from their environment; neither may import the other."""

from collections.abc import Iterator
from typing import Any

from constructs.ground.pipeline_metrics import NAMESPACE as WATCHED

from local_cloud.demo.asking import NAMESPACE as SHOWN
from pipeline.names import NAMESPACE as WRITTEN
from tests.app.support.environment_reading import variables_read
from tests.app.support.template_reading import Template, resources_of

EVERYWHERE = {"STAGE", "POWERTOOLS_SERVICE_NAME"}
"""Whether a function reads them or not."""
OF_POWERTOOLS = {"POWERTOOLS_METRICS_NAMESPACE"}


def functions(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Handler and variables of each function of ours."""
    for template in templates.values():
        for properties in resources_of(template, "AWS::Lambda::Function").values():
            if properties["Handler"].startswith(("api.", "steps.")):
                yield properties["Handler"], properties["Environment"]["Variables"]


def test_every_function_is_given_the_variables_that_it_reads_and_no_others(
    templates: dict[str, Template],
) -> None:
    found = {(handler, frozenset(variables)) for handler, variables in functions(templates)}

    assert len({handler for handler, _ in found}) >= 15
    for handler, given in sorted(found):
        assert given >= EVERYWHERE, handler
        read = variables_read(handler.removesuffix(".lambda_handler"))
        assert given - EVERYWHERE - OF_POWERTOOLS == read - EVERYWHERE, handler


def test_all_speak_of_one_namespace_of_metrics(templates: dict[str, Template]) -> None:
    given = {variables.get(name) for _, variables in functions(templates) for name in OF_POWERTOOLS}

    assert given - {None} == {WATCHED} == {WRITTEN} == {SHOWN}
