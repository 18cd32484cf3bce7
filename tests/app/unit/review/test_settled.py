"""What a policy says of a stage is about what was deployed there and still is, whatever is called so."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.changes.comparing import compared_all
from review.ground.findings import Severity
from review.reading.assemblies import Stack, assembly_of
from review.report.building import CostDelta, Report, report_on
from review.report.markdown import verdict
from review.report.policy import Policy

MINE, DEPLOYED = "1" * 12, "3" * 12
ROLE = "arn:aws:iam::{}:role/deploy"
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {}}
OPEN: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
        }
    },
}
"""a role that everybody may take on"""


def stack(stage: str, account: str, kind: str = "Data", **more: Any) -> Stack:
    return Stack(
        name=f"{stage}-eu-west-1-{kind}",
        id=f"{stage}-eu-west-1/{kind}",
        account=account,
        region="eu-west-1",
        template={"Resources": {"Topic": TOPIC}},
        deployed_by={"assumeRoleArn": ROLE.format(account)},
        assembly=f"assembly-{stage}-eu-west-1",
        **more,
    )


LOCAL, PROD = stack("Local", MINE), stack("Prod", DEPLOYED)
EXTRA = stack("Local", MINE, "Extra")
BEFORE = (LOCAL, PROD)


def opened(one: Stack, **changes: Any) -> Stack:
    return replace(one, template={"Resources": {"Topic": TOPIC, "Role": OPEN}}, **changes)


QUIET: Mapping[str, tuple[tuple[Stack, ...], tuple[Stack, ...]]] = {
    "what stays on somebody's own machine": (BEFORE, (opened(LOCAL), PROD)),
    "what is removed there": ((*BEFORE, opened(EXTRA)), BEFORE),
}
LOUD: Mapping[str, tuple[tuple[Stack, ...], tuple[Stack, ...]]] = {
    "a new stack": (BEFORE, (*BEFORE, opened(EXTRA))),
    "a new stack in the account of another stage": (BEFORE, (*BEFORE, opened(EXTRA, account=DEPLOYED))),
    "a new stack that the role of another stage deploys": (
        BEFORE,
        (*BEFORE, opened(EXTRA, deployed_by=PROD.deployed_by)),
    ),
    "a new stack of that name in the assembly of another stage": (
        BEFORE,
        (*BEFORE, opened(EXTRA, account=DEPLOYED, assembly=PROD.assembly)),
    ),
    "a stack that moves to another account": (BEFORE, (opened(LOCAL, account=DEPLOYED), PROD)),
    "a stack that others deploy": (BEFORE, (opened(LOCAL, deployed_by=PROD.deployed_by), PROD)),
    "a stack that moves to the assembly of another stage": (
        BEFORE,
        (opened(LOCAL, assembly=PROD.assembly), PROD),
    ),
    "a stack of another stage that is displayed so": (BEFORE, (LOCAL, opened(PROD, id=LOCAL.id))),
    "a stack in an account that two stages share": (
        (replace(LOCAL, account=DEPLOYED), PROD),
        (opened(LOCAL, account=DEPLOYED), PROD),
    ),
}
CASES = {**QUIET, **LOUD}
DEARER = CostDelta(cause="a", stage="local", region="eu-west-1", monthly_usd=500.0)


@pytest.fixture(scope="module")
def reviewed() -> Mapping[str, Report]:
    """Where all that is found in the local stage is a note, and it would cost 500 dollars a month more."""
    estates = {
        name: tuple({one.name: one for one in side} for side in sides) for name, sides in CASES.items()
    }
    policy = Policy(stages={"Local": Severity.NOTE}, monthly_increase_usd=100)
    compared = compared_all({name: (before, after) for name, (before, after) in estates.items()})
    return {
        name: report_on(comparisons, policy=policy, costs=lambda *_: [DEARER])
        for name, comparisons in compared.items()
    }


@pytest.mark.parametrize("case", QUIET)
def test_it_is_a_note_and_costs_nobody_anything(case: str, reviewed: Mapping[str, Report]) -> None:
    report = reviewed[case]

    assert report.rows and {row.severity for row in report.rows} == {Severity.NOTE}
    assert "costs" not in verdict(report)


@pytest.mark.parametrize("case", LOUD)
def test_it_is_as_severe_as_anywhere_else(case: str, reviewed: Mapping[str, Report]) -> None:
    report = reviewed[case]

    assert "REVIEW-ACCESS-005" in {row.rule.id for row in report.failing}
    assert "REVIEW-COST-007" in {row.rule.id for row in report.rows}
    assert "costs: **+500.00" in verdict(report)


def manifest(folder: Path, account: str) -> None:
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account}/eu-west-1",
        "properties": {"templateFile": "a.template.json", "stackName": "Local-eu-west-1-Data"},
    }
    folder.mkdir()
    (folder / "a.template.json").write_text('{"Resources": {}}')
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"a": artifact}}))


def test_a_stack_is_of_the_assembly_that_names_it(tmp_path: Path) -> None:
    manifest(tmp_path / "assembly-Local", MINE)

    assert assembly_of(tmp_path)["Local-eu-west-1-Data"].assembly == "assembly-Local"


def test_no_stack_hides_behind_another_of_its_name(tmp_path: Path) -> None:
    manifest(tmp_path / "assembly-Local", MINE)
    manifest(tmp_path / "assembly-Prod", DEPLOYED)

    with pytest.raises(ValueError, match=r"Local-eu-west-1-Data.*assembly-Local.*and assembly-Prod"):
        assembly_of(tmp_path)
