"""What watches a region's serving API, in that region's stack of alarms."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.http_api import HttpApi
from constructs.ground.python_function import PythonFunction
from constructs.serving.api_alarms import ApiAlarms, ApiAlarmsProps
from constructs.serving.api_metrics import ApiMetrics, api_widgets

from config.schema import StageConfig


def watch_api(
    scope: Construct,
    stage: StageConfig,
    api: HttpApi,
    use_cases: tuple[str, ...],
    functions: Mapping[str, PythonFunction],
    topic: sns.ITopic,
    dashboard: cloudwatch.Dashboard,
) -> None:
    metrics = ApiMetrics(stage=stage.name, api_id=api.api.api_id, use_cases=use_cases)
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
    FunctionAlarms(scope, "ApiFunctions", functions=functions, topic=topic)
    for row in api_widgets(metrics, api.routes):
        dashboard.add_widgets(*row)
