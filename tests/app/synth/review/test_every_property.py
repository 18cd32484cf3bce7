"""Nothing that changes in production's templates is passed over: each property of each type of resource."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.ground.findings import Severity
from review.reading.assemblies import Stack, assembly_of
from review.report.building import Report
from tests.support.reviewing import Estate, reports, said

QUIET = {
    *("Description", "AlarmDescription", "DisplayName", "Tags"),
    *("Code", "Content"),
}
"""words, and code, which is reviewed as such"""
STRICTER = {
    "AWS::DynamoDB::GlobalTable.BillingMode added",
    "AWS::DynamoDB::GlobalTable.Replicas other",
    "AWS::KMS::Key.PendingWindowInDays gone",
    "AWS::KMS::Key.PendingWindowInDays other",
}
"""changes that only make something stricter, safer or cheaper"""
METADATA = " with other metadata"
_ALONE = {"Other": {"Type": "AWS::CDK::Metadata"}}


def _changed(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value * 3 + 1
        case str():
            return f"{value}x"
        case [first, *others]:
            return [_changed(first), *others]
        case dict() if value:
            key = min(value)
            return {**value, key: _changed(value[key])}
        case _:
            return "x"


def _cases(estate: Mapping[str, Stack]) -> Iterator[tuple[str, tuple[Estate, Estate]]]:
    """One resource by itself, before and after."""
    seen: set[str] = set()
    for name, stack in sorted(estate.items()):
        for logical_id, resource in sorted(stack.template["Resources"].items()):

            def alone(*, stack: Stack = stack, name: str = name, **resources: Any) -> Estate:
                return {name: replace(stack, template={"Resources": {**_ALONE, **resources}})}

            def pair(
                before: Any, after: Any, key: str = logical_id, one: Any = alone
            ) -> tuple[Estate, Estate]:
                return one(**{key: before}), one(**{key: after})

            type_, properties = resource["Type"], resource.get("Properties", {})
            if type_ not in seen:
                seen.add(type_)
                described = {**resource, "Metadata": {"aws:cdk:path": "Elsewhere", "aws:asset:path": "a"}}
                yield f"{type_}{METADATA}", pair(resource, described)
                yield f"{type_} removed", (alone(**{logical_id: resource}), alone())
            for key, value in properties.items():
                if f"{type_}.{key}" in seen:
                    continue
                seen.add(f"{type_}.{key}")
                without = {
                    **resource,
                    "Properties": {one: properties[one] for one in properties if one != key},
                }
                other = {**resource, "Properties": {**properties, key: _changed(value)}}
                yield f"{type_}.{key} gone", pair(resource, without)
                yield f"{type_}.{key} added", pair(without, resource)
                yield f"{type_}.{key} other", pair(resource, other)


@pytest.fixture(scope="module")
def reviewed(assembly: Path) -> dict[str, Report]:
    estate = {name: stack for name, stack in assembly_of(assembly).items() if name.startswith("Prod-")}
    return reports(dict(_cases(estate)))


def test_something_is_said_of_each(reviewed: dict[str, Report]) -> None:
    assert len(reviewed) > 400
    assert not [name for name, report in reviewed.items() if not report.rows]


def test_only_words_and_code_are_said_in_a_whisper(reviewed: dict[str, Report]) -> None:
    quiet = {
        name: said(report)
        for name, report in reviewed.items()
        if all(row.severity is Severity.NOTE for row in report.rows)
        and name.split(" ")[0].split(".")[-1] not in QUIET
        and not name.endswith(METADATA)
    }

    assert {name: rules for name, rules in quiet.items() if name not in STRICTER} == {}


def test_other_metadata_alone_are_words_of_any_resource(reviewed: dict[str, Report]) -> None:
    cases = {name: said(report) for name, report in reviewed.items() if name.endswith(METADATA)}

    assert len(cases) > 35
    loud = {name: rules for name, rules in cases.items() if rules.keys() - {"PLAN-001"} != {"REST-002"}}
    assert loud == {}
