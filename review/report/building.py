"""A report of two assemblies: everything that it says, before it is written as Markdown or JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from review.changes.comparing import Judge, compared
from review.changes.impacts import impacts_of
from review.changes.model import Change, Comparison, Place, place_of
from review.changes.settled import settled_places, settled_stages
from review.ground.findings import Finding
from review.planning.deploy_plan import DeployPlan
from review.reading.assemblies import Estate
from review.report.acknowledgements import Acknowledgement, acknowledged
from review.report.policy import Policy, failing, weighed
from review.report.rows import Row, rows_of
from review.report.table import Line, table_of
from review.rules.everything import Found, findings
from review.rules.policies import Policies, policy_findings


@dataclass(frozen=True, kw_only=True)
class CostDelta:
    """cause: the line of configuration, or the resource, that it follows from. monthly_usd: more is positive;
    None is unknown. doubts: prices that are assumed or old, and why. notes: what is assumed of quantities,
    or why the figure is unknown.
    """

    cause: str
    stage: str
    region: str
    monthly_usd: float | None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Costs = Callable[[Estate, Estate], Sequence[CostDelta]]
"""what a change costs per month, of the assemblies before and after"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """costs: None, if they were not computed. problems: with acknowledgements. noted: stages in lower case
    whose costs are no part of the verdict.
    """

    rows: tuple[Row, ...]
    failing: tuple[Row, ...]
    table: tuple[Line, ...]
    plan: DeployPlan
    costs: tuple[CostDelta, ...] | None
    policy: Policy
    problems: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    noted: frozenset[str] = frozenset()

    @property
    def counted(self) -> tuple[CostDelta, ...]:
        """Costs that are part of the verdict."""
        return tuple(one for one in self.costs or () if one.stage.lower() not in self.noted)


@dataclass(frozen=True, kw_only=True)
class Side:
    """An assembly, as a synth left it."""

    estate: Estate
    policies: Policies = field(default_factory=Policies)


def report_of(
    before: Side,
    after: Side,
    *,
    policy: Policy | None = None,
    acknowledgements: Sequence[Acknowledgement] = (),
    problems: Sequence[str] = (),
    costs: Costs | None = None,
    judge: Judge = impacts_of,
) -> Report:
    """Raises: DiffFailed, if Node or its package is not there."""
    comparisons = compared(before.estate, after.estate, judge)
    return report_on(
        comparisons,
        [*policy_findings(before.policies, after.policies, _places(comparisons[0]))],
        policy=policy or Policy(),
        acknowledgements=acknowledgements,
        problems=problems,
        costs=costs,
    )


def report_on(
    comparisons: Sequence[Comparison],
    more: Sequence[Finding] = (),
    *,
    policy: Policy | None = None,
    acknowledgements: Sequence[Acknowledgement] = (),
    problems: Sequence[str] = (),
    costs: Costs | None = None,
) -> Report:
    """comparisons: of one change, as `compared` has them. more: findings of other kinds."""
    policy, comparison = policy or Policy(), comparisons[0]
    judged = [findings(one) for one in comparisons]
    deltas = None if costs is None else tuple(costs(comparison.before, comparison.after))
    noted = policy.noted & settled_stages(comparison)
    counted = [one for one in deltas or () if one.stage.lower() not in noted]
    found = [*_together(comparisons, judged), *more, *_dearer(counted, policy)]
    rows = weighed(rows_of(found), policy, settled_places(comparison))
    result = acknowledged(rows, acknowledgements)
    return Report(
        rows=result.rows,
        failing=tuple(failing(result.rows, policy)),
        table=tuple(table_of(comparison)),
        plan=judged[0].plan,
        costs=deltas,
        policy=policy,
        problems=(*problems, *result.problems),
        changes=comparison.changes,
        noted=noted,
    )


def _together(comparisons: Sequence[Comparison], judged: Sequence[Found]) -> list[Finding]:
    """What is found in any way that open conditions may be decided, and in which one at first."""
    found: dict[Finding, str] = {}
    for comparison, one in zip(comparisons, judged, strict=True):
        for finding in one.findings:
            found.setdefault(finding, comparison.unless)
    return [
        replace(finding, text=f"{finding.text}, unless {unless}") if unless else finding
        for finding, unless in found.items()
    ]


def _dearer(deltas: Sequence[CostDelta], policy: Policy) -> list[Finding]:
    total = sum(one.monthly_usd or 0 for one in deltas)
    most = policy.monthly_increase_usd
    if most is None or total <= most:
        return []
    place = Place(stage=", ".join(sorted({one.stage for one in deltas})), region="", kind="")
    text = f"{total:+.2f} dollars a month; the policy allows {most:g}"
    return [Finding(rule="REVIEW-COST-007", place=place, subject="the estimate", text=text)]


def _places(comparison: Comparison) -> dict[str, Place]:
    return {
        stack.id: place_of(stack)
        for estate in (comparison.before, comparison.after)
        for stack in estate.values()
    }
