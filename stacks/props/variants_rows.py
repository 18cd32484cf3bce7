"""Rows of the dashboard about a use case's variants: how alike their lists are, and how experiments go."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.comparison.widgets import comparison_widgets
from constructs.experiments.widgets import experiment_widgets
from constructs.ground.pipeline_metrics import PipelineMetrics

from config.schema import UseCase


def variants_rows(use_cases: Sequence[UseCase], metrics: PipelineMetrics) -> list[list[cloudwatch.IWidget]]:
    """Of use cases with several variants, and of those whose experiments the API can count; else none."""
    pairs = {
        use_case.name: [(use_case.default_variant, other.name) for other in use_case.variants[1:]]
        for use_case in use_cases
        if len(use_case.variants) > 1
    }
    asked = [use_case.name for use_case in use_cases if use_case.name in pairs and use_case.endpoint]
    rows = [comparison_widgets(metrics, pairs), experiment_widgets(metrics, asked)]
    return [row for row in rows if row]
