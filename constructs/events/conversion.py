"""How much of what is shown leads to an action: metrics, an alarm, and what the dashboard shows of them."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import LESS_THAN, alarm, tidy
from constructs.ground.pipeline_metrics import NAMESPACE

_DAY = cdk.Duration.days(1)
_HOUR = cdk.Duration.hours(1)
_DAYS = 2
"""Actions come after impressions, so that a day that is not over yet says too little on its own."""
VARIANTS = ("personalize", "own")
"""Variants that events may be posted with wherever they are tracked."""
_SOURCES = ("batch", "campaign", "popular", "catalogue")
_OF_MODEL = (("own", "realtime"),)


@dataclass(frozen=True, kw_only=True)
class ConversionProps:
    """goal, floor: actions / impressions (0-1). minimum_impressions: a day's, before the floor is watched.
    variants: whose lists are shown. realtime: whether the variant `own` answers in real time.
    """

    use_case: str
    goal: float
    floor: float
    minimum_impressions: int
    variants: tuple[str, ...] = VARIANTS
    realtime: bool = False

    @property
    def lists(self) -> tuple[tuple[str, str], ...]:
        """Variants and sources that events are posted with."""
        stored = [(variant, source) for variant in self.variants for source in _SOURCES]
        return (*stored, *(_OF_MODEL if self.realtime else ()))


@dataclass(frozen=True)
class ConversionMetrics:
    """What the consumer of events writes: whole counts of an hour or day, dated with its beginning.

    They are told again and again while they grow: the statistic is Maximum, and the period exactly theirs.
    """

    stage: str

    def impressions(self, use_case: str, *, per_day: bool = True) -> cloudwatch.Metric:
        return self._metric("Impressions", use_case, per_day)

    def actions(self, use_case: str, *, per_day: bool = True) -> cloudwatch.Metric:
        return self._metric("Actions", use_case, per_day)

    def conversion(self, use_case: str, *, minimum_impressions: int = 1) -> cloudwatch.MathExpression:
        """In percent, per day (UTC); no value on days with fewer impressions."""
        return cloudwatch.MathExpression(
            expression=f"IF(impressions >= {minimum_impressions}, 100 * FILL(actions, 0) / impressions)",
            using_metrics={"impressions": self.impressions(use_case), "actions": self.actions(use_case)},
            label=f"{use_case} (%)",
            period=_DAY,
        )

    def conversion_by_list(self, props: ConversionProps) -> list[cloudwatch.IMetric]:
        """In percent, per day, of each variant and source; those that nothing was shown of have no values.

        One expression each: metric math divides no array of time series, such as SEARCH finds, by another.
        """
        return [self._conversion_of_list(props.use_case, variant, source) for variant, source in props.lists]

    def _conversion_of_list(self, use_case: str, variant: str, source: str) -> cloudwatch.MathExpression:
        of = f"{variant}_{source}"
        return cloudwatch.MathExpression(
            expression=f"100 * actions_{of} / impressions_{of}",
            using_metrics={
                f"actions_{of}": self._metric("Actions", use_case, True, variant=variant, source=source),
                f"impressions_{of}": self._metric(
                    "Impressions", use_case, True, variant=variant, source=source
                ),
            },
            label=f"{variant} {source}",
            period=_DAY,
        )

    def _metric(self, name: str, use_case: str, per_day: bool, **more: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=f"{name}PerDay" if per_day else name,
            dimensions_map={"stage": self.stage, "use_case": use_case, **more},
            statistic="Maximum",
            period=_DAY if per_day else _HOUR,
            label=f"{use_case} {name.lower()}",
        )


class ConversionAlarm(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: ConversionProps,
        *,
        metrics: ConversionMetrics,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        alarm(
            self,
            "BelowFloor",
            metrics.conversion(props.use_case, minimum_impressions=props.minimum_impressions),
            topic=topic,
            threshold=100 * props.floor,
            comparison=LESS_THAN,
            periods=_DAYS,
            remedy="Conversion is below its floor",
            what=f"Of what was recommended as {props.use_case} "
            f"less than {100 * props.floor:g} % was taken up, {_DAYS} days in a row.",
            todo="Compare variants and sources on the dashboard, and look at the last generations: "
            "an earlier one can be served again.",
        )


def conversion_widgets(
    metrics: ConversionMetrics, use_cases: tuple[ConversionProps, ...]
) -> list[list[cloudwatch.IWidget]]:
    """A row per use case: conversion with its goal and floor, by variant and source, and the counts."""
    return [_row(metrics, props) for props in use_cases]


def _row(metrics: ConversionMetrics, props: ConversionProps) -> list[cloudwatch.IWidget]:
    name = props.use_case
    lines = [
        cloudwatch.HorizontalAnnotation(
            value=tidy(100 * props.goal), label=f"goal {100 * props.goal:g} %", color=cloudwatch.Color.GREEN
        ),
        cloudwatch.HorizontalAnnotation(
            value=tidy(100 * props.floor), label=f"floor {100 * props.floor:g} %", color=cloudwatch.Color.RED
        ),
    ]
    axis = cloudwatch.YAxisProps(min=0)
    return [
        cloudwatch.GraphWidget(
            title=f"Conversion of {name}, per day (%)",
            left=[metrics.conversion(name)],
            left_annotations=lines,
            left_y_axis=axis,
            width=8,
            height=6,
        ),
        cloudwatch.GraphWidget(
            title=f"Conversion of {name} by variant and source, per day (%)",
            left=metrics.conversion_by_list(props),
            left_annotations=lines[:1],
            left_y_axis=axis,
            width=8,
            height=6,
        ),
        cloudwatch.GraphWidget(
            title=f"Impressions and actions of {name}, per hour",
            left=[metrics.impressions(name, per_day=False)],
            right=[metrics.actions(name, per_day=False)],
            width=8,
            height=6,
        ),
    ]
