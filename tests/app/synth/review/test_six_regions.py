"""The comment on a change that touches every stack of a stage in six regions."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from review.costing import costs
from review.ground.findings import Section
from review.reading.assemblies import Stack, assembly_of
from review.report.building import Report
from review.report.markdown import LONGEST, comment, verdict
from tests.app.support.business.stages import PROD
from tests.support.reviewing import Estate, first_screen, reports

[REPLICA] = PROD.replica_regions
MORE = ("ap-southeast-1", "eu-north-1", "eu-west-2", "us-east-1")
"""Regions besides that are copies of production's replica; a synth of six is in tests/prove."""


def in_six_regions(estate: Estate) -> Iterator[Stack]:
    for stack in estate.values():
        if stack.name.startswith("Prod-"):
            yield stack
            if stack.region == REPLICA:
                yield from (copied(stack, region) for region in MORE)


def copied(stack: Stack, region: str) -> Stack:
    names = {key: getattr(stack, key).replace(REPLICA, region) for key in ("name", "id", "region")}
    return replace(stack, **names, template=json.loads(json.dumps(stack.template).replace(REPLICA, region)))


def touched(stack: Stack) -> Stack:
    """Every function, alarm, policy, schedule, table and log is another one afterwards."""
    template = copy.deepcopy(stack.template)
    for resource in template["Resources"].values():
        touch(resource["Type"], resource.get("Properties", {}))
    return replace(stack, template=template)


def touch(type_: str, properties: dict[str, Any]) -> None:
    match type_:
        case "AWS::Lambda::Function":
            properties["MemorySize"] = 2 * properties.get("MemorySize", 128)
            properties["Timeout"] = 2 * properties.get("Timeout", 3)
        case "AWS::CloudWatch::Alarm":
            properties["Threshold"] = 2 * properties["Threshold"] + 1
            properties.pop("AlarmActions", None)
        case "AWS::IAM::Policy":
            allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::elsewhere/*"}
            properties["PolicyDocument"]["Statement"].append(allowed)
        case "AWS::Scheduler::Schedule":
            properties["ScheduleExpression"] = "rate(6 hours)"
        case "AWS::DynamoDB::GlobalTable":
            for one in properties["Replicas"]:
                one["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
        case "AWS::Logs::LogGroup":
            properties["RetentionInDays"] = 1
        case "AWS::KMS::Key":
            properties["EnableKeyRotation"] = False


@pytest.fixture(scope="module")
def report(assembly: Path) -> Report:
    before: Mapping[str, Stack] = {stack.name: stack for stack in in_six_regions(assembly_of(assembly))}
    after = {name: touched(stack) for name, stack in before.items()}
    assert len({stack.region for stack in after.values()}) == 6
    priced = partial(costs, today=date(2026, 11, 30))
    return reports({"everything": (before, after)}, priced)["everything"]


def test_every_stack_is_in_the_table(report: Report) -> None:
    assert {line.region for line in report.table} == {PROD.region, REPLICA, *MORE}
    assert all(sum(line.counts.values()) - line.quiet > 10 for line in report.table)


def test_the_comment_is_short_enough(report: Report) -> None:
    assert len(comment(report)) < LONGEST == 60_000


def test_the_verdict_and_the_costs_are_on_the_first_screen(report: Report) -> None:
    shown = first_screen(comment(report))

    assert "❌ **Stop:" in shown and verdict(report) in shown
    assert "- costs: **+" in shown
    assert f"| Prod | {MORE[-1]} |" in shown


def test_its_sections_are_all_there_and_costs_have_their_causes(report: Report) -> None:
    text = comment(report)

    assert [text.count(f"\n### {section.value}\n") for section in Section] == [1] * len(Section)
    assert "| stage prod: schedule " in text
    assert "by a price that is assumed, or old" in text


def test_equal_changes_in_several_regions_are_one_row(report: Report) -> None:
    rows = [(row.rule.id, row.subjects, row.text) for row in report.rows]

    assert len(rows) == len({*rows})
    assert max(len({place.region for place in row.places}) for row in report.rows) == 6
