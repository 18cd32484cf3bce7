"""What tasks call: the integration exists, and its arguments are members of the action's shape."""

from collections.abc import Iterator
from typing import Any

from local_cloud.interpreter.tasks.integrations import Integration, UnknownResource, integration_of
from local_cloud.interpreter.tasks.sdk_services import UnknownIntegration
from local_cloud.interpreter.tasks.sdk_shapes import UnknownField, member_name
from local_cloud.interpreter.validation.problems import Problems, schema

# Members of the integration itself.
_OWN = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"}


def task(state: dict[str, Any], language: str, place: str) -> Problems:
    try:
        integration = integration_of(state["Resource"])
    except (UnknownResource, UnknownIntegration) as error:
        yield schema(str(error), f"{place}/Resource")
        return
    name = "Arguments" if language == "JSONata" else "Parameters"
    arguments = state.get(name, {})
    if integration is None or not isinstance(arguments, dict):
        return
    yield from arguments_of(integration, arguments, f"{place}/{name}")


def arguments_of(integration: Integration, arguments: dict[str, Any], place: str) -> Problems:
    """Of literal structures; what an expression answers is seen when it runs."""
    shape = integration.model.input_shape
    if shape is None:
        return
    for message, where in _unknown(arguments, shape, place):
        yield schema(message, where)
    if integration.optimised:
        given = {name.removesuffix(".$").lower() for name in arguments}
        for member in shape.required_members:
            if member.lower() not in given:
                pascal = member[0].upper() + member[1:]
                yield schema(f"The field '{pascal}' is required but was missing", place)


def _unknown(value: Any, shape: Any, place: str) -> Iterator[tuple[str, str]]:
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            for key, member in value.items():
                name = key.removesuffix(".$")
                try:
                    known = member_name(name, shape)
                except UnknownField as error:
                    if name not in _OWN:
                        yield str(error), f"{place}/{key}"
                    continue
                if not name[0].isupper():
                    yield f"The field '{name}' is not supported by Step Functions", f"{place}/{key}"
                elif name == key:
                    yield from _unknown(member, shape.members[known], f"{place}/{key}")
        case "list" if isinstance(value, list):
            for index, member in enumerate(value):
                yield from _unknown(member, shape.member, f"{place}[{index}]")
        case "map" if isinstance(value, dict):
            for key, member in value.items():
                yield from _unknown(member, shape.value, f"{place}/{key}")
