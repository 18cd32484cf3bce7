"""Templates of another shape than CloudFormation takes: what of them can be read, and what cannot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.reading.assemblies import Estate, Stack

ODD = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""what reading a value of another shape than expected raises"""
_SECTIONS = ("Resources", "Outputs", "Parameters", "Conditions", "Mappings")
_OF_MAPPINGS = ("Resources", "Outputs", "Parameters", "Mappings")
_PARTS: Mapping[str, tuple[type, ...]] = {
    "Properties": (dict,),
    "Metadata": (dict,),
    "DependsOn": (str, list),
    "Condition": (str,),
}


@dataclass(frozen=True, order=True, kw_only=True)
class Oddity:
    """logical_id: of the resource, or the name of a part of the template. refused: it can be read, and
    CloudFormation refuses it.
    """

    stack: str
    logical_id: str
    text: str
    refused: bool = False


def sound(estate: Estate) -> tuple[dict[str, Stack], frozenset[Oddity]]:
    """Stacks without what cannot be read, and what that is."""
    stacks, oddities = {}, set[Oddity]()
    for name, stack in estate.items():
        template, found = _sound(stack.template)
        oddities |= {Oddity(stack=name, logical_id=one, text=text) for one, text in found}
        stacks[name] = stack if template is stack.template else replace(stack, template=template)
    return stacks, frozenset(oddities)


def without(estate: Estate, odd: Mapping[str, set[str]]) -> dict[str, Stack]:
    """odd: logical ids, by stack."""
    return {
        name: replace(
            stack,
            template={
                **stack.template,
                "Resources": {
                    key: one for key, one in stack.template["Resources"].items() if key not in odd[name]
                },
            },
        )
        if odd.get(name)
        else stack
        for name, stack in estate.items()
    }


def _sound(template: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    if not isinstance(template, dict):
        return {"Resources": {}}, [("Template", _not(template, "an object"))]
    found, result = list[tuple[str, str]](), dict(template)
    if "Resources" not in template:
        found.append(("Resources", "are missing"))
        result["Resources"] = {}
    for section in _SECTIONS:
        members = result.get(section, {})
        if not isinstance(members, dict):
            found.append((section, _not(members, "an object")))
            result[section] = {}
            continue
        members, result = _without_macros(result, section, members)
        if section in _OF_MAPPINGS:
            odd = {key: text for key, one in members.items() if (text := "; ".join(_odd(section, one)))}
            found += odd.items()
            mended = {key: _mended(section, members[key]) for key in odd}
            if odd:
                result[section] = {key: one for key, one in {**members, **mended}.items() if one is not None}
    return (result if result != template else template), found


def _without_macros(
    template: dict[str, Any], section: str, members: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a macro makes members of a section of is put beside the sections."""
    macros = {key: one for key, one in members.items() if key.startswith("Fn::")}
    if not macros:
        return members, template
    rest = {key: one for key, one in members.items() if key not in macros}
    beside = {f"{key} of {section}": one for key, one in macros.items()}
    return rest, {**template, section: rest, **beside}


def _odd(section: str, one: Any) -> Iterator[str]:
    if not isinstance(one, dict):
        yield _not(one, "an object")
        return
    if section == "Resources":
        if not isinstance(one.get("Type"), str):
            yield f"Type {_not(one.get('Type'), 'a text')}"
        for name, kinds in _PARTS.items():
            if name in one and not isinstance(one[name], kinds):
                kind = "an object" if dict in kinds else "a text"
                yield f"{name} {_not(one[name], kind)}"
    elif section == "Outputs":
        if "Condition" in one and not isinstance(one["Condition"], str):
            yield f"Condition {_not(one['Condition'], 'a text')}"
        export = one.get("Export", {"Name": ""})
        if not isinstance(export, dict) or "Name" not in export:
            yield f"Export {_not(export, 'an object with a Name')}"


def _mended(section: str, one: Any) -> Any:
    """What is left of it, or None."""
    if not isinstance(one, dict) or (section == "Resources" and not isinstance(one.get("Type"), str)):
        return None
    if section == "Outputs":
        return {key: value for key, value in one.items() if key not in ("Export", "Condition")}
    return {key: value for key, value in one.items() if key not in _PARTS or isinstance(value, _PARTS[key])}


def _not(value: Any, kind: str) -> str:
    shown = "nothing" if value is None else repr(value)
    return f"cannot be read as {kind}: {shown if len(shown) <= 60 else shown[:59] + '…'}"
