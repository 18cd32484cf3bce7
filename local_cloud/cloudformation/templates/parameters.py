"""A stack's parameters: from what was given to what Ref answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.cloudformation.templates.errors import ValidationError
from local_cloud.cloudformation.templates.template import Template

_FROM_STORE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
HIDDEN = "****"


@dataclass(frozen=True)
class Parameter:
    """`given` is the text of the call or the default; `value` what Ref answers, perhaps read from SSM."""

    given: str
    value: Any
    from_store: bool
    no_echo: bool

    def described(self, name: str) -> dict[str, str]:
        shown = {"ParameterKey": name, "ParameterValue": HIDDEN if self.no_echo else self.given}
        return shown | ({"ResolvedValue": str(self.value)} if self.from_store else {})


def resolve(
    template: Template,
    given: list[dict[str, Any]],
    previous: Mapping[str, Parameter],
    read_store: Callable[[str], str],
) -> dict[str, Parameter]:
    """Values for every declared parameter: given, previous where asked for, else the default.

    Raises: ValidationError, for missing and unknown ones.
    """
    declared = template.section("Parameters")
    unknown = [item["ParameterKey"] for item in given if item["ParameterKey"] not in declared]
    if unknown:
        raise ValidationError(f"Parameters: {_bracketed(unknown)} do not exist in the template")
    texts = {name: str(body["Default"]) for name, body in declared.items() if "Default" in body}
    for item in given:
        name = item["ParameterKey"]
        if item.get("UsePreviousValue"):
            if name in previous:
                texts[name] = previous[name].given
        elif "ParameterValue" in item:
            texts[name] = item["ParameterValue"]
    missing = [name for name in declared if name not in texts]
    if missing:
        raise ValidationError(f"Parameters: {_bracketed(missing)} must have values")
    return {name: _parameter(name, declared[name], texts[name], read_store) for name in declared}


def _parameter(name: str, body: Mapping[str, Any], text: str, read_store: Callable[[str], str]) -> Parameter:
    _check(name, body, text)
    kind = body.get("Type", "String")
    stored = _FROM_STORE.fullmatch(kind)
    value: Any = read_store(text) if stored else text
    if stored:
        kind = stored[1]
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        value = [part.strip() for part in value.split(",")]
    return Parameter(text, value, bool(stored), str(body.get("NoEcho", False)).lower() == "true")


def _check(name: str, body: Mapping[str, Any], text: str) -> None:
    allowed = [str(value) for value in body.get("AllowedValues", [])]
    pattern = body.get("AllowedPattern")
    problem = None
    if allowed and text not in allowed:
        problem = f"must be one of {_bracketed(allowed)}"
    elif pattern and not re.fullmatch(pattern, text):
        problem = f"must match pattern {pattern}"
    elif len(text) < int(body.get("MinLength", 0)):
        problem = f"must contain at least {body['MinLength']} characters"
    elif "MaxLength" in body and len(text) > int(body["MaxLength"]):
        problem = f"must contain at most {body['MaxLength']} characters"
    elif body.get("Type") == "Number":
        problem = _number_problem(body, text)
    if problem:
        raise ValidationError(f"Parameter '{name}' {body.get('ConstraintDescription') or problem}")


def _number_problem(body: Mapping[str, Any], text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "must be a number"
    if "MinValue" in body and number < float(body["MinValue"]):
        return f"must be a number not less than {body['MinValue']}"
    if "MaxValue" in body and number > float(body["MaxValue"]):
        return f"must be a number not greater than {body['MaxValue']}"
    return None


def _bracketed(names: list[str]) -> str:
    return f"[{', '.join(names)}]"
