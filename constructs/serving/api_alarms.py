"""Alarms of the serving API in one region: errors, latency, fallbacks, and what is remembered too long."""

from dataclasses import dataclass

from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import alarm
from constructs.ground.construct_id import construct_id_of
from constructs.serving.api_metrics import ApiMetrics

_ENOUGH = 20
"""Requests in five minutes, below which a share says nothing."""
_ENOUGH_FOR_P99 = 100
"""Of fewer requests the slowest one is the 99th percentile, such as a function's first."""


@dataclass(frozen=True, kw_only=True)
class ApiAlarmsProps:
    """latency_ms: that 99 of 100 answers must not exceed. failed_percent: of the requests.
    fallback_percent: of a use case's answers. cache_seconds: that a pointer may be remembered.
    """

    metrics: ApiMetrics
    topic: sns.ITopic
    latency_ms: int
    fallback_percent: float
    failed_percent: float = 1.0
    cache_seconds: int = 300


class ApiAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ApiAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        alarm(
            self,
            "Failed",
            props.metrics.error_share(at_least=_ENOUGH),
            topic=props.topic,
            threshold=props.failed_percent,
            remedy="The API fails",
            what=f"{props.failed_percent:g} % or more of the API's requests failed.",
            todo="The access log names routes and integration errors; the functions' logs have the causes.",
        )
        alarm(
            self,
            "Slow",
            props.metrics.slowest(at_least=_ENOUGH_FOR_P99),
            topic=props.topic,
            threshold=props.latency_ms,
            periods=3,
            remedy="The API is slow",
            what=f"One in a hundred answers of the API took {props.latency_ms} ms or more for 15 minutes.",
            todo="Compare the handlers' own time and their waiting time on the dashboard.",
        )
        for use_case in props.metrics.use_cases:
            self._watch(props, use_case)

    def _watch(self, props: ApiAlarmsProps, use_case: str) -> None:
        name = construct_id_of(use_case)
        alarm(
            self,
            f"{name}Fallbacks",
            props.metrics.fallback_share(use_case, at_least=_ENOUGH),
            topic=props.topic,
            threshold=props.fallback_percent,
            periods=3,
            remedy="Answers come from another source",
            what=f"{props.fallback_percent:g} % or more of the answers of {use_case} came from another "
            "source than the first one for 15 minutes.",
            todo="The metric Fallbacks has the reasons: a campaign, the table, a missing pointer, or users "
            "whom the last run did not know.",
        )
        alarm(
            self,
            f"{name}CacheAge",
            props.metrics.cache_age(use_case),
            topic=props.topic,
            threshold=props.cache_seconds,
            remedy="A generation cannot be looked up",
            what=f"A function could not look up the generation of {use_case} for {props.cache_seconds} s.",
            todo="See the table's throttles and system errors; users get what was popular meanwhile.",
        )
