"""Templates: where a synth left them, their resources, and values as text."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Template = dict[str, Any]

_TOKEN = re.compile(
    r"<(?:(?P<export>[\w-]+:\w+)|(?P<name>AWS::\w+|[A-Za-z0-9]+)(?:\.(?P<attribute>[A-Za-z0-9.]+))?)>"
)


def templates_of(assembly: Path) -> dict[str, Template]:
    """What a synth wrote into a folder, by the name of the stack."""
    found = {}
    for manifest in assembly.glob("assembly-*/manifest.json"):
        for artifact in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                properties = artifact["properties"]
                file = manifest.parent / properties["templateFile"]
                found[properties["stackName"]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def resources_of(template: Template, type_: str) -> dict[str, Any]:
    """Properties by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == type_
    }


def flat(value: Any) -> str:
    """A template's value as text; what is only known at deployment as <its name>.

    Raises: AssertionError, for a value of unknown shape.
    """
    match value:
        case str():
            return value
        case {"Ref": str(name)} | {"Fn::ImportValue": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(flat(part) for part in parts)
        case _:
            raise AssertionError(f"a value of unknown shape: {value!r}")


def unflat(text: str) -> Any:
    """The way back from `flat`, as the CDK writes it: text, a name, or both joined."""
    parts = list(_parts(text))
    return {"Fn::Join": ["", parts]} if len(parts) > 1 else parts[0] if parts else ""


def _parts(text: str) -> Iterator[Any]:
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        end = match.end()
        match match.groupdict():
            case {"export": str(export)}:
                yield {"Fn::ImportValue": export}
            case {"name": str(name), "attribute": str(attribute)}:
                yield {"Fn::GetAtt": [name, attribute]}
            case {"name": str(name)}:
                yield {"Ref": name}
    if end < len(text):
        yield text[end:]


def linked(templates: Mapping[str, Template], stack: str) -> Template:
    """A stack's template with the values that it imports in place of their names."""
    exports = {
        output["Export"]["Name"]: output["Value"]
        for template in templates.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }

    def link(value: Any) -> Any:
        match value:
            case {"Fn::ImportValue": str(name)}:
                return exports[name]
            case dict():
                return {key: link(member) for key, member in value.items()}
            case list():
                return [link(member) for member in value]
            case _:
                return value

    linked_template: Template = link(templates[stack])
    return linked_template
