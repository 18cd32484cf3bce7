"""What a template comes to: conditions, parameters, mappings and Fn::If, decided where the template decides.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from review.changes.leaves import words
from review.changes.written_out import partition_of
from review.reading.assemblies import Stack
from review.reading.templates import Template

NO_VALUE = {"Ref": "AWS::NoValue"}
_OTHER_NAMES = re.compile(r"\$\{(\w+)\}")
_LOOKED_UP = "AWS::SSM::Parameter::"
_LISTS = ("CommaDelimitedList", "List<")

Truth = Callable[[str], bool]
"""of what the template does not decide, by its words"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """values: of parameters and pseudo parameters. shown: those that stand in resources
    in place of their names. truth: of what is left open.
    """

    conditions: Mapping[str, Any]
    mappings: Mapping[str, Any]
    values: Mapping[str, Any]
    shown: Mapping[str, Any]
    truth: Truth = field(default=lambda _: True)


def decided(stack: Stack, truth: Truth) -> Template:
    """The template with what its conditions leave of it, and with values in the place of parameters."""
    scope, template = _scope(stack, truth), stack.template
    if not (scope.conditions or scope.mappings or scope.shown or '"Fn::If"' in stack.text or _asks(template)):
        return template
    parts: dict[str, Any] = {
        name: {
            key: _placed({name: part for name, part in one.items() if name != "Condition"}, scope)
            for key, one in template.get(name, {}).items()
            if "Condition" not in one or holds({"Condition": one["Condition"]}, scope)
        }
        for name in ("Resources", "Outputs")
        if name in template
    }
    return {**template, **parts}


def left_open(stack: Stack) -> list[str]:
    """What the template's conditions ask that it does not decide, in words."""
    found: list[str] = []
    scope = _scope(stack, lambda _: True)
    for name in sorted({*scope.conditions, *_named(stack.template)}):
        _three(scope, {"Condition": name}, frozenset(), found)
    return list(dict.fromkeys(found))


def holds(condition: Any, scope: Scope) -> bool:
    result = _three(scope, condition, frozenset(), [], scope.truth)
    assert result is not None
    return result


def _asks(template: Template) -> bool:
    return any(
        "Condition" in one for name in ("Resources", "Outputs") for one in template.get(name, {}).values()
    )


def _scope(stack: Stack, truth: Truth) -> Scope:
    template = stack.template
    pseudo = {
        "AWS::AccountId": stack.account if stack.account.isdigit() else None,
        "AWS::Region": stack.region if partition_of(stack.region) else None,
        "AWS::Partition": partition_of(stack.region) or None,
        "AWS::StackName": stack.name,
    }
    parameters, shown = template.get("Parameters", {}), {}
    for name, parameter in parameters.items():
        value = stack.parameters.get(name, parameter.get("Default"))
        kind = str(parameter.get("Type"))
        if isinstance(value, str | int | float) and not kind.startswith(_LOOKED_UP):
            text = _text(value)
            shown[name] = [one.strip() for one in text.split(",")] if kind.startswith(_LISTS) else text
    known = {name: value for name, value in pseudo.items() if value is not None}
    return Scope(
        conditions=template.get("Conditions", {}),
        mappings=template.get("Mappings", {}),
        values={**known, **shown},
        shown={
            name: value
            for name, value in shown.items()
            if _text(parameters[name].get("NoEcho", "")) not in ("true", "True")
        },
        truth=truth,
    )


def _three(
    scope: Scope, condition: Any, within: frozenset[str], asked: list[str], truth: Truth | None = None
) -> bool | None:
    """None: it is open, and nobody says; what decides it is added to `asked`. within: conditions that ask."""
    mine: list[str] = []

    def of(part: Any) -> bool | None:
        return _three(scope, part, within, mine, truth)

    result: bool | None
    match condition:
        case {"Condition": str(name)} if name in scope.conditions and name not in within:
            result = _three(scope, scope.conditions[name], within | {name}, mine, truth)
        case {"Fn::And": list(parts)}:
            some = [of(part) for part in parts]
            result = False if False in some else None if None in some else True
        case {"Fn::Or": list(parts)}:
            some = [of(part) for part in parts]
            result = True if True in some else None if None in some else False
        case {"Fn::Not": [part]}:
            inner = of(part)
            result = None if inner is None else not inner
        case {"Fn::Equals": [one, other]}:
            values = [_literal(one, scope), _literal(other, scope)]
            result = values[0] == values[1] if None not in values else True if one == other else None
            mine += [f"{_worded(one, values[0])} = {_worded(other, values[1])}"] if result is None else []
            result = truth(mine[-1]) if result is None and truth is not None else result
        case _:
            unknown = condition.get("Condition") if isinstance(condition, Mapping) else None
            mine.append(f"condition {words(unknown or condition)}")
            result = truth(mine[-1]) if truth is not None else None
    asked += mine if result is None else []
    return result


def _worded(value: Any, literal: Any) -> str:
    return words(value if literal is None else literal)


def _named(value: Any) -> Iterator[str]:
    """Conditions that a part of a template goes by."""
    match value:
        case {"Fn::If": [str(name), *_]}:
            yield name
    match value:
        case {"Condition": str(name), "Type": _} | {"Condition": str(name), "Value": _}:
            yield name
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _named(member)


def _literal(value: Any, scope: Scope) -> Any:
    """Text, or a list of it, where the template says what a value comes to; else None."""
    match _placed(value, scope, scope.values):
        case str() | int() | float() as found:
            return _text(found)
        case list() as some:
            texts = [_literal(one, scope) for one in some]
            return None if None in texts else texts
        case {"Fn::Join": [str(separator), parts]}:
            texts = _literal(parts, scope)
            return separator.join(map(str, texts)) if isinstance(texts, list) else None
        case {"Fn::Split": [str(separator), text]} if separator and isinstance(
            whole := _literal(text, scope), str
        ):
            return whole.split(separator)
        case {"Fn::Select": [place, some]}:
            index, texts = _literal(place, scope), _literal(some, scope)
            known = isinstance(texts, list) and isinstance(index, str) and index.isdigit()
            return texts[int(index)] if known and int(index) < len(texts) else None
        case {"Fn::Sub": str(text)} if "${" not in text:
            return text
        case _:
            return None


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _placed(value: Any, scope: Scope, known: Mapping[str, Any] | None = None) -> Any:
    """With the branch that counts for each Fn::If, and without AWS::NoValue. known: by name."""
    names = scope.shown if known is None else known
    match value:
        case {"Ref": str(name)} if name in names:
            return names[name]
        case {"Fn::If": [str(name), one, other]}:
            return _placed(one if holds({"Condition": name}, scope) else other, scope, known)
        case {"Fn::FindInMap": [*keys]} if (found := _looked_up(keys, scope)) is not None:
            return found
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _filled(text, names)}
        case {"Fn::Sub": [str(text), dict(own)]}:
            mine = {name: one for name, one in names.items() if name not in own}
            return {"Fn::Sub": [_filled(text, mine), _placed(own, scope, known)]}
        case dict():
            members = {key: _placed(member, scope, known) for key, member in value.items()}
            return {key: member for key, member in members.items() if member != NO_VALUE}
        case list():
            return [one for one in (_placed(one, scope, known) for one in value) if one != NO_VALUE]
        case _:
            return value


def _filled(text: str, names: Mapping[str, Any]) -> str:
    def of(match: re.Match[str]) -> str:
        value = names.get(match[1])
        return value if isinstance(value, str) else match[0]

    filled = _OTHER_NAMES.sub(of, text)
    for name, value in names.items():
        filled = filled.replace(f"${{{name}}}", value) if "::" in name and isinstance(value, str) else filled
    return filled


def _looked_up(keys: list[Any], scope: Scope) -> Any:
    found: Any = scope.mappings
    for key in keys[:3]:
        text = _literal(key, scope)
        found = found.get(text) if isinstance(found, Mapping) and isinstance(text, str) else None
    if found is None and len(keys) == 4 and isinstance(keys[3], Mapping):
        return keys[3].get("DefaultValue")
    return found
