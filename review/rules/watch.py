"""Alarms, dashboards, subscriptions, rules of events: what is no longer watched, and who no longer hears."""

import json
from collections.abc import Iterator
from typing import Any

from review.changes.leaves import words
from review.changes.model import Change
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves
from review.reading.templates import flat

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_WHEN = ("Threshold", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm", "Period", "AlarmRule")
_MAIL = ("email", "email-json")
_MISSING = ("TreatMissingData", "EvaluateLowSampleCountPercentile")
_WHAT = (
    *(
        "MetricName",
        "Namespace",
        "Dimensions",
        "Statistic",
        "ExtendedStatistic",
        "Metrics",
        "ThresholdMetricId",
    ),
    "Unit",
)


def alarms(change: Change) -> Iterator[Finding]:
    if change.type not in ALARMS:
        return
    if change.is_new:
        yield found("WATCH-011", change, "is new", EVERYTHING)
    elif change.goes:
        yield found("WATCH-001", change, f"is {change.how.value}: {_watched(change)}", EVERYTHING)
    else:
        yield from _told(change)
        for rule, names in (("WATCH-003", _WHEN), ("WATCH-004", _MISSING), ("WATCH-005", _WHAT)):
            differing = [name for name in names if name in change.properties]
            if differing:
                yield found(rule, change, "; ".join(leaves(change, name) for name in differing), *differing)


def _told(change: Change) -> Iterator[Finding]:
    for name in ACTIONS:
        old, new = ({words(one) for one in get(name) or ()} for get in (change.old, change.new))
        if old - new:
            text = f"{name}: {', '.join(sorted(old - new))} is no longer told" + (
                "" if new else ", and nobody else"
            )
            yield found("WATCH-002", change, text, name)
        elif new - old:
            yield found("WATCH-011", change, f"{name}: {', '.join(sorted(new - old))} is told too", name)
    if change.differs("ActionsEnabled"):
        off = change.new("ActionsEnabled") in (False, "false")
        yield found(
            "WATCH-002" if off else "WATCH-011",
            change,
            f"its actions are {'off' if off else 'on'}",
            "ActionsEnabled",
        )
    if change.differs("ActionsSuppressor"):
        yield found("WATCH-002", change, "its actions are suppressed otherwise", "ActionsSuppressor")


def _watched(change: Change) -> str:
    metric = change.old("MetricName") or "a calculation of metrics"
    return f"{words(metric)} was watched"


def dashboards(change: Change) -> Iterator[Finding]:
    if change.type != "AWS::CloudWatch::Dashboard":
        return
    if change.goes:
        yield found("WATCH-006", change, "is removed", EVERYTHING)
    elif not change.is_new and "DashboardBody" in change.properties:
        old, new = (_graphs(get("DashboardBody")) for get in (change.old, change.new))
        gone, more = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
        other = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
        said = [("without", gone), ("with", more), ("changed", other)]
        text = "; ".join(f"{verb} {', '.join(names)}" for verb, names in said if names)
        yield found(
            "WATCH-012" if text else "REST-002", change, text or "only its layout changes", "DashboardBody"
        )


def _graphs(body: Any) -> dict[str, str]:
    """What the widgets show, by their titles; where they stand does not matter."""
    try:
        widgets = json.loads(flat(body))["widgets"]
    except (AssertionError, ValueError, KeyError):
        return {"the whole": words(body, 10_000)}
    shown: dict[str, str] = {}
    for widget in widgets:
        properties = widget.get("properties", {})
        title = properties.get("title") or properties.get("markdown", "a widget")[:40]
        kept = {key: value for key, value in properties.items() if key != "title"}
        shown[title] = shown.get(title, "") + json.dumps(kept, sort_keys=True)
    return shown


def told(change: Change) -> Iterator[Finding]:
    """Subscriptions; health checks that decide where traffic goes."""
    if change.type == "AWS::SNS::Subscription":
        protocol = words(change.new("Protocol"))
        if change.is_new and protocol not in _MAIL:
            text = f"its messages go to {words(change.new('Endpoint'))} by {protocol}"
            yield found("ACCESS-025", change, text, EVERYTHING)
        elif change.is_new:
            yield found("WATCH-011", change, f"{protocol} is told too", EVERYTHING)
        elif change.goes:
            yield found("WATCH-007", change, f"is {change.how.value}", EVERYTHING)
        else:
            names = [name for name in change.properties if name != "Tags"]
            text = "; ".join(leaves(change, name) for name in names)
            yield found("WATCH-007", change, text, *names)
    if change.type == "AWS::Route53::HealthCheck" and not change.is_new:
        yield found(
            "WATCH-005" if not change.goes else "WATCH-001", change, f"is {change.how.value}", EVERYTHING
        )
    if change.type == "AWS::Logs::SubscriptionFilter" and change.is_new:
        text = f"lines of {words(change.new('LogGroupName'))} go to {words(change.new('DestinationArn'))}"
        yield found("ACCESS-025", change, text, EVERYTHING)
    if change.type in ("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter") and not change.is_new:
        yield found(
            "WATCH-005" if not change.goes else "WATCH-001", change, f"is {change.how.value}", EVERYTHING
        )


def events(change: Change) -> Iterator[Finding]:
    """Rules of EventBridge, and what SES tells it."""
    if change.type == "AWS::Events::Rule":
        if change.is_new:
            return
        if change.goes:
            yield found("WATCH-008", change, f"is {change.how.value}", EVERYTHING)
            return
        if change.differs("State"):
            off = change.new("State") == "DISABLED"
            yield found(
                "WATCH-008" if off else "REST-003",
                change,
                f"is {words(change.new('State')).lower()}",
                "State",
            )
        for name in ("EventPattern", "Targets", "EventBusName"):
            if name == "Targets" and _unnamed(change.old(name)) == _unnamed(change.new(name)):
                yield found("REST-002", change, "the same targets by other ids", name)
            elif name in change.properties:
                yield found("WATCH-008", change, leaves(change, name), name)
    if change.type == "AWS::SES::ConfigurationSetEventDestination" and not change.is_new:
        text = "; ".join(leaves(change, name) for name in change.properties) or f"is {change.how.value}"
        yield found("WATCH-008", change, text, EVERYTHING)


def _unnamed(targets: Any) -> list[str]:
    """Targets of a rule without their ids."""
    return sorted(json.dumps({**one, "Id": ""}, sort_keys=True) for one in targets or ())


def mail(change: Change) -> Iterator[Finding]:
    if change.type != "AWS::SES::ConfigurationSet" or change.before is None or change.after is None:
        return
    for name, rule in (
        ("DeliveryOptions", "DATA-010"),
        ("ReputationOptions", "WATCH-009"),
        ("SuppressionOptions", "FLOW-018"),
        ("SendingOptions", "FLOW-010"),
    ):
        if name in change.properties:
            yield found(rule, change, leaves(change, name), name)
