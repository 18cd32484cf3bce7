"""What the API's functions tell: metrics as log lines in CloudWatch's embedded format, and errors.

Each request prints its metrics at once; a line takes about 30 microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from api.environment import api_environment
from pipeline.names import NAMESPACE, NO_SERVICE

logger = Logger()
COUNT, SECONDS, MILLISECONDS = MetricUnit.Count, MetricUnit.Seconds, MetricUnit.Milliseconds


class ApiTelemetry:
    """HandlerTime and WaitingTime (milliseconds) by stage and route; failures with their traceback.

    answered: hears the status of every answer, and how many milliseconds it took in all.
    """

    def __init__(self, answered: Callable[[int, float], None] | None = None) -> None:
        self._answered = answered

    def failed(self, route: str, request_id: str, error: Exception) -> None:
        logger.error("request failed", exc_info=error, extra={"route": route, "api_request_id": request_id})

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        times = {"HandlerTime": (MILLISECONDS, own_ms), "WaitingTime": (MILLISECONDS, waited_ms)}
        emit(times, {"route": route}, status=status)
        if self._answered:
            self._answered(status, own_ms + waited_ms)


def emit(
    figures: Mapping[str, tuple[MetricUnit, float]], dimensions: Mapping[str, str], **properties: object
) -> None:
    """One record of metrics of this stage; properties can be searched in the log and cost nothing."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=NO_SERVICE)
    metrics.add_dimension(name="stage", value=api_environment().stage)
    for dimension, word in dimensions.items():
        metrics.add_dimension(name=dimension, value=word)
    for name, (unit, value) in figures.items():
        metrics.add_metric(name=name, unit=unit, value=value)
    for key, detail in properties.items():
        metrics.add_metadata(key=key, value=detail)
    metrics.flush_metrics()
