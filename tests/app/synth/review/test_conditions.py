"""What goes by a condition is said as what is taken out, whatever it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.reading.assemblies import Stack, assembly_of
from tests.support.reviewing import Estate, reports, said

OPEN = {"Fn::Equals": [{"Ref": "Mode"}, "calm"]}
WAYS: Mapping[str, Any] = {"never": {"Fn::Equals": ["a", "b"]}, "perhaps": OPEN}
KEPT = ("Bucket", "Table", "Role", "Function", "Topic", "Queue", "Api", "Key", "Secret")
"""what others are of, by the ends of types: it stays beside what goes"""


def _cases(estate: Mapping[str, Stack]) -> Iterator[tuple[str, tuple[Estate, Estate]]]:
    """The first resource of each type of production, taken out in each way."""
    seen: set[str] = set()
    for name, stack in sorted(estate.items()):
        resources = stack.template["Resources"]
        for logical_id, resource in sorted(resources.items()):
            if resource["Type"] in seen:
                continue
            seen.add(resource["Type"])
            others = {
                key: one
                for key, one in resources.items()
                if key != logical_id and one["Type"].endswith(KEPT) and key in str(resource)
            }

            def of(resources: Any, stack: Stack = stack, name: str = name) -> Estate:
                parameters, conditions = {"Mode": {"Type": "String"}}, {**WAYS}
                template = {"Parameters": parameters, "Conditions": conditions, "Resources": resources}
                return {name: replace(stack, template=template, needs=frozenset())}

            before = of({**others, logical_id: resource})
            yield f"{resource['Type']} out", (before, of(others))
            for way in WAYS:
                after = of({**others, logical_id: {**resource, "Condition": way}})
                yield f"{resource['Type']} {way}", (before, after)


@pytest.fixture(scope="module")
def found(assembly: Path) -> dict[str, dict[str, list[str]]]:
    estate = {name: stack for name, stack in assembly_of(assembly).items() if name.startswith("Prod-")}
    return {name: said(report) for name, report in reports(dict(_cases(estate))).items()}


@pytest.mark.parametrize("way", WAYS)
def test_what_goes_by_a_condition_is_said_as_what_is_taken_out(
    way: str, found: dict[str, dict[str, list[str]]]
) -> None:
    types = [name.removesuffix(" out") for name in found if name.endswith(" out")]

    assert len(types) > 25
    assert {one: found[f"{one} {way}"].keys() for one in types} == {
        one: found[f"{one} out"].keys() for one in types
    }


def test_what_is_left_open_is_said_with_its_question(found: dict[str, dict[str, list[str]]]) -> None:
    texts = [
        text for name in found if name.endswith("perhaps") for some in found[name].values() for text in some
    ]

    assert texts and all(text.endswith(", unless <Mode> = calm") for text in texts), texts
