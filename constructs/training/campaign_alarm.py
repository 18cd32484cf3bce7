"""An alarm of a campaign that answers nobody: it is billed by the hour, asked or not."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import alarm
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.models.first_deployments import CAMPAIGN, FirstDeployments
from constructs.training import personalize_variant
from constructs.training.workflow import TrainingWorkflow

_DAY = 24
_LONGEST_WATCH = 7 * _DAY
_MARGIN = 6
"""Hours that a run may take besides those until the next one."""
_HOUR = cdk.Duration.hours(1)
_IDLE = "(RUNNING_SUM(FILL(fresh, 0)) > 0) * (SUM(FILL(asked, 0)) + SUM(FILL(deployed, 0)) < 1)"
"""Of each hour, 1 or 0: a run before it, within the hours that are looked at, has left a campaign behind; and
in all of them the campaign was neither asked nor new.
"""


@dataclass(frozen=True, kw_only=True)
class CampaignAlarmProps:
    """idle_days: for so long nobody has been answered, 1 to 7; see `watched_hours`. interval_hours: longest
    time between two scheduled runs.
    """

    workflow: TrainingWorkflow
    campaign_arn: str
    first_deployments: FirstDeployments
    metrics: PipelineMetrics
    topic: sns.ITopic
    interval_hours: int
    idle_days: int


@dataclass(frozen=True)
class Watched:
    """hours: that are looked at. known: so many of them come after a run, whatever the time of the day is."""

    hours: int
    known: int


def watched_hours(*, idle_days: int, interval_hours: int) -> Watched:
    """The days that are asked for, but no fewer hours than it takes to see a run and the day after it, which
    people have to find a new campaign.
    """
    until_seen = interval_hours + _MARGIN
    hours = min(_LONGEST_WATCH, max(_DAY * idle_days, until_seen + _DAY))
    return Watched(hours=hours, known=max(_DAY, hours - until_seen))


class CampaignAlarm(Construct):
    """Silent before the first run, which makes the campaign, and as long as it or its configuration is new.

    Nothing tells that a campaign is there but the runs that have published or found nothing new, so that the
    alarm is silent also where these have ceased; another one tells of that.
    """

    def __init__(self, scope: Construct, construct_id: str, props: CampaignAlarmProps) -> None:
        super().__init__(scope, construct_id)
        name, variants = props.workflow.use_case, props.workflow.variants
        watched = watched_hours(idle_days=props.idle_days, interval_hours=props.interval_hours)
        variant = {"variant": personalize_variant.VARIANT} if len(variants) > 1 else {}
        idle = alarm(
            self,
            "Idle",
            cloudwatch.MathExpression(
                expression=_IDLE,
                label="Hours of a campaign that nobody asks",
                period=_HOUR,
                using_metrics={
                    "asked": answered(props.campaign_arn),
                    "fresh": props.metrics.metric("FreshGeneration", name, **variant),
                    "deployed": props.first_deployments.metric(name, CAMPAIGN),
                },
            ),
            topic=props.topic,
            periods=watched.hours,
            alarming=watched.known,
            remedy="A campaign that nobody asks",
            what=f"The campaign of {name} is billed by the hour, and has answered nobody for {watched.hours} "
            "hours.",
            todo="See whether applications ask the serving API, and on the dashboard why stored lists answer "
            "in its place; or take it out of the configuration, and the next deployment deletes it.",
        )
        idle.node.add_dependency(props.first_deployments.count(name, CAMPAIGN))


def answered(campaign_arn: str) -> cloudwatch.Metric:
    """Successful calls of GetRecommendations, an hour; in hours without any there is no data point.

    https://docs.aws.amazon.com/personalize/latest/dg/cloudwatch-metrics.html: by CampaignArn, and Sum only.
    """
    return cloudwatch.Metric(
        namespace="AWS/Personalize",
        metric_name="GetRecommendations",
        dimensions_map={"CampaignArn": campaign_arn},
        statistic="Sum",
        period=_HOUR,
    )


def campaign_widgets(arns: Mapping[str, str]) -> list[cloudwatch.IWidget]:
    """A row of a dashboard. arns: of campaigns by use case; without any there is no row."""
    if not arns:
        return []
    drawn: list[cloudwatch.IMetric] = [answered(arn).with_(label=name) for name, arn in arns.items()]
    return [cloudwatch.GraphWidget(title="Answers of campaigns", left=drawn, width=8, height=6)]
