"""The functions that answer with recommendations, and their routes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.http_api import HttpApi
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.storage.item_table import items_access

_LARGEST_SETTINGS = 3000
"""Lambda takes 4 KB of environment altogether."""


@dataclass(frozen=True, kw_only=True)
class RealtimeProps:
    """budget_ms: for the campaign's whole answer."""

    campaign_arn: str
    filter_arn: str | None = None
    budget_ms: int


@dataclass(frozen=True, kw_only=True)
class EndpointProps:
    """kind: list, feed, directory or similar. variant: the default one. others: the variants besides, whose
    lists an experiment may give people. longest: items stored per user at most. people: the items are users.
    """

    use_case: str
    path: str
    kind: str
    variant: str
    longest: int
    others: tuple[str, ...] = ()
    people: bool = False
    realtime: RealtimeProps | None = None


@dataclass(frozen=True, kw_only=True)
class ServingApiProps:
    """table_name: of the serving table, which this region has. environment: of every function.

    notifies: whether there are inboxes, devices and unsubscribing.
    """

    stage: str
    api: HttpApi
    table_name: str
    endpoints: tuple[EndpointProps, ...]
    environment: Mapping[str, str]
    notifies: bool = False
    retain_logs: bool = False


class ServingApi(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ServingApiProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._settings = _settings(props)
        self.description = self._function(
            "Description", "openapi", "The API's description in OpenAPI", memory_mb=512
        )
        props.api.add_route("GET", "/v1/openapi.json", self.description, authorized=False)
        self.recommendations = self._recommendations()
        for endpoint in props.endpoints:
            self._add_routes(endpoint)

    @property
    def use_cases(self) -> tuple[str, ...]:
        return tuple(endpoint.use_case for endpoint in self._props.endpoints)

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the entry's name."""
        return {"openapi": self.description, "recommendations": self.recommendations}

    def _recommendations(self) -> PythonFunction:
        function = self._function(
            "Recommendations",
            "recommendations",
            "Answers with lists, rankings and similar items",
            memory_mb=1769,
            environment={"SERVING_TABLE": self._props.table_name},
        )
        table = cdk.Stack.of(self).format_arn(
            service="dynamodb", resource="table", resource_name=self._props.table_name
        )
        function.allow(
            items_access(table, ("dynamodb:GetItem",), "pointer#*", "popular#*", "user#*"),
            items_access(table, ("dynamodb:Query",), "catalogue#*", "popular#*"),
        )
        if any(endpoint.others for endpoint in self._props.endpoints):
            # The pointers of all variants and the experiment are one read.
            function.allow(items_access(table, ("dynamodb:BatchGetItem",), "experiment#*", "pointer#*"))
        realtime = [endpoint.realtime for endpoint in self._props.endpoints if endpoint.realtime]
        if realtime:
            arns = [arn for one in realtime for arn in (one.campaign_arn, one.filter_arn) if arn]
            function.allow(Access(actions=("personalize:GetRecommendations",), resources=tuple(arns)))
        return function

    def _add_routes(self, endpoint: EndpointProps) -> None:
        api, function = self._props.api, self.recommendations
        if endpoint.kind == "similar":
            api.add_route("GET", f"/v1/{endpoint.path}/{{itemId}}/similar", function)
            return
        path = f"/v1/users/{{userId}}/{endpoint.path}"
        api.add_route("GET", path, function)
        if endpoint.kind == "directory":
            api.add_route("POST", f"{path}/ranking", function)

    def _function(
        self,
        construct_id: str,
        entry: str,
        description: str,
        *,
        memory_mb: int,
        environment: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            PythonFunctionProps(
                handler=f"api.{entry}.lambda_handler",
                description=description,
                environment={
                    **self._props.environment,
                    **self._props.api.environment,
                    "API": self._settings,
                    **(environment or {}),
                },
                memory_mb=memory_mb,
                timeout_seconds=10,
                traced=True,
                retain_logs=self._props.retain_logs,
            ),
        )


def _settings(props: ServingApiProps) -> str:
    """What the functions know of the use cases. ARNs of the region are tokens, and count as such here."""
    endpoints = [
        {name: value for name, value in asdict(endpoint).items() if value not in (None, False, ())}
        for endpoint in props.endpoints
    ]
    text = json.dumps(
        {
            "stage": props.stage,
            "authorization": props.api.authorization,
            "endpoints": endpoints,
            "notifies": props.notifies,
        },
        separators=(",", ":"),
    )
    if len(text) > _LARGEST_SETTINGS:
        raise ValueError(
            f"the settings of {len(endpoints)} endpoints have {len(text)} characters, "
            f"and a function's environment has room for {_LARGEST_SETTINGS}: serve fewer use cases"
        )
    return text
