"""What a template asks for once its conditions are known: which resources, in which order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local_cloud.cloudformation.registry import TYPES
from local_cloud.cloudformation.stacks.model import Desired, Output
from local_cloud.cloudformation.stacks.scope import StackScope
from local_cloud.cloudformation.templates.errors import ValidationError
from local_cloud.cloudformation.templates.graph import creation_order
from local_cloud.cloudformation.templates.intrinsics import evaluate, references
from local_cloud.cloudformation.templates.template import Declaration


@dataclass(frozen=True)
class Plan:
    """Declarations in the order of creation, and what each depends on."""

    declarations: tuple[Declaration, ...]
    dependencies: Mapping[str, frozenset[str]]


def make_plan(desired: Desired, scope: StackScope) -> Plan:
    """Raises: ValidationError, for all that can be known to be wrong before anything is created."""
    declared = desired.template.resources
    check_types({declaration.type for declaration in declared.values()})
    _check_rules(desired, scope)
    wanted = {
        name: body for name, body in declared.items() if not body.condition or scope.condition(body.condition)
    }
    dependencies = {
        name: _dependencies(body, desired, scope.condition) & wanted.keys() for name, body in wanted.items()
    }
    return Plan(tuple(wanted[name] for name in creation_order(dependencies)), dependencies)


def check_types(types: set[str]) -> None:
    """Of a template's resources. Raises: ValidationError, with all types that the local cloud lacks."""
    unknown = sorted(kind for kind in types if kind not in TYPES and not kind.startswith("Custom::"))
    if unknown:
        raise ValidationError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}] "
            "(the local cloud does not implement them)"
        )


def make_outputs(desired: Desired, scope: StackScope) -> list[Output]:
    """A stack's outputs, once its resources are there. Raises: ValidationError, for one that is no text."""
    outputs = []
    for key, body in desired.template.section("Outputs").items():
        if body.get("Condition") and not scope.condition(body["Condition"]):
            continue
        export = body.get("Export")
        value = evaluate(body["Value"], scope)
        if not isinstance(value, str | int | float | bool):
            raise ValidationError(f"Template format error: Output {key} is not a text: {value!r}")
        outputs.append(
            Output(
                key=key,
                value=str(value),
                description=body.get("Description"),
                export=evaluate(export["Name"], scope) if export else None,
            )
        )
    return outputs


def _dependencies(body: Declaration, desired: Desired, condition: Callable[[str], bool]) -> frozenset[str]:
    used = references(body.properties, condition)
    unknown = {
        name
        for name in used
        if name not in desired.template.resources
        and name not in desired.parameters
        and not name.startswith("AWS::")
    }
    if unknown:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unknown))}] "
            "in the Resources block of the template"
        )
    return frozenset(used) | frozenset(body.depends_on)


def _check_rules(desired: Desired, scope: StackScope) -> None:
    for name, rule in desired.template.section("Rules").items():
        if "RuleCondition" in rule and not evaluate(rule["RuleCondition"], scope):
            continue
        for assertion in rule["Assertions"]:
            if not evaluate(assertion["Assert"], scope):
                raise ValidationError(assertion.get("AssertDescription", f"Rule {name} is not met"))
