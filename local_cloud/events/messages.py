"""What a rule hands to a target: the event, a part of it, a constant, or a template filled from it."""

import json
import re
from typing import Any

from jsonpath_ng.ext.parser import parse as parse_path

_PLACEHOLDER = re.compile(r"<([\w.-]+)>")


def message(target: dict[str, Any], event: dict[str, Any], rule: tuple[str, str]) -> str:
    """The text for the target; `rule` is the rule's (ARN, name)."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_at(target["InputPath"], event))
    if transformer := target.get("InputTransformer"):
        return _transformed(transformer, event, rule)
    return json.dumps(event)


def _at(path: str, event: dict[str, Any]) -> Any:
    matches = parse_path(path).find(event)
    return matches[0].value if matches else None


def _transformed(transformer: dict[str, Any], event: dict[str, Any], rule: tuple[str, str]) -> str:
    """Outside of quotes a placeholder becomes JSON, inside its text; an absent value becomes nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    values: dict[str, Any] = {
        name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()
    }
    values["aws.events.event"] = {name: value for name, value in event.items() if name != "detail"}
    values["aws.events.event.json"] = event
    values["aws.events.event.ingestion-time"] = event["time"]
    values["aws.events.rule-arn"], values["aws.events.rule-name"] = rule
    template: str = transformer["InputTemplate"].strip()
    pieces: list[str] = []
    position, in_string = 0, False
    for placeholder in _PLACEHOLDER.finditer(template):
        between = template[position : placeholder.start()]
        in_string ^= between.replace('\\"', "").count('"') % 2 == 1
        value = values.get(placeholder[1])
        pieces += [between, _text(value) if in_string else _json(value)]
        position = placeholder.end()
    return "".join([*pieces, template[position:]])


def _text(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _json(value: Any) -> str:
    return '""' if value is None else json.dumps(value)
