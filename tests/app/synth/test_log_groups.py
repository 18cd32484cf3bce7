"""Where services write their logs, and what becomes of them."""

import json

from tests.app.support.template_reading import Template, resources_of


def test_what_services_write_themselves_takes_no_room_in_the_regions_resource_policy(
    templates: dict[str, Template],
) -> None:
    """As Step Functions advises: a log group under /aws/vendedlogs/ needs no line of its own in it."""
    found = 0
    for template in templates.values():
        groups = resources_of(template, "AWS::Logs::LogGroup")
        written = [
            *(each["LoggingConfiguration"] for each in _all(template, "AWS::StepFunctions::StateMachine")),
            *(each["AccessLogSettings"] for each in _all(template, "AWS::ApiGatewayV2::Stage")),
        ]
        for settings in written:
            [group] = [name for name in groups if f'"{name}"' in json.dumps(settings)]
            [beginning, stack_id] = groups[group]["LogGroupName"]["Fn::Join"][1]
            assert beginning.startswith("/aws/vendedlogs/")
            # A group that outlives its stack is not in the way of the next one.
            assert {"Ref": "AWS::StackId"} in _within(stack_id)
            found += 1
    assert found


def test_a_log_group_outlives_no_deployment_that_made_it_and_failed(templates: dict[str, Template]) -> None:
    policies = {
        resource.get("DeletionPolicy", "Delete")
        for template in templates.values()
        for resource in template["Resources"].values()
    }

    assert policies == {"Delete", "RetainExceptOnCreate"}


def _all(template: Template, kind: str) -> list[Template]:
    return list(resources_of(template, kind).values())


def _within(value: object) -> list[object]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for child in children for found in _within(child))]
