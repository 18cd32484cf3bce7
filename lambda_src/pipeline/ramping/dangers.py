"""What is wrong with the treatment's lists, so that nobody must see them. Needs the table alone; the more is
known, the more is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.ramping.evidence import WORSE, Answers, Health, Report
from pipeline.ramping.plan import Limits

_SHARES = (
    ("errors", "error_margin", "failed altogether (5xx)"),
    ("failures", "failed_margin", "met an error or a time-out"),
    ("fallbacks", "fallback_margin", "came from another source than the first"),
    ("empty", "empty_margin", "were empty"),
)


def dangers(health: Health, limits: Limits, variants: tuple[str, str], now: datetime) -> Iterator[str]:
    """In words. variants: the default one, and the treatment."""
    yield from _of_lists(health, limits, variants, now)
    yield from _of_answers(health.treated, health.control or Answers(), limits)
    if health.api_errors is not None and health.api_errors > limits.api_errors:
        yield (
            f"{health.api_errors:.1%} of the API's answers of the last {limits.window_minutes} minutes are "
            f"errors (5xx), and {limits.api_errors:.1%} may be"
        )


def measured_dangers(report: Report | None) -> Iterator[str]:
    """What the measurement of people's behaviour says against the treatment."""
    if report and report.split_is_right:
        if report.broken:
            yield f"guardrails are broken, as measured until {report.day}: {', '.join(report.broken)}"
        elif report.verdict == WORSE:
            yield f"the measurement until {report.day} says {report.words}"


def _of_lists(health: Health, limits: Limits, variants: tuple[str, str], now: datetime) -> Iterator[str]:
    default, treatment = (health.published.get(variant) for variant in variants)
    name = variants[1]
    if treatment is None:
        if not any(name in unread for unread in health.unread):
            yield f"nothing is published for {name}"
        return
    age = now - treatment.at
    if age > timedelta(hours=limits.stale_hours):
        yield (
            f"the lists of {name} are stale: {age.total_seconds() / 3600:.0f} hours old, and "
            f"{limits.stale_hours:g} are allowed"
        )
    if default and treatment.users < limits.audience_share * default.users:
        yield (
            f"{treatment.users:,} people have lists of {name}, and {default.users:,} have lists of "
            f"{variants[0]}: {limits.audience_share:.0%} of them must"
        )


def _of_answers(treated: Answers | None, control: Answers, limits: Limits) -> Iterator[str]:
    """A control arm with few answers says little, and is taken for one without any trouble."""
    if treated is None or treated.requests < limits.least_answers:
        return
    for figure, margin, words in _SHARES:
        share = treated.share(figure)
        usual = control.share(figure) if control.requests >= limits.least_answers else 0.0
        if share > usual + getattr(limits, margin):
            yield (
                f"{share:.1%} of {treated.requests:,.0f} answers to the treated {words}, and {usual:.1%} "
                f"of those to the control: {getattr(limits, margin):.1%} more are allowed"
            )
    yield from _of_time(treated, control, limits)


def _of_time(treated: Answers, control: Answers, limits: Limits) -> Iterator[str]:
    """What is slow for the control, too, is not the treatment's fault."""
    slow, allowed = treated.p95_ms, limits.p95_ms
    usual = control.p95_ms if control.requests >= limits.least_answers else None
    if slow is None or allowed is None or slow <= allowed:
        return
    if usual is None or slow > usual * (1 + limits.p95_margin):
        known = "is not known" if usual is None else f"is {usual:,.0f} ms"
        yield (
            f"5 % of the answers to the treated take {slow:,.0f} ms or more, and {allowed:,} ms are allowed "
            f"(that of the control {known})"
        )
