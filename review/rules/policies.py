"""Findings of the synthesis' own policies (cdk-nag and others), and what has been acknowledged of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from review.changes.leaves import words
from review.changes.model import Place
from review.ground.findings import Finding

_Found = TypeVar("_Found")
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


@dataclass(frozen=True, order=True, kw_only=True)
class Acknowledged:
    """path: of the construct, below its stack."""

    scope: str
    stack: str
    path: str
    rule: str
    reason: str


@dataclass(frozen=True, order=True, kw_only=True)
class Violation:
    """Of a plugin of the synthesis. where: the construct, empty if the report names none."""

    rule: str
    description: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Policies:
    acknowledged: frozenset[Acknowledged] = frozenset()
    violations: frozenset[Violation] = frozenset()


def policies_of(assembly: Path) -> Policies:
    """What a synth left of them in its folder. Raises: ValueError, with the name of a file that is none."""
    files = sorted(assembly.glob("assembly-*/*.metadata.json"))
    acknowledged = {one for file in files for one in _read(file, _acknowledged)}
    report = assembly / "validation-report.json"
    violations = set(_read(report, _violations)) if report.exists() else set()
    return Policies(acknowledged=frozenset(acknowledged), violations=frozenset(violations))


def _read(file: Path, reader: Callable[[Any], Iterator[_Found]]) -> list[_Found]:
    try:
        return [*reader(json.loads(file.read_text(encoding="utf-8")))]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        kind = type(error).__name__
        raise ValueError(
            f"{file} is not what a synth leaves there ({kind}: {error}): synthesise anew, or delete it"
        ) from error


def policy_findings(before: Policies, after: Policies, places: Mapping[str, Place]) -> Iterator[Finding]:
    """places: by the id of the stack, `Prod-eu-west-1/Data`."""
    for one in sorted(after.acknowledged - before.acknowledged):
        again = any((other.path, other.rule) == (one.path, one.rule) for other in before.acknowledged)
        yield _of_acknowledged(
            "POLICY-001", one, f"{'another reason' if again else 'new'}: {one.reason}", places
        )
    now = {(one.scope, one.stack, one.path, one.rule) for one in after.acknowledged}
    for one in sorted(before.acknowledged - after.acknowledged):
        if (one.scope, one.stack, one.path, one.rule) not in now:
            yield _of_acknowledged("POLICY-002", one, "no longer acknowledged", places)
    for rule, new, old in (
        ("POLICY-003", after.violations, before.violations),
        ("POLICY-004", before.violations, after.violations),
    ):
        for violation in sorted(new - old):
            place = Place(stage=violation.where.split("/")[0] or "all", region="", kind="")
            text = words(violation.description, 200)
            yield Finding(rule=f"REVIEW-{rule}", place=place, subject=violation.rule, text=text)


def _of_acknowledged(rule: str, one: Acknowledged, text: str, places: Mapping[str, Place]) -> Finding:
    place = places.get(f"{one.scope}/{one.stack}", Place(stage=one.scope, region="", kind=one.stack))
    return Finding(rule=f"REVIEW-{rule}", place=place, subject=f"{one.path}: {one.rule}", text=text)


def _acknowledged(metadata: Mapping[str, list[Mapping[str, object]]]) -> Iterator[Acknowledged]:
    for path, entries in metadata.items():
        scope, stack, rest = (*path.strip("/").split("/", 2), "", "")[:3]
        for entry in entries:
            rules = entry.get("data")
            if entry.get("type") == _ACKNOWLEDGED and isinstance(rules, Mapping):
                for rule, reason in rules.items():
                    yield Acknowledged(scope=scope, stack=stack, path=rest, rule=rule, reason=str(reason))


def _violations(report: Mapping[str, list[Mapping[str, object]]]) -> Iterator[Violation]:
    for plugin in report.get("pluginReports", []):
        found = plugin.get("violations")
        for one in found if isinstance(found, list) else []:
            constructs = one.get("violatingConstructs") or one.get("violatingResources") or [{}]
            for construct in constructs:
                where = construct.get("constructPath") or construct.get("resourceLogicalId") or ""
                yield Violation(
                    rule=str(one.get("ruleName")), description=str(one.get("description")), where=str(where)
                )
