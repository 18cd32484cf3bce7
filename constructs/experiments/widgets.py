"""A row of a dashboard: how the serving API answers the arms of experiments."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.ground.pipeline_metrics import PipelineMetrics

ARMS = ("treatment", "control")
"""The usual ones."""
_WIDTH, _HEIGHT = 6, 6
_QUARTER = cdk.Duration.minutes(15)


def experiment_widgets(metrics: PipelineMetrics, use_cases: Sequence[str]) -> list[cloudwatch.IWidget]:
    """use_cases: without any there is no row."""
    if not use_cases:
        return []

    def drawn(name: str, statistic: str = "Sum") -> list[cloudwatch.IMetric]:
        return [
            metrics.metric(name, use_case, statistic=statistic, arm=arm).with_(
                label=f"{use_case} {arm}", period=_QUARTER
            )
            for use_case in use_cases
            for arm in ARMS
        ]

    return [
        _graph("Answers to arms", drawn("Requests")),
        _graph("Answers to arms that failed (5xx)", drawn("Errors")),
        _graph("Time of answers to arms, p95 (ms)", drawn("AnswerTime", "p95")),
        _graph("Answers to arms of another source than the first", drawn("Fallbacks")),
    ]


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=_WIDTH, height=_HEIGHT)
