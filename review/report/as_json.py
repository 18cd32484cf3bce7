"""A report as JSON: for other programs, and the whole of what a comment may have to shorten."""

from typing import Any

from review.planning import deploy_plan
from review.report.building import Report
from review.report.rows import Row


def as_json(report: Report) -> dict[str, Any]:
    return {
        "version": 1,
        "failing": [row.rule.id for row in report.failing],
        "fail_on": report.policy.fail_on.word if report.policy.fail_on is not None else "never",
        "table": [
            {
                "stage": line.stage,
                "region": line.region,
                "stacks": line.stacks,
                **{how.value: count for how, count in line.counts.items()},
                "only code or words": line.quiet,
            }
            for line in report.table
        ],
        "findings": [_row(row) for row in report.rows],
        "costs": None
        if report.costs is None
        else [
            {
                "cause": one.cause,
                "stage": one.stage,
                "region": one.region,
                "monthly_usd": one.monthly_usd,
                "doubts": list(one.doubts),
                "notes": list(one.notes),
            }
            for one in report.costs
        ],
        "plan": deploy_plan.as_json(report.plan),
        "problems": list(report.problems),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "rule": row.rule.id,
        "severity": row.severity.word,
        "section": row.rule.section.value,
        "what": row.rule.what,
        "resources": list(row.subjects),
        "text": row.text,
        "details": row.details,
        "places": [{"stage": one.stage, "region": one.region, "stack": one.kind} for one in row.places],
        "acknowledged": row.acknowledged or None,
    }
