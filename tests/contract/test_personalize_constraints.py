"""Every constraint of the service models is enforced, broken one at a time; the models make the cases."""

import http.client
import json
import re
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from personalize_server.model import CONTROL, operations
from personalize_server.operations.registry import IMPLEMENTED
from tests.contract.personalize_processes import PersonalizeServer

pytest_plugins = ("tests.contract.personalize_fixtures",)

READY = sorted(IMPLEMENTED)
MISSING = sorted(set(operations()) - IMPLEMENTED)
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


def sample(shape: Any, depth: int = 0) -> Any:
    """A value that breaks no constraint, with every member that the shape has."""
    match shape.type_name:
        case "structure":
            return {name: sample(member, depth + 1) for name, member in shape.members.items()}
        case "list":
            return [sample(shape.member, depth + 1)] if shape.metadata.get("max") != 0 else []
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


def broken(shape: Any, value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The value with one constraint broken, and which."""
    metadata = shape.metadata
    if shape.type_name == "structure":
        for name in shape.required_members:
            yield f"{path}.{name} missing", {key: value[key] for key in value if key != name}
        for name, member in shape.members.items():
            for what, bad in broken(member, value[name], f"{path}.{name}"):
                yield what, {**value, name: bad}
    elif shape.type_name == "list":
        if "max" in metadata:
            yield f"{path} too long", value * (metadata["max"] + 1)
        if metadata.get("min"):
            yield f"{path} too short", []
        for what, bad in broken(shape.member, value[0], f"{path}[]"):
            yield what, [bad]
    elif shape.type_name == "map":
        [(key, inner)] = value.items()
        if "max" in metadata:
            yield f"{path} too large", {f"{key}{n}"[-100:]: inner for n in range(metadata["max"] + 1)}
        for what, bad in broken(shape.value, inner, f"{path}{{}}"):
            yield what, {key: bad}
    elif shape.type_name == "string":
        if "max" in metadata:
            yield f"{path} too long", (value or "x") + "x" * metadata["max"]
        if metadata.get("min"):
            yield f"{path} too short", ""
        if metadata.get("pattern"):
            yield f"{path} against its pattern", "\u20ac!"
        if shape.enum:
            yield f"{path} not of its enum", "NONE_OF_THESE"
    elif shape.type_name in ("integer", "long", "float", "double"):
        if "max" in metadata:
            yield f"{path} too large", metadata["max"] + 1
        if "min" in metadata:
            yield f"{path} too small", metadata["min"] - 1


def ask(server: PersonalizeServer, name: str, body: bytes) -> tuple[int, dict[str, Any]]:
    model = operations()[name].model
    headers = {"X-Amz-Target": f"AmazonPersonalize.{name}", "Content-Type": "application/x-amz-json-1.1"}
    path = "/"
    if operations()[name].service != CONTROL:
        headers, path = {"Content-Type": "application/json"}, model.http["requestUri"]
    request = urllib.request.Request(server.url + path, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, json.loads(problem.read())


@pytest.mark.parametrize("name", READY)
def test_each_broken_constraint_is_an_invalid_input(server: PersonalizeServer, name: str) -> None:
    shape = operations()[name].model.input_shape
    for what, request in broken(shape, sample(shape)):
        status, answer = ask(server, name, json.dumps(request).encode())
        assert (status, answer["__type"]) == (400, "InvalidInputException"), (what, answer)
        assert re.match(r"\d validation errors? detected: ", answer["message"]), (what, answer)


@pytest.mark.parametrize("name", READY)
def test_wrong_types_and_broken_json_are_serialization_errors(server: PersonalizeServer, name: str) -> None:
    shape = operations()[name].model.input_shape
    bodies = [b"{", b"[]", b'"x"', b"\xff", b'{"a": NaN}', b"[" * 100_000]
    wrong_types: list[Any] = [[[]], {"x": [1]}, "\ud800", 1e400]
    for member in shape.members:
        for wrong in wrong_types:
            value = {**sample(shape), member: wrong}
            bodies.append(json.dumps(value).encode())
    for body in bodies:
        status, answer = ask(server, name, body)
        assert status == 400, (body[:200], answer)
        declared = operations()[name].declared_errors | {"SerializationException"}
        assert answer["__type"] in declared, (body[:200], answer)


@pytest.mark.parametrize("name", READY)
def test_a_valid_request_is_answered_in_shape_or_with_a_declared_error(
    server: PersonalizeServer, name: str
) -> None:
    operation = operations()[name]
    shape = operation.model.input_shape
    required = {member: value for member, value in sample(shape).items() if member in shape.required_members}
    status, answer = ask(server, name, json.dumps(required).encode())
    if status == 200:
        known = operation.model.output_shape.members if operation.model.output_shape else {}
        assert set(answer) <= set(known)
    else:
        assert answer["__type"] in operation.declared_errors, answer


@pytest.mark.parametrize("name", MISSING)
def test_what_is_not_implemented_says_so_by_name(server: PersonalizeServer, name: str) -> None:
    status, answer = ask(server, name, b"{}")
    assert status == 501
    assert answer["__type"] == "NotImplementedException"
    assert answer["message"] == f"{name} is not implemented yet."


def test_an_unknown_operation_is_named(server: PersonalizeServer) -> None:
    request = urllib.request.Request(
        server.url, b"{}", {"X-Amz-Target": "AmazonPersonalize.CreateMagic"}, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as problem:
        assert problem.code == 400
        assert json.loads(problem.read())["message"] == "There is no operation AmazonPersonalize.CreateMagic."


def test_a_request_that_is_too_large_is_refused(server: PersonalizeServer) -> None:
    status, answer = ask(server, "ListSchemas", b" " * 7_000_000)
    assert (status, answer["__type"]) == (413, "RequestEntityTooLargeException")


def test_the_server_says_that_it_is_well(server: PersonalizeServer) -> None:
    with urllib.request.urlopen(f"{server.url}/health", timeout=10) as answer:
        assert json.loads(answer.read())["status"] == "ok"


def test_answers_on_a_kept_connection_do_not_wait_for_acknowledgements(server: PersonalizeServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    seconds = []
    for _ in range(40):
        started = time.perf_counter()
        connection.request("GET", "/health")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - started)
    connection.close()
    assert statistics.median(seconds) < 0.035, "a delayed acknowledgement takes 40 ms"
