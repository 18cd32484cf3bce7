"""Conditions of statements: operators, the sets of values of a key, and keys that a request does not have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from rights.errors import UnknownCondition
from rights.patterns import Context, Value, arn_matches, matches

_Compare = Callable[[str, str, Context], bool]
_FOR_ALL, _FOR_ANY = "ForAllValues:", "ForAnyValue:"


@dataclass(frozen=True, kw_only=True)
class Condition:
    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """Raises: UnknownCondition, if the key or the operator is not known."""
        actual = _value(self.key, context)
        plain = self.operator.removeprefix(_FOR_ALL).removeprefix(_FOR_ANY)
        if plain == "Null":
            return (actual is None or actual == ()) == (self.values[0] == "true")
        optional, plain = plain.endswith("IfExists"), plain.removesuffix("IfExists")
        negated, positive = "Not" in plain, plain.replace("Not", "", 1)
        compare = _OPERATORS.get(positive)
        if compare is None or plain in _NEVER:
            raise UnknownCondition(f"condition operator {self.operator}")

        def one(text: str) -> bool:
            return any(compare(text, expected, context) for expected in self.values) is not negated

        if self.operator.startswith(_FOR_ALL):
            return all(one(text) for text in _several(actual))
        if self.operator.startswith(_FOR_ANY):
            return any(one(text) for text in _several(actual))
        if isinstance(actual, tuple):
            raise UnknownCondition(
                f"condition operator {self.operator} for {self.key}, which has several values"
            )
        return (optional or negated) if actual is None else one(actual)


def _value(key: str, context: Context) -> Value:
    if key in context:
        return context[key]
    for name, value in context.items():
        if name.lower() == key.lower():
            return value
    raise UnknownCondition(f"condition key {key}")


def _several(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _numeric(compare: Callable[[float, float], bool]) -> _Compare:
    def compared(actual: str, expected: str, _: Context) -> bool:
        try:
            return compare(float(actual), float(expected))
        except ValueError:
            return False

    return compared


_OPERATORS: dict[str, _Compare] = {
    "Bool": lambda actual, expected, _: actual.lower() == expected.lower(),
    "StringEquals": lambda actual, expected, context: _equal(actual, expected, context, any_case=False),
    "StringEqualsIgnoreCase": lambda actual, expected, context: _equal(
        actual, expected, context, any_case=True
    ),
    "StringLike": lambda actual, expected, context: matches(expected, actual, context),
    # Both, by the documentation: "ArnEquals and ArnLike behave identically".
    "ArnEquals": lambda actual, expected, context: arn_matches(expected, actual, context),
    "ArnLike": lambda actual, expected, context: arn_matches(expected, actual, context),
    "NumericEquals": _numeric(lambda actual, expected: actual == expected),
    "NumericLessThan": _numeric(lambda actual, expected: actual < expected),
    "NumericLessThanEquals": _numeric(lambda actual, expected: actual <= expected),
    "NumericGreaterThan": _numeric(lambda actual, expected: actual > expected),
    "NumericGreaterThanEquals": _numeric(lambda actual, expected: actual >= expected),
}
# What taking "Not" out would make of operators that do not exist.
_NEVER = {f"{name[:7]}Not{name[7:]}" for name in _OPERATORS if name.startswith("Numeric") and "Than" in name}
_NEVER |= {"NotBool", "BoolNot"}


def _equal(actual: str, expected: str, context: Context, *, any_case: bool) -> bool:
    if "${" in expected:
        quoted = "".join({"*": "${*}", "?": "${?}"}.get(each, each) for each in _outside(expected))
        return matches(quoted, actual, context, any_case=any_case)
    return (actual.lower() == expected.lower()) if any_case else actual == expected


def _outside(expected: str) -> list[str]:
    """Characters, variables in one piece: a * in a text that must be equal is no wildcard."""
    parts, rest = [], expected
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        parts += [*before, "${" + name + "}"]
    return [*parts, *rest]
