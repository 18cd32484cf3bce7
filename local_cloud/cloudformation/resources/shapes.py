"""CloudFormation properties as the input of an API call, by botocore's shapes.

CloudFormation names the same things with other capitals, may write numbers and booleans as text, writes
documents as objects where the API wants their JSON, and tags as lists where it wants maps, or the reverse.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape


class UnknownMember(ValueError):
    """A property that the API does not have."""


def to_input(client: Any, method: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for a boto3 client's method. Raises: UnknownMember, for what the operation does not take."""
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    if operation.input_shape is None:
        return {}
    converted: dict[str, Any] = to_shape(properties, operation.input_shape, "")
    return converted


def to_shape(value: Any, shape: Shape, path: str) -> Any:
    convert = _CONVERSIONS.get(shape.type_name)
    return convert(value, shape, path) if convert else value


def _structure(value: Any, shape: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise UnknownMember(f"{path or 'properties'} must be an object, got {value!r}")
    members = {name.lower(): name for name in shape.members}
    if value.keys() == {"Key", "Value"} and members.keys() == {"tagkey", "tagvalue"}:
        value = {"TagKey": value["Key"], "TagValue": value["Value"]}
    converted = {}
    for name, item in value.items():
        member = members.get(name.lower())
        if member is None:
            raise UnknownMember(f"unknown property {path}{name}")
        if item is not None:
            converted[member] = to_shape(item, shape.members[member], f"{path}{name}.")
    return converted


def _list(value: Any, shape: Any, path: str) -> Any:
    if isinstance(value, Mapping) and shape.member.type_name == "structure":
        value = [{"Key": key, "Value": item} for key, item in value.items()]
    if not isinstance(value, list):
        value = [value]
    return [to_shape(item, shape.member, path) for item in value]


def _map(value: Any, shape: Any, path: str) -> Any:
    if isinstance(value, list):
        value = {item["Key"]: item["Value"] for item in value}
    return {key: to_shape(item, shape.value, f"{path}{key}.") for key, item in value.items()}


def _string(value: Any, _shape: Any, _path: str) -> Any:
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(value: Any, _shape: Any, path: str) -> Any:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise UnknownMember(f"{path[:-1]} must be true or false, got {value!r}")
        return value.lower() == "true"
    return value


def _integer(value: Any, _shape: Any, path: str) -> Any:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise UnknownMember(f"{path[:-1]} must be a whole number, got {value!r}") from None


def _float(value: Any, _shape: Any, path: str) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UnknownMember(f"{path[:-1]} must be a number, got {value!r}") from None


_CONVERSIONS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
}
