"""The comment: short enough whatever is found, the verdict first, and nothing in it taken for Markdown."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.changes.model import Comparison, Place
from review.ground.findings import Finding, Section, Severity
from review.ground.table import RULES
from review.planning.deploy_plan import DeployPlan
from review.reading.assemblies import Stack
from review.report.as_json import as_json
from review.report.building import CostDelta, Report, report_on
from review.report.commits import ROOT
from review.report.escaping import block, code, plain
from review.report.markdown import comment, markdown, verdict
from review.report.page import PAGE, page
from review.report.policy import Policy, failing
from review.report.rows import rows_of
from review.report.sections import NOT_COMPUTED

HOME = Place(stage="Prod", region="eu-west-1", kind="Data", account="333333333333")
NOTHING = Comparison(before={}, after={}, changes=())


def report(*findings: Finding, costs: tuple[CostDelta, ...] | None = None) -> Report:
    rows = tuple(rows_of(findings))
    policy = Policy()
    return Report(
        rows=rows,
        failing=tuple(failing(rows, policy)),
        table=(),
        plan=DeployPlan(deployments=(), stuck={}),
        costs=costs,
        policy=policy,
    )


def finding(rule: str, subject: str = "a table", text: str = "it goes", details: str = "") -> Finding:
    return Finding(rule=rule, place=HOME, subject=subject, text=text, details=details, language="diff")


def many(count: int, seed: int) -> list[Finding]:
    source = random.Random(seed)
    return [
        finding(
            source.choice([*RULES]),
            subject=f"resource-{number}",
            text=f"{number} " + "x" * source.randrange(400),
            details="\n".join(["+ line | <b> `"] * source.randrange(200)),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 30, 600])
@pytest.mark.parametrize("longest", [60_000, 5_000])
def test_a_comment_is_never_too_long_and_closes_what_it_opens(count: int, longest: int) -> None:
    whole = report(*many(count, seed=count))

    text = comment(whole, longest)

    assert len(text) <= len(text.encode()) <= longest
    assert text.count("<details>") == text.count("</details>")
    assert sum(line.strip().startswith("```") for line in text.splitlines()) % 2 == 0
    assert verdict(whole).splitlines()[0] in text[:2_000]
    if text != markdown(whole):
        assert "the whole report is in the job's artefacts" in text


def test_sections_stand_in_the_order_in_which_they_are_read() -> None:
    text = comment(report(*(finding(rule) for rule in RULES)))

    places = [text.index(f"\n### {section.value}\n") for section in Section]
    assert places == sorted(places)
    assert text.index("Stop:") < text.index("Data at risk")


def test_the_verdict_names_what_is_worst() -> None:
    assert "Nothing changes" in verdict(report())
    assert "Nothing stands out" in verdict(report(finding("REVIEW-FLOW-014")))
    assert "have a look" in verdict(report(finding("REVIEW-REST-001")))
    assert "think of" in verdict(report(finding("REVIEW-FLOW-004")))
    stop = verdict(report(finding("REVIEW-FLOW-004"), finding("REVIEW-DATA-001", subject="recs-prod-x")))
    assert "Stop: 1 finding" in stop and "recs-prod-x" in stop


def test_costs_are_said_with_their_cause_or_not_to_be_known() -> None:
    deltas = (
        CostDelta(cause="PROD.schedule", stage="Prod", region="eu-west-1", monthly_usd=120.5),
        CostDelta(cause="a campaign", stage="Prod", region="eu-west-1", monthly_usd=None),
    )

    assert NOT_COMPUTED in comment(report())
    text = comment(report(costs=deltas))
    assert "**+120.50 dollars a month**, and 1 unknown" in text and "PROD.schedule" in text
    assert "does not change" in comment(report(costs=()))


def test_costs_say_once_what_they_rest_on_and_what_several_regions_cost_together() -> None:
    doubts, notes = ("key: assumed: that of us-east-1",), ("people 13000 (assumed)",)
    deltas = [
        CostDelta(cause="PROD.key", stage="prod", region=region, monthly_usd=1, doubts=doubts, notes=notes)
        for region in ("eu-west-1", "eu-central-1")
    ]
    deltas.append(CostDelta(cause="alarms", stage="prod", region="eu-west-1", monthly_usd=0.1))

    text = comment(report(costs=tuple(deltas)))

    assert "| PROD.key | prod eu-central-1, eu-west-1 | +2.00\\* |" in text
    assert "| alarms | prod eu-west-1 | +0.10 |" in text
    assert text.count("that of us-east-1") == text.count("people 13000") == 1
    assert "- costs: **+2.10 dollars a month**" in verdict(report(costs=tuple(deltas)))


def test_an_estimate_that_grows_by_more_than_the_policy_allows_is_a_finding() -> None:
    deltas = (CostDelta(cause="x", stage="Prod", region="eu-west-1", monthly_usd=120.5),)

    policies = [Policy(monthly_increase_usd=most) for most in (100, 200)]
    found = [report_on([NOTHING], policy=policy, costs=lambda *_: deltas) for policy in policies]
    rules = [{row.rule.id for row in one.rows} for one in found]

    assert rules == [{"REVIEW-COST-007"}, set()]


def test_a_stage_that_is_nobodys_concern_is_no_part_of_what_it_costs() -> None:
    """Its costs stand in their section, and neither in the verdict nor against the policy's limit."""
    deltas = [CostDelta(cause="a", stage="local", region="eu-west-1", monthly_usd=500.0)]
    name = "Local-eu-west-1-Data"
    stack = Stack(name, "Local-eu-west-1/Data", HOME.account, HOME.region, {"Resources": {}})
    there = Comparison(before={name: stack}, after={name: stack}, changes=())
    policies = [Policy(monthly_increase_usd=100, stages=stages) for stages in ({}, {"Local": Severity.NOTE})]
    counted, not_counted = (report_on([there], policy=policy, costs=lambda *_: deltas) for policy in policies)

    assert "costs: **+500.00" in verdict(counted) and counted.rows
    assert "costs" not in verdict(not_counted) and not not_counted.rows
    assert "+500.00" in markdown(not_counted)


def test_a_verdict_counts_regions_once_however_many_stages_are_there() -> None:
    places = [(stage, region) for stage in ("Prod", "Staging") for region in ("eu-west-1", "eu-central-1")]
    found = [
        Finding(
            rule="REVIEW-DATA-001",
            place=Place(stage=stage, region=region, kind="Data"),
            subject="x",
            text="it goes",
        )
        for stage, region in places
    ]

    assert "(Prod, Staging; 2 regions)" in verdict(report(*found))


def test_json_has_all_that_a_comment_may_leave_out() -> None:
    whole = report(*many(300, seed=1))

    found = as_json(whole)

    assert len(found["findings"]) == len(whole.rows)
    assert found["failing"] == [row.rule.id for row in whole.failing] and found["fail_on"] == "high"


@given(st.text(max_size=60))
def test_names_stay_within_their_marks(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert fence and shown.endswith(fence) and f"{fence}`" not in shown.strip("`")
    assert "\n" not in shown and "\n" not in plain(text)


def test_what_a_change_says_is_no_markdown_and_mentions_nobody() -> None:
    shown = plain("<img src=x> | @somebody https://example.com [a](b) **bold** #1")

    for raw in ("<img", "|", "[a", "](", "**", "#1"):
        assert re.search(rf"(?<!\\){re.escape(raw)}", shown) is None
    assert "@somebody" not in shown and "https://" not in shown
    assert block("a\n```\nb").startswith("````\n")


def test_the_page_of_rules_is_up_to_date() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), "make rooms"
