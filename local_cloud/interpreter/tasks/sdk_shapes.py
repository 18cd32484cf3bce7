"""Between the JSON of a state machine and a botocore call, by walking botocore's shapes."""

import json
from datetime import datetime
from typing import Any

from botocore.response import StreamingBody

from local_cloud.ground.times import iso_text


class UnknownField(ValueError):
    """The service's API has no such member."""


def to_request(value: Any, shape: Any) -> Any:
    """Arguments as botocore wants them; member names match in any case."""
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return dict(_request_member(key, member, shape) for key, member in value.items())
        case "list" if isinstance(value, list):
            return [to_request(member, shape.member) for member in value]
        case "map" if isinstance(value, dict):
            return {key: to_request(member, shape.value) for key, member in value.items()}
        case "string" if not isinstance(value, str):
            return json.dumps(value, separators=(",", ":"))
        case "blob":
            return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode()
        case _:
            return value


def _request_member(key: str, value: Any, shape: Any) -> tuple[str, Any]:
    name = member_name(key, shape)
    return name, to_request(value, shape.members[name])


def member_name(key: str, shape: Any) -> str:
    """The shape's own name of a key, in any case of letters. Raises: UnknownField, if it has none."""
    if key in shape.members:
        return key
    for name in shape.members:
        if name.lower() == key.lower():
            return str(name)
    raise UnknownField(f"The field '{key}' is not supported by Step Functions")


def from_response(value: Any, shape: Any) -> Any:
    """A result as a state machine sees it: PascalCase members, times as ISO text, bodies as text."""
    match value:
        case dict() if shape.type_name == "structure":
            return {
                name[:1].upper() + name[1:]: from_response(value[name], member)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case dict() if shape.type_name == "map":
            return {key: from_response(member, shape.value) for key, member in value.items()}
        case list() if shape.type_name == "list":
            return [from_response(member, shape.member) for member in value]
        case datetime():
            return iso_text(value)
        case StreamingBody():
            return value.read().decode()
        case bytes():
            return value.decode()
        case _:
            return value
