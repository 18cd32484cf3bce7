"""What a dashboard shows of notifications."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.ground.pipeline_metrics import PipelineMetrics

CHANNELS = ("in_app", "push", "email")
_GRAPHS = {
    "Sent": "Notifications sent",
    "Failed": "Notifications refused",
    "Uncertain": "Notifications that may have left",
}


def notification_widgets(use_cases: Sequence[str], metrics: PipelineMetrics) -> list[cloudwatch.IWidget]:
    """A row: sent, failed and uncertain messages by channel. use_cases: those whose lists are told of."""
    return [
        cloudwatch.GraphWidget(
            title=title,
            left=[
                metrics.metric(name, use_case, channel=channel).with_(label=f"{use_case} {channel}")
                for use_case in use_cases
                for channel in CHANNELS
            ],
            width=8,
            height=6,
        )
        for name, title in _GRAPHS.items()
    ]
