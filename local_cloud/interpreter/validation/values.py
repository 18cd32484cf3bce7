"""Values of fields: retries, catchers, numbers and what each type of state must have."""

from collections.abc import Callable
from typing import Any

from local_cloud.interpreter.queries.evaluation import is_expression
from local_cloud.interpreter.validation.problems import Problems, schema

_MOST = 99_999_999
_COMPARED = {
    f"{kind}{comparison}{path}"
    for kind in ("String", "Numeric", "Timestamp")
    for comparison in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
    for path in ("", "Path")
} | {
    "BooleanEquals", "BooleanEqualsPath", "StringMatches", "IsNull", "IsPresent", "IsNumeric", "IsString",
    "IsBoolean", "IsTimestamp",
}  # fmt: skip


def required(state: dict[str, Any], place: str, language: str) -> Problems:
    """What a state of a known type has to have."""
    match state["Type"]:
        case "Task":
            if not isinstance(state.get("Resource"), str):
                yield schema("Missing required field 'Resource'", place)
            if not isinstance(state.get("Credentials", {}), dict):
                yield schema(
                    "The value for the field 'Credentials' must be an object", f"{place}/Credentials"
                )
            yield from _seconds(state, "TimeoutSeconds", 1, place, language)
            yield from _seconds(state, "HeartbeatSeconds", 1, place, language)
            timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
            if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
                yield schema("HeartbeatSeconds must be smaller than TimeoutSeconds", place)
        case "Wait":
            given = state.keys() & {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}
            if len(given) != 1:
                words = "A Wait state has exactly one of Seconds, SecondsPath, Timestamp and TimestampPath"
                yield schema(words, place)
            yield from _seconds(state, "Seconds", 0, place, language)
        case "Choice":
            yield from _choices(state, place, language)
        case "Parallel":
            if not _is_list(state.get("Branches")):
                yield schema("Missing required field 'Branches'", place)
        case "Map":
            processor = state.get("ItemProcessor", state.get("Iterator"))
            if not isinstance(processor, dict):
                yield schema("Missing required field 'ItemProcessor'", place)
            elif "QueryLanguage" in processor:
                name = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
                yield schema("Field 'QueryLanguage' is not supported", f"{place}/{name}")
    for field in ("Retry", "Catch"):
        yield from _handlers(state, field, place)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(member, dict) for member in value)


def _seconds(state: dict[str, Any], field: str, least: int, place: str, language: str) -> Problems:
    value = state.get(field, least)
    if language == "JSONata" and isinstance(value, str) and is_expression(value):
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        yield schema(f"{field} must be a whole number from {least} to {_MOST}", f"{place}/{field}")


def _choices(state: dict[str, Any], place: str, language: str) -> Problems:
    if not _is_list(state.get("Choices")):
        yield schema("Missing required field 'Choices'", place)
        return
    for index, rule in enumerate(state["Choices"]):
        where = f"{place}/Choices[{index}]"
        if not isinstance(rule.get("Next"), str):
            yield schema("Missing required field 'Next'", where)
        if language == "JSONata":
            if not isinstance(rule.get("Condition"), bool) and not (
                isinstance(rule.get("Condition"), str) and is_expression(rule["Condition"])
            ):
                yield schema("Missing required field 'Condition', an expression or a boolean", where)
        elif "Condition" in rule:
            words = "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the "
            yield schema(words + "'JSONata' QueryLanguage", where)
        else:
            yield from _comparison(rule, where)


def _comparison(rule: dict[str, Any], place: str) -> Problems:
    nested = [name for name in ("And", "Or", "Not") if name in rule]
    compared = rule.keys() & _COMPARED
    if len(nested) + ("Variable" in rule) != 1:
        yield schema("A rule has exactly one of Variable, And, Or and Not", place)
    elif nested:
        rules = rule[nested[0]] if nested[0] != "Not" else [rule["Not"]]
        if not _is_list(rules):
            yield schema(f"'{nested[0]}' has no rules", place)
            return
        for index, inner in enumerate(rules):
            where = f"{place}/{nested[0]}" + ("" if nested[0] == "Not" else f"[{index}]")
            if "Next" in inner:
                yield schema("Field 'Next' is not supported", where)
            yield from _comparison(inner, where)
    elif len(compared) != 1:
        yield schema("A rule with a Variable has exactly one comparison", place)
    else:
        yield from _compared(compared.pop(), rule, place)


def _compared(name: str, rule: dict[str, Any], place: str) -> Problems:
    value, where = rule[name], f"{place}/{name}"
    if name.endswith("Path"):
        fits, words = isinstance(value, str) and value.startswith("$"), "a JSONPath"
    elif name.startswith("Numeric"):
        fits, words = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    elif name.startswith(("Is", "Boolean")):
        fits, words = isinstance(value, bool), "a boolean"
    else:
        fits, words = isinstance(value, str), "a text"
    if not fits:
        yield schema(f"The value for the field '{name}' must be {words}", where)


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


_RETRIER: dict[str, tuple[Callable[[Any], bool], str]] = {
    "IntervalSeconds": (_whole(1, _MOST), f"a whole number from 1 to {_MOST}"),
    "MaxAttempts": (_whole(0, _MOST), f"a whole number from 0 to {_MOST}"),
    "MaxDelaySeconds": (_whole(1, 31_622_400), "a whole number from 1 to 31622400"),
    "JitterStrategy": (lambda value: value in ("FULL", "NONE"), "FULL or NONE"),
    "BackoffRate": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 1,
        "a number of at least 1",
    ),
}


def _handlers(state: dict[str, Any], field: str, place: str) -> Problems:
    handlers = state.get(field, [])
    if not isinstance(handlers, list):
        yield schema(f"'{field}' must be a list", f"{place}/{field}")
        return
    for index, handler in enumerate(handlers):
        where = f"{place}/{field}[{index}]"
        errors = handler.get("ErrorEquals") if isinstance(handler, dict) else None
        if not isinstance(errors, list) or not errors or not all(isinstance(name, str) for name in errors):
            yield schema("'ErrorEquals' must be a list of at least one error name", where)
            continue
        if "States.ALL" in errors and (len(errors) > 1 or index < len(handlers) - 1):
            yield schema(f"'States.ALL' must stand alone, in the last element of '{field}'", where)
        if field == "Catch":
            if not isinstance(handler.get("Next"), str):
                yield schema("Missing required field 'Next'", where)
            continue
        for name, (fits, words) in _RETRIER.items():
            if name in handler and not fits(handler[name]):
                yield schema(f"The value for the field '{name}' must be {words}", f"{where}/{name}")
