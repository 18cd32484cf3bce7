"""What a review says of changes to production's templates: all that matters, where it belongs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from review.ground.findings import Section, Severity
from review.ground.table import RULES
from review.reading.assemblies import assembly_of
from review.report.building import Report
from review.report.markdown import LONGEST, comment, markdown
from tests.app.synth.review.access_mutations import ACCESS
from tests.app.synth.review.condition_mutations import CONDITIONS
from tests.app.synth.review.data_mutations import DATA
from tests.app.synth.review.flow_mutations import FLOW
from tests.app.synth.review.harmless_mutations import HARMLESS
from tests.app.synth.review.history_mutations import HISTORY, LOUD
from tests.app.synth.review.leading_mutations import LEADING
from tests.app.synth.review.mutating import Mutation, both
from tests.app.synth.review.origin_mutations import ORIGINS
from tests.app.synth.review.policy_mutations import POLICIES
from tests.app.synth.review.watch_mutations import WATCH
from tests.support.reviewing import reports, said

HARMFUL = [*DATA, *ACCESS, *POLICIES, *LEADING, *WATCH, *FLOW, *HISTORY, *CONDITIONS, *ORIGINS]
Reports = Mapping[str, Report]


@pytest.fixture(scope="session")
def reviewed(assembly: Path) -> Reports:
    """Reports by the name of the mutation."""
    estate = assembly_of(assembly)
    return reports({one.name: both(estate, one) for one in (*HARMFUL, *HARMLESS)})


def names(mutation: Mutation) -> str:
    return mutation.name


@pytest.mark.parametrize("mutation", HARMFUL, ids=names)
def test_it_is_said_in_its_section(mutation: Mutation, reviewed: Reports) -> None:
    report = reviewed[mutation.name]

    assert {*mutation.rules} <= {*said(report)}, said(report)
    text = markdown(report)
    for rule in mutation.rules:
        section = RULES[f"REVIEW-{rule}"].section
        assert f"REVIEW-{rule}**" in _section(text, section)


@pytest.mark.parametrize("mutation", HISTORY, ids=names)
def test_verdicts_on_the_past_are_those_written_beforehand(mutation: Mutation, reviewed: Reports) -> None:
    assert bool(reviewed[mutation.name].failing) == (mutation.name in LOUD)


@pytest.mark.parametrize("mutation", HARMLESS, ids=names)
def test_it_alarms_nobody(mutation: Mutation, reviewed: Reports) -> None:
    report = reviewed[mutation.name]

    loud = [f"{row.rule.id} {row.subjects} {row.text}" for row in report.rows if row.severity > Severity.NOTE]
    assert not loud
    assert {*mutation.rules} <= {*said(report)}, said(report)
    assert "Nothing stands out" in comment(report) or "Nothing changes" in comment(report)


def test_each_mutation_is_one_of_its_own() -> None:
    every = [one.name for one in (*HARMFUL, *HARMLESS)]

    assert len(every) == len({*every}) and len(HARMFUL) >= 40 and len(HARMLESS) >= 10


ELSEWHERE = {
    *("COST-007", "REST-009", "PLAN-001", "PLAN-004", "PLAN-005", "PLAN-006", "REST-006"),
    *("POLICY-001", "POLICY-002", "POLICY-003", "POLICY-004"),
}
"""rules about whole stacks, policies and estimates: tests/app/unit/review has what they find"""


def test_every_rule_has_a_mutation() -> None:
    expected = {rule for one in (*HARMFUL, *HARMLESS) for rule in one.rules}

    assert {f"REVIEW-{rule}" for rule in expected | ELSEWHERE} == {*RULES} and not expected & ELSEWHERE


def test_comments_are_short_enough(reviewed: Reports) -> None:
    assert not [name for name, report in reviewed.items() if len(comment(report)) > LONGEST]


def _section(text: str, section: Section) -> str:
    return text.split(f"### {section.value}\n", 1)[1].split("\n### ", 1)[0]
