"""Findings are accepted one by one, with a reason, and by a policy that says what fails a review."""

from pathlib import Path

import pytest

from review.changes.model import Place
from review.ground.findings import Finding, Severity
from review.report.acknowledgements import acknowledged, acknowledgements_in
from review.report.commits import ROOT
from review.report.policy import BadPolicyFile, Policy, failing, policy_of, weighed
from review.report.rows import Row, rows_of

HOME = Place(stage="Prod", region="eu-west-1", kind="Data", account="333333333333")
AWAY = Place(stage="Prod", region="eu-central-1", kind="Data", account="333333333333")
LOCAL = Place(stage="Local", region="eu-west-1", kind="Data", account="123456789012")


def finding(
    subject: str, *, rule: str = "REVIEW-DATA-001", place: Place = HOME, text: str = "it goes"
) -> Finding:
    return Finding(rule=rule, place=place, subject=subject, text=text)


def accepted(description: str, *findings: Finding) -> tuple[list[Row], list[str]]:
    lines, problems = acknowledgements_in(description)
    result = acknowledged(rows_of(findings), lines)
    return [row for row in result.rows if row.acknowledged], [*problems, *result.problems]


@pytest.mark.parametrize(
    "line",
    [
        "acknowledge REVIEW-DATA-001: nobody reads this any more",
        "- Acknowledge REVIEW-DATA-001 recs-prod-*: nobody reads this any more",
        "acknowledge REVIEW-DATA-001 `recs-{stage}-x`: nobody reads this any more",
        "acknowledge: review-data-001 `recs-prod-x`: nobody reads this any more",
        "```\nan example\n```\nacknowledge REVIEW-DATA-001: nobody reads this any more",
    ],
)
def test_a_line_of_a_description_accepts_a_finding(line: str) -> None:
    rows, problems = accepted(f"This removes x.\n\n{line}\n", finding("recs-prod-x"))

    assert [row.acknowledged for row in rows] == ["nobody reads this any more"] and not problems


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("acknowledge REVIEW-DATA-001: ok", "reason"),
        ("acknowledge REVIEW-DATA-999: nobody reads this", "no such rule"),
        ("acknowledge REVIEW-DATA-001 another: nobody reads this", "acknowledges nothing"),
        ("acknowledge REVIEW-DATA-002: nobody reads this", "acknowledges nothing"),
        ("acknowledge REVIEW-DATA-001 because of Friday", "write `acknowledge RULE"),
        ("<!-- acknowledge REVIEW-DATA-001: nobody reads this -->", ""),
        ("```\nacknowledge REVIEW-DATA-001: nobody reads this\n```", ""),
        ("~~~~\n~~~\nacknowledge REVIEW-DATA-001: nobody reads this\n~~~~", ""),
        ("- so:\n  ```text\nacknowledge REVIEW-DATA-001: nobody reads this\n  ```", ""),
        ("```\nacknowledge REVIEW-DATA-001: nobody reads this", ""),
        ("    acknowledge REVIEW-DATA-001: nobody reads this", ""),
        ("<!-- acknowledge\nacknowledge REVIEW-DATA-001: nobody reads this", ""),
        ("> acknowledge REVIEW-DATA-001: nobody reads this", ""),
        ("- > acknowledge REVIEW-DATA-001: nobody reads this", ""),
    ],
)
def test_what_accepts_nothing_is_said_and_an_example_is_no_acceptance(line: str, problem: str) -> None:
    rows, problems = accepted(line, finding("recs-prod-x"))

    assert not rows
    assert any(problem in one for one in problems) if problem else not problems


def test_a_name_with_spaces_stands_between_backticks() -> None:
    route = finding("GET /v1/all: a", rule="REVIEW-ACCESS-007")

    assert accepted("acknowledge REVIEW-ACCESS-007 `GET /v1/all: a`: it is meant for all", route)[0]


def test_a_row_of_several_resources_is_accepted_when_all_of_them_are() -> None:
    findings = [finding("recs-prod-x"), finding("recs-prod-y")]

    assert not accepted("acknowledge REVIEW-DATA-001 recs-prod-x: nobody reads this", *findings)[0]
    assert accepted("acknowledge REVIEW-DATA-001 recs-prod-?: nobody reads this", *findings)[0]


def test_equal_findings_are_one_row_and_names_of_places_do_not_make_a_difference() -> None:
    rows = rows_of(
        [
            finding("recs-prod-x", text="gone from eu-west-1"),
            finding("recs-prod-x", text="gone from eu-central-1", place=AWAY),
            finding("recs-local-x", text="gone from eu-west-1", place=LOCAL),
            finding("recs-prod-z", text="another fate"),
        ]
    )

    assert [row.text for row in rows] == ["another fate", "gone from {region}"]
    assert {(place.stage, place.region) for place in rows[1].places} == {
        ("Prod", "eu-west-1"),
        ("Prod", "eu-central-1"),
        ("Local", "eu-west-1"),
    }


def test_a_policy_says_what_fails_and_how_severe_it_is() -> None:
    rows = rows_of([finding("x"), finding("y", rule="REVIEW-DATA-003"), finding("z", place=LOCAL)])

    assert {row.subjects for row in failing(rows, Policy())} == {("x",), ("z",)}
    policy = Policy(severities={"REVIEW-DATA-003": Severity.HIGH}, stages={"Local": Severity.NOTE})
    assert {row.subjects for row in failing(weighed(rows, policy, {LOCAL}), policy)} == {("x",), ("y",)}
    assert not failing(rows, Policy(fail_on=None))
    medium = Policy(fail_on=Severity.MEDIUM)
    assert len(failing(rows, medium)) == 3


def test_a_policy_file_is_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "review.toml"
    file.write_text(
        'fail_on = "soon"\nmonthly_increase_usd = "a lot"\n[severities]\n"REVIEW-X-1" = "low"\n[other]\n'
    )

    with pytest.raises(BadPolicyFile) as refused:
        policy_of(file)

    assert all(word in str(refused.value) for word in ("soon", "a lot", "REVIEW-X-1", "other"))


def test_the_policy_of_this_repository_can_be_read() -> None:
    policy = policy_of(ROOT / "config" / "review.toml")

    assert policy.fail_on is Severity.HIGH and policy.stages == {"Local": Severity.NOTE}
