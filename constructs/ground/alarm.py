"""An alarm that tells a topic, and the reader what to do."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
LESS_THAN = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


def alarm(
    scope: Construct,
    construct_id: str,
    metric: cloudwatch.IMetric,
    *,
    topic: sns.ITopic,
    what: str,
    todo: str,
    threshold: float = 1,
    comparison: cloudwatch.ComparisonOperator = AT_LEAST,
    periods: int = 1,
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
) -> cloudwatch.Alarm:
    """Every one of the periods must breach. Missing data is normal unless said otherwise."""
    created = cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        alarm_description=f"{what} {todo}",
        threshold=threshold,
        comparison_operator=comparison,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        treat_missing_data=missing,
    )
    created.add_alarm_action(actions.SnsAction(topic))
    return created
