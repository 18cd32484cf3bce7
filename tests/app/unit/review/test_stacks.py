"""Whole stacks that come, go or move, what of their templates changes besides resources, and policies."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from review.changes.comparing import compared
from review.reading.assemblies import Stack
from review.report.building import Side, report_of
from review.rules.policies import Acknowledged, Policies, Violation, policies_of

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


def rules(before: list[Stack], after: list[Stack]) -> dict[str, list[str]]:
    sides = [Side(estate={one.name: one for one in some}) for some in (before, after)]
    found: dict[str, list[str]] = {}
    for row in report_of(*sides).rows:
        found.setdefault(row.rule.id.removeprefix("REVIEW-"), []).append(row.text)
    return found


def test_a_stack_that_comes_and_one_that_goes_are_said() -> None:
    found = rules([stack("Data")], [stack("Serving")])

    assert {"PLAN-004", "PLAN-005", "WATCH-007"} <= found.keys()


def test_a_stack_that_moves_to_another_account_is_another_one() -> None:
    there = stack("Data")

    assert "PLAN-006" in rules([there], [replace(there, account="2" * 12)])


def test_termination_protection_that_is_off_is_said() -> None:
    protected = replace(stack("Data"), protected=True)

    assert "DATA-005" in rules([protected], [stack("Data")])
    assert "DATA-005" not in rules([stack("Data")], [protected])


def test_an_export_that_others_still_import_needs_another_deployment() -> None:
    output = {"Out": {"Value": {"Ref": "Topic"}, "Export": {"Name": "Topic"}}}
    user = stack("Serving", Value={**PARAMETER, "Properties": {"Value": {"Fn::ImportValue": "Topic"}}})
    without = stack("Serving", Value=PARAMETER)

    found = rules([stack("Data", outputs=output), user], [stack("Data"), without])

    assert "REST-006" in found and "PLAN-001" not in found
    stuck = rules([stack("Data", outputs=output), user], [stack("Data"), user])
    assert any("nobody exports" in text or "still imports" in text for text in stuck["PLAN-001"])


def test_another_type_under_the_same_logical_id_is_another_resource() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {}}

    found = rules([stack("Data", Thing=queue)], [stack("Data", Thing=TOPIC)])

    assert "DATA-001" in found


def test_types_that_nobody_knows_are_not_passed_over() -> None:
    custom = {"Type": "Custom::Something", "Properties": {"ServiceToken": "a", "Size": 1}}
    other = {**custom, "Properties": {"ServiceToken": "a", "Size": 2}}

    found = rules([stack("Data", Thing=custom)], [stack("Data", Thing=other)])

    assert found["REST-001"] == ["Size: 1 → 2"]


def test_a_template_that_the_package_cannot_read_is_compared_all_the_same() -> None:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}]}}
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    whole = {**policy, "Properties": {**policy["Properties"], "PolicyDocument": document}}  # type: ignore[dict-item]

    found = rules([stack("Data", Role=ROLE, Policy=policy)], [stack("Data", Role=ROLE, Policy=whole)])

    assert "ACCESS-004" in found


def test_resources_without_properties_are_compared() -> None:
    bare = {"Type": "AWS::SNS::Topic"}

    assert not compared({}, {}).changes
    assert "REST-002" in rules([stack("Data", Topic=bare)], [stack("Data", Topic=TOPIC)])


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
