"""An alarm that tells a topic, and the reader what to do."""

import re

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
LESS_THAN = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
RUNBOOK = "docs/runbook.md"


def in_runbook(heading: str) -> str:
    """The address of a section of the runbook, from the root of the repository."""
    words = re.sub(r"[^a-z0-9 -]", "", heading.lower())
    return f"{RUNBOOK}#{words.replace(' ', '-')}"


def tidy(figure: float) -> float:
    """Without what binary fractions add: 0.8 * 24 h are 69,120,000 ms, not 69,120,000.00000001."""
    return round(figure, 6)


def alarm(
    scope: Construct,
    construct_id: str,
    metric: cloudwatch.IMetric,
    *,
    topic: sns.ITopic,
    what: str,
    todo: str,
    remedy: str,
    threshold: float = 1,
    comparison: cloudwatch.ComparisonOperator = AT_LEAST,
    periods: int = 1,
    alarming: int | None = None,
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
) -> cloudwatch.Alarm:
    """So many of the periods must breach, or every one. Missing data is normal unless said otherwise.

    what: happened. todo: in short. remedy: the heading of the runbook that says it at length.
    """
    created = cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        alarm_description=f"{what} {todo} See {in_runbook(remedy)}.",
        threshold=tidy(threshold),
        comparison_operator=comparison,
        evaluation_periods=periods,
        datapoints_to_alarm=alarming or periods,
        treat_missing_data=missing,
    )
    created.add_alarm_action(actions.SnsAction(topic))
    return created


def queue_alarm(
    scope: Construct,
    construct_id: str,
    queue: sqs.IQueue,
    *,
    topic: sns.ITopic,
    what: str,
    todo: str,
    remedy: str,
) -> cloudwatch.Alarm:
    """Of messages that lie in a queue to be looked at by people."""
    messages = queue.metric_approximate_number_of_messages_visible(
        statistic="Maximum", period=cdk.Duration.minutes(5)
    )
    return alarm(scope, construct_id, messages, topic=topic, what=what, todo=todo, remedy=remedy)
