"""Names within a template that nothing in it has: CloudFormation refuses it before it changes anything.

Sources: CloudFormation user guide, "Template anatomy" and "Conditions"; its messages are "Unresolved resource
dependencies", "Unresolved condition dependency" and "Mapping named 'X' is not present".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.sound import Oddity
from review.reading.assemblies import Stack
from review.reading.templates import Template

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_PSEUDO = "AWS::"


def dangling(stack: Stack) -> frozenset[Oddity]:
    """Resources and outputs that name what is not there. What a macro or a module is to add is not known:
    of a template with one nothing is said.
    """
    template = stack.template
    modules = any(one["Type"].endswith("::MODULE") for one in template["Resources"].values())
    if modules or any(name == "Transform" or name.startswith("Fn::") for name in template):
        return frozenset()
    found = set()
    for section in ("Resources", "Outputs"):
        for logical_id, part in template.get(section, {}).items():
            shown = {name: value for name, value in part.items() if name != "Metadata"}
            missing = sorted({*_missing(shown, template), *_attributes(part, template)})
            if missing:
                text = f"names what is not there: {', '.join(missing)}"
                found.add(Oddity(stack=stack.name, logical_id=logical_id, text=text, refused=True))
    for name, condition in template.get("Conditions", {}).items():
        for one in sorted({*_of_condition(condition, template), *_missing(condition, template)}):
            text = f"names what is not there: {one}"
            found.add(Oddity(stack=stack.name, logical_id=name, text=text, refused=True))
    return frozenset(found)


def _attributes(part: Mapping[str, Any], template: Template) -> Iterator[str]:
    """Of what a resource or an output goes by, besides its properties."""
    needed = part.get("DependsOn", [])
    for name in needed if isinstance(needed, list) else [needed]:
        if isinstance(name, str) and name not in template["Resources"]:
            yield f"resource {name}"
    if "Condition" in part and part["Condition"] not in template.get("Conditions", {}):
        yield f"condition {part['Condition']}"


def _of_condition(value: Any, template: Template) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get("Condition")
        if isinstance(name, str) and name not in template.get("Conditions", {}):
            yield f"condition {name}"
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _of_condition(member, template)


def _missing(value: Any, template: Template) -> Iterator[str]:
    known = {*template["Resources"], *template.get("Parameters", {})}
    yield from _within(value, template, known)


def _within(value: Any, template: Template, known: set[str]) -> Iterator[str]:
    named: list[str] = []
    match value:
        case {"Ref": str(name), **rest} if not rest:
            named = [name]
        case {"Fn::GetAtt": [str(name), *_], **rest} if not rest:
            named = [name]
        case {"Fn::GetAtt": str(name), **rest} if not rest:
            named = [name.split(".")[0]]
        case {"Fn::Sub": str(text), **rest} if not rest:
            named = _VARIABLE.findall(text)
        case {"Fn::Sub": [str(text), dict(own)], **rest} if not rest:
            named = [name for name in _VARIABLE.findall(text) if name not in own]
        case {"Fn::If": [str(name), *_], **rest} if not rest and name not in template.get("Conditions", {}):
            yield f"condition {name}"
        case {"Fn::FindInMap": [str(name), *_], **rest} if not rest and name not in template.get(
            "Mappings", {}
        ):
            yield f"mapping {name}"
    for name in named:
        name = name.strip().split(".")[0]
        if not name.startswith(_PSEUDO) and name not in known:
            yield f"resource or parameter {name}"
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _within(member, template, known)
