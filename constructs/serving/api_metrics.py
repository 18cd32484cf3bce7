"""The serving API's metrics: the gateway's own, and those that its functions write."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.ground.pipeline_metrics import NAMESPACE

_PERIOD = cdk.Duration.minutes(5)


@dataclass(frozen=True, kw_only=True)
class ApiMetrics:
    """use_cases: those that the API answers with."""

    stage: str
    api_id: str
    use_cases: tuple[str, ...]

    def gateway(self, name: str, statistic: str, *, label: str | None = None) -> cloudwatch.Metric:
        """name: Count, 4xx, 5xx, Latency or IntegrationLatency (milliseconds)."""
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=name,
            dimensions_map={"ApiId": self.api_id},
            statistic=statistic,
            period=_PERIOD,
            label=label,
        )

    def function(
        self, name: str, statistic: str, *, label: str | None = None, **dimensions: str
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"stage": self.stage, **dimensions},
            statistic=statistic,
            period=_PERIOD,
            label=label,
        )

    def error_share(self, *, at_least: int = 0) -> cloudwatch.MathExpression:
        """Percent of the requests that the API itself failed."""
        return _share(
            "api", self.gateway("5xx", "Sum"), self.gateway("Count", "Sum"), "failed", at_least=at_least
        )

    def slowest(self, *, at_least: int) -> cloudwatch.MathExpression:
        """Milliseconds that one in a hundred answers takes; 0 where there are fewer requests than that."""
        return cloudwatch.MathExpression(
            expression=f"IF(requests >= {at_least}, latency, 0)",
            label="p99",
            period=_PERIOD,
            using_metrics={
                "requests": self.gateway("Count", "Sum"),
                "latency": self.gateway("Latency", "p99"),
            },
        )

    def fallback_share(self, use_case: str, *, at_least: int = 0) -> cloudwatch.MathExpression:
        """Percent of the answers that came from another source than the first one."""
        return _share(
            use_case,
            self.function("Fallbacks", "Sum", use_case=use_case),
            self.function("Requests", "Sum", use_case=use_case),
            use_case,
            at_least=at_least,
        )

    def cache_age(self, use_case: str) -> cloudwatch.Metric:
        """Seconds since a function began to fail to see which generation is published."""
        return self.function("CacheAge", "Maximum", label=use_case, use_case=use_case)


def _share(
    of: str, part: cloudwatch.Metric, whole: cloudwatch.Metric, label: str, *, at_least: int
) -> cloudwatch.MathExpression:
    """Percent; 0 where there are fewer than `at_least`, too few to say anything. of: a word for ids."""
    return cloudwatch.MathExpression(
        expression=f"IF(whole_{of} > {max(at_least - 1, 0)}, 100 * part_{of} / whole_{of}, 0)",
        label=label,
        period=_PERIOD,
        using_metrics={f"part_{of}": part, f"whole_{of}": whole},
    )


def api_widgets(metrics: ApiMetrics, routes: Sequence[str]) -> list[list[cloudwatch.IWidget]]:
    """Rows of a dashboard. routes: those whose functions tell how long they take themselves."""
    percentiles = ("p50", "p90", "p99")
    latency = [metrics.gateway("Latency", percentile, label=percentile) for percentile in percentiles]
    counts = [
        metrics.gateway("Count", "Sum", label="requests"),
        metrics.gateway("4xx", "Sum", label="refused"),
        metrics.gateway("5xx", "Sum", label="failed"),
    ]
    own = [metrics.function("HandlerTime", "p99", label=route, route=route) for route in routes]
    fallbacks = [metrics.fallback_share(use_case) for use_case in metrics.use_cases]
    ages = [metrics.cache_age(use_case) for use_case in metrics.use_cases]
    return [
        [
            _graph("API: latency (ms)", latency),
            _graph("API: requests", counts),
            _graph("API: failed (%)", [metrics.error_share()]),
        ],
        [
            _graph("API: own time of handlers, p99 (ms)", own),
            _graph("API: answers of another source than the first (%)", fallbacks),
            _graph("API: the pointer could not be looked up for (s)", ages),
        ],
    ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)
