"""A row of a dashboard: how alike two variants are, what people took of them, and what blocks a ramp."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.ground.pipeline_metrics import PipelineMetrics

_WIDTH, _HEIGHT = 6, 6
Pair = tuple[str, str]


def comparison_widgets(
    metrics: PipelineMetrics, pairs: Mapping[str, Sequence[Pair]]
) -> list[cloudwatch.IWidget]:
    """pairs: of variants by use case, the default first; without any there is no row."""
    if not any(pairs.values()):
        return []

    def drawn(name: str, label: str = "") -> list[cloudwatch.IMetric]:
        return [
            metrics.metric(name, use_case, statistic="Maximum", variants=f"{first}-{second}").with_(
                label=f"{use_case} {second} and {first} {label}".strip()
            )
            for use_case, of_use_case in pairs.items()
            for first, second in of_use_case
        ]

    return [
        _graph(
            "Variants in common",
            [*drawn("VariantsOverlap10", "@10"), *drawn("VariantsRankBiasedOverlap", "rbo")],
        ),
        _graph("Gain in next day's hit rate@10", drawn("NextDayHitRateDifference")),
        _graph("What blocks a ramp", drawn("RampBlocks")),
        _graph(
            "People with a short list (second variant), or with what they have",
            [*drawn("ShortListsB", "short"), *drawn("OwnItemsLeakedB", "own items")],
        ),
    ]


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=_WIDTH, height=_HEIGHT)
