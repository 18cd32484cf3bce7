"""Requests made of the service models: full ones, ones with a constraint broken, and how to send them."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from personalize_server.facts.service_model import CONTROL, operations

_EXAMPLES = {
    "Arn": "arn:aws:personalize:eu-west-1:123456789012:solution/none",
    "RoleArn": "arn:aws:iam::123456789012:role/personalize",
    "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "S3Location": "s3://bucket/folder/",
    "SchedulingExpression": "rate(3 days)",
    "AvroSchema": "{}",
    "Name": "a-name",
    "DatasetType": "Users",
    "NextToken": "token",
}


class Broken(NamedTuple):
    """A request that breaks one constraint: where, and what the answer has to say."""

    path: str
    text: str
    request: Any


class Answer(NamedTuple):
    status: int
    content: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.content.get("__type", "OK"))


def sample(shape: Any) -> Any:
    """A value that breaks no constraint, with every member that the shape has."""
    match shape.type_name:
        case "structure":
            return {name: sample(member) for name, member in shape.members.items()}
        case "list":
            return [sample(shape.member)] if shape.metadata.get("max") != 0 else []
        case "map":
            return {sample(shape.key): sample(shape.value)}
        case "string":
            if shape.enum:
                return shape.enum[0]
            return _EXAMPLES.get(shape.name, "x" * max(1, shape.metadata.get("min", 1)))
        case "boolean":
            return False
        case "integer" | "long":
            return max(1, shape.metadata.get("min", 1))
        case "timestamp":
            return 1_700_000_000
        case _:
            return 0.5


def minimal(shape: Any) -> Any:
    """As `sample`, with required members only."""
    if shape.type_name == "structure":
        return {name: minimal(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [minimal(shape.member)]
    return sample(shape)


def broken(shape: Any, value: Any, path: str = "") -> Iterator[Broken]:
    """The value with each constraint of its shape broken, one at a time."""
    metadata, kind = shape.metadata, shape.type_name
    low, high = metadata.get("min"), metadata.get("max")
    if kind == "structure":
        for name in shape.required_members:
            others = {key: value[key] for key in value if key != name}
            yield Broken(_join(path, name), "Member must not be null", others)
            yield Broken(_join(path, name), "Member must not be null", {**value, name: None})
        for name, member in shape.members.items():
            for case in broken(member, value[name], _join(path, name)):
                yield case._replace(request={**value, name: case.request})
        return
    if kind in ("list", "map", "string"):
        unit, beyond, below = "length", _lengthened(kind, value, high), _shortened(kind, value, low)
    else:
        unit, beyond, below = "value", high and high + 1, low is not None and low - 1
    if high is not None:
        yield Broken(path, f"Member must have {unit} less than or equal to {high}", beyond)
    if low:
        yield Broken(path, f"Member must have {unit} greater than or equal to {low}", below)
    if kind == "list" and value:
        for case in broken(shape.member, value[0], f"{path}.1.member"):
            yield case._replace(request=[case.request])
    elif kind == "map":
        [(key, inner)] = value.items()
        for case in broken(shape.value, inner, f"{path}.{key}"):
            yield case._replace(request={key: case.request})
        for case in broken(shape.key, key, path):
            yield case._replace(request={case.request: inner})
    elif kind == "string":
        if metadata.get("pattern"):
            yield Broken(path, "Member must satisfy regular expression pattern", "\u20ac!")
        if shape.enum:
            yield Broken(path, "Member must satisfy enum value set", "NONE_OF_THESE")


def call(url: str, name: str, body: bytes | Mapping[str, Any]) -> Answer:
    """Sent as it is: no client looks at it first."""
    model, headers, path = operations()[name].model, {"Content-Type": "application/json"}, "/"
    if operations()[name].service == CONTROL:
        headers = {
            "X-Amz-Target": f"AmazonPersonalize.{name}",
            "Content-Type": "application/x-amz-json-1.1",
        }
    else:
        path = model.http["requestUri"]
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, json.loads(answer.read() or b"{}"), dict(answer.headers))
    except urllib.error.HTTPError as problem:
        with problem:
            return Answer(problem.code, json.loads(problem.read()), dict(problem.headers))


def _lengthened(kind: str, value: Any, high: int | None) -> Any:
    if high is None:
        return None
    if kind == "string":
        return (value or "x") + "x" * high
    if kind == "list":
        return (value or ["x"]) * (high + 1)
    [(key, inner)] = value.items()
    return {f"{key}{number}"[-60:]: inner for number in range(high + 1)}


def _shortened(kind: str, value: Any, low: int | None) -> Any:
    if not low:
        return None
    return value[: low - 1] if kind in ("string", "list") else {}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
