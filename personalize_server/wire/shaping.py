"""Answers cut to the service model: only its members, nothing null, numbers as numbers."""

from typing import Any

from botocore.model import Shape


def shaped(shape: Shape | None, value: Any) -> Any:
    return {} if shape is None else _shaped(shape, value)


def _shaped(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {
                name: _shaped(member, value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [_shaped(shape.member, entry) for entry in value]
        case "map":
            return {key: _shaped(shape.value, entry) for key, entry in value.items()}
        case "timestamp":
            return round(float(value), 3)
        case _:
            return value
