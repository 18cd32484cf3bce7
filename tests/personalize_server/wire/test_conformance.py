"""Every operation of the three services, from their models: what is right, each constraint, unknown ARNs."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from personalize_server.facts.service_model import CONTROL, EVENTS, RUNTIME, operations
from personalize_server.server.methods import IMPLEMENTED
from tests.personalize_server.support.model_requests import broken, call, sample
from tests.personalize_server.support.preconditions import MEMBERS, PRECONDITIONS, valid
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World

_INTERNAL = {"roleArn", "kmsKeyArn"}
"""ARNs of other services, which the server does not look up"""
_MAY_BE_LEFT_OUT = {"nextToken", "domain"}
_ALTERNATIVES = {("campaignArn", "recommenderArn")}
_SERVICES = (CONTROL, RUNTIME, EVENTS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("conformance")
    objects = folder / "objects"
    (objects / BUCKET).mkdir(parents=True)
    server = PersonalizeServer(folder / "data", None, ("--file-root", str(objects), *QUOTAS)).start()
    yield World(server.url, objects / BUCKET)
    server.stop()


def every_operation() -> list[Any]:
    """Of the models; those that are absent are expected to fail, and have to."""
    return [
        name
        if name in IMPLEMENTED
        else pytest.param(name, marks=pytest.mark.xfail(reason="absent", strict=True))
        for name in sorted(operations())
    ]


def disagreements(shape: Any, value: Any, path: str = "answer") -> Iterator[str]:
    """Where a value is not what its shape says."""
    kinds: dict[str, Any] = {
        **dict.fromkeys(("string",), str),
        **dict.fromkeys(("integer", "long"), int),
        **dict.fromkeys(("float", "double", "timestamp"), (int, float)),
        **{"boolean": bool, "structure": dict, "list": list, "map": dict},
    }
    kind = shape.type_name
    if not isinstance(value, kinds[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{path} is {value!r}, not a {kind}"
    elif kind == "structure":
        yield from (f"{path} has no {name}" for name in shape.required_members if name not in value)
        for name, entry in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is not in the model"
            else:
                yield from disagreements(shape.members[name], entry, f"{path}.{name}")
    elif kind == "list":
        for number, entry in enumerate(value):
            yield from disagreements(shape.member, entry, f"{path}[{number}]")
    elif kind == "map":
        for key, entry in value.items():
            yield from disagreements(shape.key, key, f"{path} key")
            yield from disagreements(shape.value, entry, f"{path}.{key}")
    elif kind == "string":
        yield from _string_disagreements(shape, value, path)


def _string_disagreements(shape: Any, value: str, path: str) -> Iterator[str]:
    """The models call roles of some answers Arn, whose pattern they do not have."""
    metadata = shape.metadata
    if shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, none of {shape.enum}"
    if not metadata.get("min", 0) <= len(value) <= metadata.get("max", len(value)):
        yield f"{path} has {len(value)} characters"
    if shape.name == "Arn" and not path.endswith("roleArn") and not re.fullmatch(metadata["pattern"], value):
        yield f"{path} is {value!r}, not an ARN"


def test_there_are_all_operations_of_the_services() -> None:
    counts = [
        sum(operation.service == service for operation in operations().values()) for service in _SERVICES
    ]
    assert counts == [71, 3, 5]
    assert set(PRECONDITIONS) <= set(operations())


@pytest.mark.parametrize("name", every_operation())
def test_the_least_valid_request_is_answered_in_the_models_shape(world: World, name: str) -> None:
    operation = operations()[name]
    answer = call(world.url, name, valid(world, name))
    assert answer.status == 200, answer
    shape = operation.model.output_shape
    if shape is None:
        assert answer.content == {}
        return
    assert list(disagreements(shape, answer.content)) == []
    absent = set(shape.members) - set(answer.content) - _MAY_BE_LEFT_OUT
    assert not absent or operation.service != CONTROL, absent
    kind = "application/x-amz-json-1.1" if operation.service == CONTROL else "application/json"
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize("name", every_operation())
def test_each_broken_constraint_is_a_declared_error_that_names_it(world: World, name: str) -> None:
    """Two operations declare nothing but that a token may be invalid."""
    shape, errors = operations()[name].model.input_shape, operations()[name].declared_errors
    [wanted] = {"InvalidInputException"} & errors or errors
    full = sample(shape)
    assert "validation error" not in call(world.url, name, full).content.get("message", "")
    for path, text, request in broken(shape, full):
        answer = call(world.url, name, request)
        assert (answer.status, answer.code) == (400, wanted), (path, text, answer)
        message = answer.content["message"]
        assert re.match(r"\d+ validation errors? detected: ", message), (path, text, answer)
        assert f"at '{path}' failed to satisfy constraint: {text}" in message, (path, text, answer)
        assert answer.headers["x-amzn-errortype"] == wanted


@pytest.mark.parametrize("name", every_operation())
def test_wrong_types_and_broken_json_are_declared_errors(world: World, name: str) -> None:
    shape = operations()[name].model.input_shape
    bodies = [b"{", b"[]", b'"x"', b"\xff", b'{"a": NaN}', b"[" * 100_000]
    wrong_types: list[Any] = [[[]], {"x": [1]}, "\ud800", 1e400]
    for member in shape.members:
        bodies += [json.dumps({**sample(shape), member: wrong}).encode() for wrong in wrong_types]
    for body in bodies:
        answer = call(world.url, name, body)
        assert answer.status == 400, (body[:200], answer)
        declared = operations()[name].declared_errors | {"SerializationException"}
        assert answer.code in declared, (body[:200], answer)


def _unknown(arn: str) -> dict[str, str]:
    """ARNs like this one of what is not there, or not the caller's."""
    head, _, tail = arn.rpartition("/")
    start, region, account, rest = head.rsplit(":", 3)
    return {
        "no such resource": f"{head}/no-such-thing",
        "another region": f"{start}:us-west-2:{account}:{rest}/{tail}",
        "another account": f"{start}:{region}:999999999999:{rest}/{tail}",
    }


@pytest.mark.parametrize("name", every_operation())
def test_an_arn_of_nothing_or_of_somebody_else_is_not_found(world: World, name: str) -> None:
    operation = operations()[name]
    assert name in IMPLEMENTED
    least = valid(world, name)
    members = [member for member in operation.model.input_shape.members if member.endswith("Arn")]
    for member in set(members) - _INTERNAL:
        request = {key: value for key, value in least.items() if (key, member) not in _ALTERNATIVES}
        for what, arn in _unknown(request.get(member) or MEMBERS[member](world)).items():
            answer = call(world.url, name, {**request, member: arn})
            if member == "recipeArn" and name.startswith("Create"):
                assert answer.code == "InvalidInputException", (what, answer)
            elif "ResourceNotFoundException" in operation.declared_errors:
                assert answer.code == "ResourceNotFoundException", (member, what, answer)
                assert answer.status == (400 if operation.service == CONTROL else 404)
            elif name.startswith("List"):
                assert [value for value in answer.content.values() if value] == [], (member, what, answer)
            else:
                assert answer.code in operation.declared_errors, (member, what, answer)


def test_a_tracking_id_of_nothing_is_refused(world: World) -> None:
    for name, operation in operations().items():
        if "trackingId" in operation.model.input_shape.members and name in IMPLEMENTED:
            answer = call(world.url, name, {**valid(world, name), "trackingId": "no-such-id"})
            wanted = {"ResourceNotFoundException"} & operation.declared_errors or {"InvalidInputException"}
            assert {answer.code} == wanted, (name, answer)


def test_an_absent_operation_says_so_by_name(world: World) -> None:
    for name in sorted(set(operations()) - IMPLEMENTED):
        answer = call(world.url, name, {})
        assert (answer.status, answer.code) == (501, "NotImplementedException")
        assert answer.content["message"] == f"{name} is not implemented yet."
