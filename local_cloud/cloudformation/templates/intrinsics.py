"""Intrinsic functions, conditions and dynamic references."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local_cloud.cloudformation.templates.errors import ValidationError

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([^{}]+)\}\}")
_FUNCTION_NAMES = re.compile(r"Ref|Condition|Fn::\w+")


class NoValue:
    """What Ref: AWS::NoValue leaves behind: the property or item is dropped."""


NO_VALUE = NoValue()


class Scope(Protocol):
    """Where a template's names lead. Raises: ValidationError, from each method for what it does not know."""

    def reference(self, name: str) -> Any: ...
    def attribute(self, logical_id: str, name: str) -> Any: ...
    def condition(self, name: str) -> bool: ...
    def mapping(self, name: str, first: str, second: str) -> Any: ...
    def imported(self, name: str) -> Any: ...
    def dynamic(self, reference: str) -> str: ...


def function_of(value: Any) -> tuple[str, Any] | None:
    """(name, argument) if the value is one intrinsic function."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, argument),) = value.items()
        if isinstance(name, str) and _FUNCTION_NAMES.fullmatch(name):
            return name, argument
    return None


def evaluate(value: Any, scope: Scope) -> Any:
    """The value with every function replaced by its result; an absent one is NO_VALUE.

    Raises: ValidationError, for an unknown function.
    """
    function = function_of(value)
    if function:
        name, argument = function
        if name == "Condition" and not isinstance(argument, str):
            return {name: evaluate(argument, scope)}  # the Condition block of a policy statement
        if name not in FUNCTIONS:
            raise ValidationError(f"The local cloud does not implement the function {name}")
        return FUNCTIONS[name](argument, scope)
    if isinstance(value, Mapping):
        results = {key: evaluate(item, scope) for key, item in value.items()}
        return {key: item for key, item in results.items() if item is not NO_VALUE}
    if isinstance(value, list):
        return [item for item in (evaluate(item, scope) for item in value) if item is not NO_VALUE]
    if isinstance(value, str) and "{{resolve:" in value:
        return _DYNAMIC.sub(lambda match: scope.dynamic(match[1]), value)
    return value


def text_of(value: Any) -> str:
    """A scalar as CloudFormation writes it into text. Raises: ValidationError, for an object or a list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        raise ValidationError(f"Template error: a text cannot contain the object or list {value!r}")
    return str(value)


def references(value: Any, condition: Callable[[str], bool]) -> set[str]:
    """Names used by Ref, GetAtt and Sub; of Fn::If only the branch that is taken."""
    function = function_of(value)
    if function:
        name, argument = function
        if name == "Ref":
            return {str(argument)}
        if name == "Fn::GetAtt":
            target = argument if isinstance(argument, str) else argument[0]
            return {str(target).split(".")[0]}
        if name == "Fn::If":
            return references(argument[1 if condition(argument[0]) else 2], condition)
        if name == "Fn::Sub":
            text, own = (argument, {}) if isinstance(argument, str) else argument
            used = {match[2].strip() for match in _PLACEHOLDER.finditer(text) if not match[1]}
            return ({each.split(".")[0] for each in used} - set(own)) | references(own, condition)
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in references(item, condition)}
    if isinstance(value, list):
        return {name for item in value for name in references(item, condition)}
    return set()


def _ref(argument: Any, scope: Scope) -> Any:
    return scope.reference(argument)


def _get_att(argument: Any, scope: Scope) -> Any:
    target, name = argument.split(".", 1) if isinstance(argument, str) else (argument[0], argument[1])
    return scope.attribute(target, text_of(evaluate(name, scope)))


def _sub(argument: Any, scope: Scope) -> Any:
    text, own = (argument, {}) if isinstance(argument, str) else (argument[0], evaluate(argument[1], scope))

    def replace(match: re.Match[str]) -> str:
        name = match[2].strip()
        if match[1]:
            return f"${{{name}}}"
        if name in own:
            return text_of(own[name])
        if "." in name:
            return text_of(scope.attribute(*name.split(".", 1)))
        return text_of(scope.reference(name))

    return evaluate(_PLACEHOLDER.sub(replace, text), scope)


def _join(argument: Any, scope: Scope) -> Any:
    delimiter, items = argument[0], evaluate(argument[1], scope)
    if not isinstance(items, list):
        raise ValidationError(
            "Template error: every Fn::Join object requires a delimiter and a list of values"
        )
    return evaluate(delimiter.join(text_of(item) for item in items), scope)


def _select(argument: Any, scope: Scope) -> Any:
    index, items = int(evaluate(argument[0], scope)), evaluate(argument[1], scope)
    if not 0 <= index < len(items):
        raise ValidationError(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return items[index]


def _split(argument: Any, scope: Scope) -> Any:
    return text_of(evaluate(argument[1], scope)).split(argument[0])


def _if(argument: Any, scope: Scope) -> Any:
    return evaluate(argument[1] if scope.condition(argument[0]) else argument[2], scope)


def _equals(argument: Any, scope: Scope) -> bool:
    first, second = (evaluate(item, scope) for item in argument)
    if isinstance(first, Mapping | list) or isinstance(second, Mapping | list):
        return bool(first == second)
    return text_of(first) == text_of(second)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second = (text_of(evaluate(item, scope)) for item in argument[:3])
    return scope.mapping(name, first, second)


def _cidr(argument: Any, scope: Scope) -> list[str]:
    block, count, *bits = evaluate(argument, scope)
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - int(bits[0] if bits else 8)
    subnets = network.subnets(new_prefix=prefix)
    return [str(next(subnets)) for _ in range(int(count))]


def _availability_zones(argument: Any, scope: Scope) -> list[str]:
    region = evaluate(argument, scope) or scope.reference("AWS::Region")
    return [f"{region}{letter}" for letter in "abc"]


def _contains(argument: Any, scope: Scope) -> bool:
    items, wanted = evaluate(argument[0], scope), evaluate(argument[1], scope)
    return text_of(wanted) in [text_of(item) for item in items]


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Condition": lambda argument, scope: scope.condition(argument),
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::Equals": _equals,
    "Fn::And": lambda argument, scope: all(evaluate(item, scope) for item in argument),
    "Fn::Or": lambda argument, scope: any(evaluate(item, scope) for item in argument),
    "Fn::Not": lambda argument, scope: not evaluate(argument[0], scope),
    "Fn::Contains": _contains,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": lambda argument, scope: scope.imported(text_of(evaluate(argument, scope))),
    "Fn::Base64": lambda argument, scope: base64.b64encode(
        text_of(evaluate(argument, scope)).encode()
    ).decode(),
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _availability_zones,
    "Fn::ToJsonString": lambda argument, scope: json.dumps(evaluate(argument, scope), separators=(",", ":")),
}
