"""Whole stacks that come, go or move, templates besides their resources, and findings of policies."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.reading.assemblies import Stack
from review.report.building import Side, report_of
from review.rules.policies import Acknowledged, Policies, Violation, policies_of
from tests.support.reviewing import reports, said

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "a"}}
PARAMETER: dict[str, Any] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "a"}}
ROLE: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Statement": []}},
}


def stack(kind: str, region: str = "eu-west-1", *, outputs: Any = None, **resources: Any) -> Stack:
    template: dict[str, Any] = {"Resources": resources or {"Topic": TOPIC}}
    if outputs:
        template["Outputs"] = outputs
    place = f"Shop-{region}"
    return Stack(
        name=f"{place}-{kind}", id=f"{place}/{kind}", account="1" * 12, region=region, template=template
    )


ALARM = "AWS::CloudWatch::Alarm"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
OUTPUT = {"Out": {"Value": {"Ref": "Topic"}, "Export": {"Name": "Topic"}}}
IMPORTING = {**PARAMETER, "Properties": {"Value": {"Fn::ImportValue": "Topic"}}}
CUSTOM: dict[str, Any] = {"Type": "Custom::Something", "Properties": {"ServiceToken": "a", "Size": 1}}
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
POLICY: dict[str, Any] = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}]}}
WHOLE = {**POLICY, "Properties": {**POLICY["Properties"], "PolicyDocument": DOCUMENT}}
PROTECTED = replace(stack("Data"), protected=True)
CASES: dict[str, tuple[list[Stack], list[Stack]]] = {
    "another kind": ([stack("Data")], [stack("Serving")]),
    "another account": ([stack("Data")], [replace(stack("Data"), account="2" * 12)]),
    "protection off": ([PROTECTED, stack("Serving")], [stack("Data"), stack("Serving", Topic=QUEUE)]),
    "protection on": ([stack("Data")], [PROTECTED]),
    "export goes with its use": (
        [stack("Data", outputs=OUTPUT), stack("Serving", Value=IMPORTING)],
        [stack("Data"), stack("Serving", Value=PARAMETER)],
    ),
    "export goes before its use": (
        [stack("Data", outputs=OUTPUT), stack("Serving", Value=IMPORTING)],
        [stack("Data"), stack("Serving", Value=IMPORTING)],
    ),
    "another type": ([stack("Data", Thing=QUEUE)], [stack("Data", Thing=TOPIC)]),
    "unknown type": (
        [stack("Data", Thing=CUSTOM)],
        [stack("Data", Thing={**CUSTOM, "Properties": {"ServiceToken": "a", "Size": 2}})],
    ),
    "policy without a document": (
        [stack("Data", Role=ROLE, Policy=POLICY)],
        [stack("Data", Role=ROLE, Policy=WHOLE)],
    ),
    "no properties": ([stack("Data", Topic={"Type": "AWS::SNS::Topic"})], [stack("Data", Topic=TOPIC)]),
    "unknown shape": (
        [stack("Data", Alarm={"Type": ALARM, "Properties": {"AlarmActions": ["a"]}})],
        [stack("Data", Alarm={"Type": ALARM, "Properties": {"AlarmActions": 1}})],
    ),
    "nothing": ([stack("Data")], [stack("Data")]),
}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, list[str]]]:
    """What is said, by rule, of each case."""
    estates = {
        name: ({one.name: one for one in before}, {one.name: one for one in after})
        for name, (before, after) in CASES.items()
    }
    return {name: said(report) for name, report in reports(estates).items()}


@pytest.mark.parametrize(
    ("case", "rules"),
    [
        ("another kind", {"PLAN-004", "PLAN-005", "WATCH-007"}),
        ("another account", {"PLAN-006"}),
        ("protection off", {"DATA-005"}),
        ("export goes with its use", {"REST-006"}),
        ("export goes before its use", {"PLAN-001"}),
        ("another type", {"DATA-001"}),
        ("unknown type", {"REST-001"}),
        ("policy without a document", {"ACCESS-004"}),
        ("no properties", {"REST-002"}),
        ("unknown shape", {"REST-009"}),
        ("nothing", set()),
    ],
)
def test_what_becomes_of_whole_stacks_is_said(
    case: str, rules: set[str], found: dict[str, dict[str, list[str]]]
) -> None:
    assert rules <= found[case].keys() and bool(rules) == bool(found[case])


def test_what_only_gets_safer_is_no_risk(found: dict[str, dict[str, list[str]]]) -> None:
    assert "DATA-005" not in found["protection on"] and "PLAN-001" not in found["export goes with its use"]


def test_values_of_what_no_rule_knows_are_shown(found: dict[str, dict[str, list[str]]]) -> None:
    assert found["unknown type"]["REST-001"] == ["Thing: Size: 1 → 2"]


def test_a_finding_that_is_acknowledged_anew_and_its_reason_are_said() -> None:
    old = Acknowledged(
        scope="Shop-eu-west-1", stack="Data", path="Bucket", rule="S1", reason="no logs of logs"
    )
    new = replace(old, rule="IAM5", reason="there is no resource to name")
    violation = Violation(
        rule="not-protected", description="stacks can be deleted", where="Shop-eu-west-1/Data"
    )
    estate = {"Shop-eu-west-1-Data": stack("Data")}
    one = Side(
        estate=estate, policies=Policies(acknowledged=frozenset([old]), violations=frozenset([violation]))
    )
    other = Side(estate=estate, policies=Policies(acknowledged=frozenset([new])))

    there = {row.rule.id: row.text for row in report_of(one, other).rows}
    back = {row.rule.id for row in report_of(other, one).rows}

    assert there["REVIEW-POLICY-001"] == "new: there is no resource to name"
    assert {"REVIEW-POLICY-002", "REVIEW-POLICY-004"} <= there.keys() and "REVIEW-POLICY-003" in back


def test_policies_are_read_from_what_a_synth_leaves(tmp_path: Path) -> None:
    entry = {"type": "aws:cdk:acknowledged-rules", "data": {"S1": "no logs of logs"}}
    folder = tmp_path / "assembly-Shop"
    folder.mkdir()
    (folder / "Data.metadata.json").write_text(json.dumps({"/Shop/Data/Bucket/Resource": [entry]}))
    plugin = {
        "violations": [{"ruleName": "a", "description": "b", "violatingConstructs": [{"constructPath": "c"}]}]
    }
    (tmp_path / "validation-report.json").write_text(json.dumps({"pluginReports": [plugin]}))

    found = policies_of(tmp_path)

    assert [one.path for one in found.acknowledged] == ["Bucket/Resource"]
    assert found.violations == {Violation(rule="a", description="b", where="c")}
