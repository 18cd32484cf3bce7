"""What watches a region's serving API, in that region's stack of alarms."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.api_alarms import ApiAlarms, ApiAlarmsProps
from constructs.api_metrics import ApiMetrics, api_widgets
from constructs.function_alarms import FunctionAlarms

from config.schema import StageConfig
from stacks.serving import ServingStack


def watch_api(
    scope: Construct,
    stage: StageConfig,
    serving: ServingStack,
    topic: sns.ITopic,
    dashboard: cloudwatch.Dashboard,
) -> None:
    metrics = ApiMetrics(stage=stage.name, api_id=serving.api.api.api_id, use_cases=serving.serving.use_cases)
    ApiAlarms(
        scope,
        "Api",
        ApiAlarmsProps(
            metrics=metrics,
            topic=topic,
            latency_ms=stage.api.latency_ms,
            fallback_percent=stage.api.fallback_percent,
        ),
    )
    FunctionAlarms(scope, "ApiFunctions", functions=serving.functions, topic=topic)
    for row in api_widgets(metrics, serving.api.routes):
        dashboard.add_widgets(*row)
