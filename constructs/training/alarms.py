"""Alarms of one use case: its runs, the age of what is being served, its data and its model."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import LESS_THAN, alarm
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.models.first_deployments import FirstDeployments
from constructs.training import personalize_variant
from constructs.training.workflow import TrainingWorkflow
from constructs.workflow.failure import TRAINING_FAILED

_LONGEST_WATCH_HOURS = 7 * 24
"""CloudWatch looks back seven days at most with periods of an hour."""

_HOUR_MS = 3_600_000
_SHARE = 0.8
"""Of the time until the next run."""

_OPEN = "Open the execution in the Step Functions console: its failed state has error and cause."


@dataclass(frozen=True, kw_only=True)
class WorkflowAlarmsProps:
    """interval_hours: longest time between two scheduled runs. margin_hours: what a run may take besides.
    deployments: of Amazon Personalize's model, 1 or more in an hour in which it was deployed; None: there is
    none. first_deployments: counts those of the other variants; needed where there are some. begins:
    whether this region is the active one until somebody switches. active: 1 in an hour in which it is; None:
    nobody can switch. rejected_percent: of a dataset's rows; from this share on the source's data deserves a
    look. cut_percent: of lists, which had no room for all items. budgeted: whether runs have a budget, and
    tell what they have cost. dear_share: of the estimate; from it on a run's cost deserves a look.
    """

    workflow: TrainingWorkflow
    metrics: PipelineMetrics
    topic: sns.ITopic
    datasets: tuple[str, ...]
    interval_hours: int
    deployments: cloudwatch.IMetric | None = None
    first_deployments: FirstDeployments | None = None
    begins: bool = True
    active: cloudwatch.IMetric | None = None
    margin_hours: int = 6
    rejected_percent: float = 1.0
    cut_percent: float = 1.0
    budgeted: bool = False
    dear_share: float = 1.2


class WorkflowAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: WorkflowAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        if props.interval_hours >= _LONGEST_WATCH_HOURS:
            raise ValueError(
                f"a run every {props.interval_hours} hours is too rare to be watched: "
                f"an alarm looks back {_LONGEST_WATCH_HOURS} hours at most"
            )
        self._props = props
        self._use_case = props.workflow.use_case
        self._runs()
        if props.begins or props.active:
            self._freshness()
        self._data()
        self._lists()
        self._model()
        if props.budgeted:
            self._cost()

    def _runs(self) -> None:
        machine, name = self._props.workflow.state_machine, self._use_case
        five_minutes = cdk.Duration.minutes(5)
        alarm(
            self,
            "Failed",
            machine.metric_failed(statistic="Sum", period=five_minutes),
            topic=self._props.topic,
            remedy=TRAINING_FAILED,
            what=f"A training run of {name} failed; readers keep the previous generation.",
            todo=f"{_OPEN} Remove the cause, then start the state machine again.",
        )
        alarm(
            self,
            "TimedOut",
            machine.metric_timed_out(statistic="Sum", period=five_minutes),
            topic=self._props.topic,
            remedy=TRAINING_FAILED,
            what=f"A training run of {name} exceeded its total time and was stopped.",
            todo="See which wait loop took the time, and whether its job still runs in Personalize.",
        )
        alarm(
            self,
            "Aborted",
            machine.metric_aborted(statistic="Sum", period=five_minutes),
            topic=self._props.topic,
            remedy=TRAINING_FAILED,
            what=f"A training run of {name} was aborted by hand or by a deployment.",
            todo="Ask who did it; start the state machine again if nobody has. Jobs in Personalize go on.",
        )
        hours = self._props.interval_hours * _SHARE
        alarm(
            self,
            "TooLong",
            machine.metric_time(statistic="Maximum", period=five_minutes),
            topic=self._props.topic,
            threshold=hours * _HOUR_MS,
            remedy="A training run takes too long",
            what=f"A training run of {name} took over {hours:g} of the {self._props.interval_hours} hours "
            "until the next one; longer, and the next one is skipped.",
            todo="Compare the times of its states with earlier runs; train less often if data grew.",
        )

    def _freshness(self) -> None:
        """A deployment is given as long as a run: a pipeline that never ran is found out after that."""
        variants = self._props.workflow.variants
        for variant in variants:
            named = variant if len(variants) > 1 else ""
            if variant == personalize_variant.VARIANT:
                assert self._props.deployments
                self._fresh(named, self._props.deployments)
                continue
            if not self._props.begins:
                self._fresh(named)
                continue
            first = self._props.first_deployments
            assert first
            stale = self._fresh(named, first.metric(self._use_case, variant))
            stale.node.add_dependency(first.count(self._use_case, variant))

    def _fresh(self, variant: str, deployments: cloudwatch.IMetric | None = None) -> cloudwatch.Alarm:
        """variant: empty, where it is the only one.

        Of a region that may not be the active one, hours in which it is not count as fresh: after a switch it
        has as long as after a deployment. As long as nobody says which one is, it is as configured.
        """
        hours = min(self._props.interval_hours + self._props.margin_hours, _LONGEST_WATCH_HOURS)
        named = {"variant": variant} if variant else {}
        using: dict[str, cloudwatch.IMetric] = {"fresh": self._metric("FreshGeneration", **named)}
        expression, begins, active = "FILL(fresh, 0)", self._props.begins, self._props.active
        if deployments:
            using, expression = using | {"deployed": deployments}, f"{expression} + FILL(deployed, 0)"
        if active:
            using |= {"active": active}
            expression = f"IF(FILL(active, {int(begins)}) > 0, {expression}, 1)"
        whose = f"{self._use_case} by {variant}" if variant else self._use_case
        return alarm(
            self,
            f"Stale{variant.capitalize()}",
            cloudwatch.MathExpression(
                expression=expression,
                label="Fresh generations or deployments",
                period=cdk.Duration.hours(1),
                using_metrics=using,
            ),
            topic=self._props.topic,
            threshold=1,
            comparison=LESS_THAN,
            periods=hours,
            missing=cloudwatch.TreatMissingData.BREACHING
            if begins
            else cloudwatch.TreatMissingData.NOT_BREACHING,
            remedy="No fresh recommendations",
            what=f"No fresh recommendations of {whose} for {hours} hours, "
            "and no deployment of its model either.",
            todo="See whether the schedule is enabled and how the last executions ended; start one by hand.",
        )

    def _data(self) -> None:
        percent = self._props.rejected_percent
        for dataset in self._props.datasets:
            alarm(
                self,
                f"Rejected{dataset.capitalize()}",
                self._metric("RowsRejectedShare", statistic="Maximum", dataset=dataset),
                topic=self._props.topic,
                threshold=percent,
                remedy="Rows break a rule",
                what=f"{percent:g} % or more of the {dataset} of {self._use_case} break a rule.",
                todo="The log of extract_dataset names rules and first rows; mend the source or its SQL.",
            )

    def _model(self) -> None:
        """Of all variants: the message of the run says which."""
        alarm(
            self,
            "Worse",
            self._metric("ModelJudgedWorse", statistic="Maximum"),
            topic=self._props.topic,
            remedy="A model was judged worse",
            what=f"A new model of {self._use_case} was judged worse than the last good one or the floor.",
            todo="Compare offline metrics and row counts on the dashboard; the run's record in S3 has both.",
        )

    def _lists(self) -> None:
        """Of all variants: `list_bytes` is too little for the ids, or too much is asked for."""
        percent = self._props.cut_percent
        alarm(
            self,
            "ListsCut",
            self._metric("ListsCutShare", statistic="Maximum"),
            topic=self._props.topic,
            threshold=percent,
            remedy="Lists are cut",
            what=f"{percent:g} % or more of the lists of {self._use_case} had no room for all items.",
            todo="Raise list_bytes of the use case, at more write units a list, or ask for fewer "
            "recommendations; `python -m operations check` says how many fit.",
        )

    def _cost(self) -> None:
        share = self._props.dear_share
        alarm(
            self,
            "Dear",
            self._metric("RunCostOfEstimate", statistic="Maximum"),
            topic=self._props.topic,
            threshold=share,
            remedy="A run cost more than was estimated",
            what=f"A run of {self._use_case} cost {share:g} times what was estimated before it, or more.",
            todo="`python -m costs actual` has what it used, the log of compare_datasets the estimate. Train "
            "on less, for fewer people, or less often.",
        )

    def _metric(self, name: str, *, statistic: str = "Sum", **dimensions: str) -> cloudwatch.Metric:
        return self._props.metrics.metric(name, self._use_case, statistic=statistic, **dimensions)
