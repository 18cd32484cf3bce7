"""What a step's function says of its input and of its answer, and what the state machines make of them.

The members of an input are a tree: an Object has members, an Each has one kind of value many times, and what
nobody looks into is Opaque.
"""

import ast
import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from tests.app.support.template_reading import Machine, Template, flat, resources_of

PAYLOAD = "{% $states.result.Payload %}"
_OF_INPUT = re.compile(r"\$states\.input\.(\w+)")
_ITEM = "{% $states.context.Map.Item.Value %}"
"""One of a list in S3, whose elements a step has written as the type that the next step reads."""


@dataclass(frozen=True)
class Opaque:
    """any: an object or a list of any shape, in contrast to a single value."""

    any: bool = False


@dataclass(frozen=True)
class Member:
    value: "Kind"
    required: bool


@dataclass(frozen=True)
class Object:
    members: Mapping[str, Member]


@dataclass(frozen=True)
class Each:
    """named: the values of a dictionary; otherwise the elements of a list."""

    value: "Kind"
    named: bool = False


Kind = Opaque | Object | Each


@cache
def module_of(handler: str) -> Any:
    return importlib.import_module(handler.removesuffix(".lambda_handler"))


@cache
def request_of(handler: str) -> Object:
    """What the handler reads its event as: the first argument of its read_request."""
    module = module_of(handler)
    tree = ast.parse(inspect.getsource(module.lambda_handler))
    [kind] = [
        call.args[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call).startswith("read_request(")
    ]
    read = _kind(eval(ast.unparse(kind), vars(module)))
    assert isinstance(read, Object)
    return read


def answer_of(handler: str) -> frozenset[str]:
    """The members of what the handler says that it returns."""
    declared = typing.get_type_hints(inspect.unwrap(module_of(handler).lambda_handler))["return"]
    assert typing.is_typeddict(declared), f"{handler} returns {declared}, which has no members"
    return frozenset(declared.__annotations__)


def _kind(hint: Any) -> Kind:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if type(None) in arguments:
        [hint] = [argument for argument in arguments if argument is not type(None)]
        return _kind(hint)
    if origin is tuple:
        return Each(_kind(arguments[0]))
    if origin is dict:
        return Opaque(any=True) if arguments[1] is Any else Each(_kind(arguments[1]), named=True)
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return Object(
            {
                _camel(one.name): Member(
                    _kind(hints[one.name]), one.default is MISSING and one.default_factory is MISSING
                )
                for one in fields(hint)
            }
        )
    return Opaque(any=hint is Any)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


@dataclass(frozen=True)
class Call:
    """A state that invokes a function, with what it sends; selector: of the map that it is in, if it is."""

    state: str
    handler: str
    payload: dict[str, Any]
    selector: dict[str, Any] = field(default_factory=dict)


def calls_of(template: Template, templates: Mapping[str, Template], machine: Machine) -> Iterator[Call]:
    """Of the functions of the machine's own stack, and of others whose ARN it imports."""
    yield from _calls(machine.definition["States"], {}, _handlers(template, templates))


def _handlers(template: Template, templates: Mapping[str, Template]) -> dict[str, str]:
    """By the function's ARN, as `flat` writes it."""
    return {
        f"<{name}.Arn>": properties["Handler"]
        for one in (*templates.values(), template)
        for name, properties in resources_of(one, "AWS::Lambda::Function").items()
    }


def _calls(states: dict[str, Any], selector: dict[str, Any], handlers: Mapping[str, str]) -> Iterator[Call]:
    for name, state in states.items():
        if state["Type"] == "Task" and state["Resource"].endswith(":::lambda:invoke"):
            arguments = state["Arguments"]
            payload = {key: _from_selector(value, selector) for key, value in arguments["Payload"].items()}
            yield Call(name, handlers[flat(arguments["FunctionName"])], payload, selector)
        for branch in state.get("Branches", ()):
            yield from _calls(branch["States"], selector, handlers)
        if "ItemProcessor" in state:
            yield from _calls(state["ItemProcessor"]["States"], state.get("ItemSelector", {}), handlers)


def _from_selector(value: Any, selector: dict[str, Any]) -> Any:
    found = _OF_INPUT.fullmatch(value[2:-2].strip()) if isinstance(value, str) else None
    return selector.get(found[1], value) if found else value


def problems_of(read: Object, payloads: list[dict[str, Any]]) -> list[str]:
    """What a function's callers and its request do not agree about, by the paths of members."""
    written: set[str] = set()
    problems = [problem for payload in payloads for problem in _disagreements(read, payload, "", written)]
    never = sorted(set(_paths(read, "")) - written)
    return [*problems, *(f"{path} is read and never written" for path in never)]


def _disagreements(read: Kind, value: Any, path: str, written: set[str]) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("{%"):
        if isinstance(read, Object | Each) and (value == _ITEM or isinstance(read, Each)):
            written.update(_paths(read, path))
        return
    match read, value:
        case Object(members), dict():
            yield from (f"{path}{name} is not read" for name in value if name not in members)
            for name, member in members.items():
                if name in value:
                    written.add(f"{path}{name}")
                    yield from _disagreements(member.value, value[name], f"{path}{name}.", written)
                elif member.required:
                    yield f"{path}{name} is not written"
        case Each(inner, named), dict() | list():
            assert isinstance(value, dict) is named, f"{path} is no {'object' if named else 'list'}"
            for one in value.values() if isinstance(value, dict) else value:
                yield from _disagreements(inner, one, path, written)
        case Object(), _:
            yield f"{path} is no object"


def _paths(read: Kind, path: str) -> Iterator[str]:
    match read:
        case Object(members):
            for name, member in members.items():
                yield f"{path}{name}"
                yield from _paths(member.value, f"{path}{name}.")
        case Each(inner):
            yield from _paths(inner, path)


def opaque_members(read: Kind, path: str = "") -> Iterator[str]:
    """Paths of the members whose own members nobody compares."""
    match read:
        case Object(members):
            for name, member in members.items():
                yield from opaque_members(member.value, f"{path}.{name}" if path else name)
        case Each(inner):
            yield from opaque_members(inner, path)
        case Opaque(any=True):
            yield path


def renamed_members(read: Kind, value: Any) -> Iterator[Any]:
    """The payload with one of its members renamed, each in turn; within what is opaque, none."""
    match read, value:
        case Object(members), dict():
            for name in value:
                yield {(f"{key}X" if key == name else key): one for key, one in value.items()}
                if name in members:
                    for inner in renamed_members(members[name].value, value[name]):
                        yield {**value, name: inner}
        case Each(kind, True), dict():
            for name, one in value.items():
                for inner in renamed_members(kind, one):
                    yield {**value, name: inner}
        case Each(kind), list():
            for at, one in enumerate(value):
                for inner in renamed_members(kind, one):
                    yield [*value[:at], inner, *value[at + 1 :]]


def renamed_fields(read: Object, payloads: list[dict[str, Any]]) -> Iterator[Object]:
    """The request with one of its fields renamed, each in turn.

    A map's items were written as the type that they are read as: their fields keep their names.
    """
    items = {name for payload in payloads for name, value in payload.items() if value == _ITEM}
    for name, member in read.members.items():
        yield _renamed(read, name)
        for inner in () if name in items else _renamed_within(member.value):
            yield Object({**read.members, name: Member(inner, member.required)})


def _renamed(read: Object, name: str) -> Object:
    return Object({(f"{key}X" if key == name else key): one for key, one in read.members.items()})


def _renamed_within(read: Kind) -> Iterator[Kind]:
    match read:
        case Object(members):
            for name, member in members.items():
                yield _renamed(read, name)
                for inner in _renamed_within(member.value):
                    yield Object({**members, name: Member(inner, member.required)})
        case Each(kind, named):
            for inner in _renamed_within(kind):
                yield Each(inner, named)
