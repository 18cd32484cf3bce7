"""Asks every region of a stage as readers do, again and again, and tells when one does not answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.alarm import LESS_THAN, alarm, queue_alarm
from constructs.ground.clock import Clock, ClockProps
from constructs.ground.construct_id import construct_id_of
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.function_alarms import FunctionAlarms
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.serving.region_metrics import RegionMetrics
from constructs.storage.active_regions import ACTIVE_REGION
from constructs.storage.item_table import items_access

_SECONDS = 60
_IN_A_ROW, _SLOW_IN_A_ROW = 3, 6
_OLD = 0.75
"""Of the days for which lists are kept."""


@dataclass(frozen=True, kw_only=True)
class CanaryProps:
    """region: that asks. addresses: of each region's API; None: in the parameter of that region. list_path:
    of a list that is asked for with a signature; None: only health is asked for. active_regions: those that
    may be active. latency_ms: of an answer; more than that, several times in a row, is slow.
    generation_days: for which lists are kept.
    """

    region: str
    metrics: RegionMetrics
    addresses: Mapping[str, str | None]
    address_parameter: str
    list_path: str | None
    table_name: str
    active_regions: tuple[str, ...]
    environment: Mapping[str, str]
    topic: sns.ITopic
    latency_ms: int
    generation_days: int
    retain_logs: bool = False


class Canary(Construct):
    """Its role may ask for one list in each region, and look whether its own one is the active one."""

    def __init__(self, scope: Construct, construct_id: str, props: CanaryProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        settings = {"addresses": dict(props.addresses), "list_path": props.list_path}
        self.function = PythonFunction(
            self,
            "Ask",
            PythonFunctionProps(
                handler="steps.switching.ask_regions.lambda_handler",
                description="Asks every region of the stage as readers do",
                environment={
                    **props.environment,
                    "CANARY": json.dumps(settings, separators=(",", ":")),
                    "ADDRESS_PARAMETER": props.address_parameter,
                    "SERVING_TABLE": props.table_name,
                    "ACTIVE_REGIONS": ",".join(props.active_regions),
                },
                memory_mb=512,
                timeout_seconds=_SECONDS,
                retain_logs=props.retain_logs,
            ),
        )
        self.function.allow(*self._rights())
        letters = DeadLetters(self, "DeadLetters")
        Clock(
            self,
            "Clock",
            ClockProps(
                function=self.function,
                minutes=props.metrics.minutes,
                payloads={"Now": {}},
                description="Asks every region",
                dead_letters=letters,
            ),
        )
        FunctionAlarms(self, "Alarms", functions={"ask_regions": self.function}, topic=props.topic)
        queue_alarm(
            self,
            "Unsent",
            letters.queue,
            topic=props.topic,
            remedy="A start or a message was not delivered",
            what="The canary of this region was not called.",
            todo="The message in the queue has the error in its attributes; delete it afterwards.",
        )
        for region in props.metrics.regions:
            self._watch(region)
        self._watch_age()

    def _rights(self) -> tuple[Access, ...]:
        props, stack = self._props, cdk.Stack.of(self)
        table = stack.format_arn(service="dynamodb", resource="table", resource_name=props.table_name)
        rights = [items_access(table, ("dynamodb:Query",), ACTIVE_REGION)]
        kept = [region for region, address in props.addresses.items() if address is None]
        if kept:
            name = props.address_parameter.lstrip("/")
            parameters = (
                stack.format_arn(service="ssm", region=region, resource="parameter", resource_name=name)
                for region in kept
            )
            rights.append(Access(actions=("ssm:GetParameter",), resources=tuple(parameters)))
        if props.list_path:
            path = props.list_path.partition("?")[0]
            lists = (
                stack.format_arn(
                    service="execute-api", region=region, resource="*", resource_name=f"$default/GET{path}"
                )
                for region in props.addresses
            )
            rights.append(
                Access(
                    actions=("execute-api:Invoke",),
                    resources=tuple(lists),
                    why="One list of one user that does not exist; the ids of other regions' APIs are not "
                    "known when this one is deployed",
                )
            )
        return tuple(rights)

    def _watch(self, region: str) -> None:
        props, here = self._props, self._props.region
        place = Construct(self, construct_id_of(region.replace("-", "_")))
        minutes = props.metrics.minutes
        alarm(
            place,
            "Unavailable",
            props.metrics.seen("Available", here, region, statistic="Minimum"),
            topic=props.topic,
            threshold=100,
            comparison=LESS_THAN,
            periods=_IN_A_ROW,
            remedy="A region does not answer",
            what=f"The API of {region} has not answered {here} for {_IN_A_ROW * minutes} minutes.",
            todo="The canary's log has the reasons. If the region is lost, see docs/region-switch.md; "
            "clients that know the regions ask another one meanwhile.",
        )
        alarm(
            place,
            "Slow",
            props.metrics.seen("Latency", here, region, statistic="Minimum"),
            topic=props.topic,
            threshold=props.latency_ms,
            periods=_SLOW_IN_A_ROW,
            remedy="The API is slow",
            what=f"Answers of {region} to {here} took {props.latency_ms} ms or more for "
            f"{_SLOW_IN_A_ROW * minutes} minutes.",
            todo="Compare with the API's own latency in that region; if that is low, see the network.",
        )

    def _watch_age(self) -> None:
        """Of this region's copy. Where runs are due, somebody is told much earlier if none publishes."""
        props, here = self._props, self._props.region
        alarm(
            self,
            "OldLists",
            props.metrics.seen("ListAge", here, here, statistic="Minimum"),
            topic=props.topic,
            threshold=props.generation_days * 86_400 * _OLD,
            periods=_IN_A_ROW,
            remedy="Lists are old",
            what=f"Lists in {here} are older than three quarters of the {props.generation_days} days after "
            "which they expire.",
            todo="See whether the active region publishes, and whether copies arrive here.",
        )
