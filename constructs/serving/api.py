"""The functions that answer with recommendations, and their routes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.access import Access, secret_access
from constructs.ground.construct_id import construct_id_of
from constructs.ground.http_api import HttpApi, RouteLimit
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.serving.stored_models import STORED_MB, ModelLayers, OwnRealtimeProps, StoredProps
from constructs.storage.active_regions import ACTIVE_REGION
from constructs.storage.item_table import DENIED, OPTED_OUT, items_access

_HEALTH = RouteLimit(rate_per_second=50, burst=100)
"""Anybody may ask. Health checks of Route 53 take less than three a second, canaries far less: what others
ask for should not make theirs too many.
"""
_DESCRIPTION = RouteLimit(rate_per_second=5, burst=10)
"""Anybody may ask for it, and nobody often."""
_QUERIED = ("catalogue#*", DENIED, OPTED_OUT, "pointer#*", "popular#*")
_LARGEST_SETTINGS = 3000
"""Lambda takes 4 KB of environment altogether."""


@dataclass(frozen=True, kw_only=True)
class RealtimeProps:
    """budget_ms: for the campaign's whole answer."""

    campaign_arn: str
    filter_arn: str | None = None
    budget_ms: int


@dataclass(frozen=True, kw_only=True)
class ServerProps(RealtimeProps):
    """A variant's server at a URL. secret: the name of the one with its credentials; None: the role's own."""

    variant: str
    url: str
    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class EndpointProps:
    """kind: list, feed, directory or similar. variant: the default one. others: the variants besides, whose
    lists an experiment may give people. longest: items stored per user at most. people: the items are users.
    own: of the variant `own`, whose function answers this endpoint then. servers: of any variants.
    """

    use_case: str
    path: str
    kind: str
    variant: str
    longest: int
    others: tuple[str, ...] = ()
    people: bool = False
    realtime: RealtimeProps | None = None
    own: OwnRealtimeProps | None = None
    servers: tuple[ServerProps, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServingApiProps:
    """table_name: of the serving table, which this region has. environment: of every function. stored: where
    models of the variant `own` are, for the endpoints that are answered by one. role: of this region, as it
    is told; active_regions: those of the stage that may be active, the first one until somebody switches.

    notifies: whether there are inboxes, devices and unsubscribing.
    """

    stage: str
    api: HttpApi
    table_name: str
    endpoints: tuple[EndpointProps, ...]
    environment: Mapping[str, str]
    role: str
    active_regions: tuple[str, ...]
    stored: StoredProps | None = None
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
        props.api.add_route("GET", "/v1/openapi.json", self.description, authorized=False, limit=_DESCRIPTION)
        self.recommendations = self._answering(
            "Recommendations",
            "recommendations",
            "Answers with lists, rankings and similar items, and whether it can",
            tuple(endpoint for endpoint in props.endpoints if endpoint.own is None),
            environment={
                "REGION_ROLE": props.role,
                "ACTIVE_REGIONS": ",".join(props.active_regions),
            },
            queried=(ACTIVE_REGION,),
        )
        self._add_health()
        self.of_models = self._of_models()
        for endpoint in props.endpoints:
            self._add_routes(endpoint)

    @property
    def use_cases(self) -> tuple[str, ...]:
        return tuple(endpoint.use_case for endpoint in self._props.endpoints)

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the entry's name."""
        of_models = {f"realtime_{name}": function for name, function in self.of_models.items()}
        return {
            "openapi": self.description,
            "recommendations": self.recommendations,
            **of_models,
        }

    def _add_health(self) -> None:
        """By the function that answers readers, which looks at the lists of all endpoints."""
        function = self.recommendations
        with_arms = [endpoint for endpoint in self._props.endpoints if endpoint.others]
        if with_arms and all(endpoint.own for endpoint in with_arms):
            function.allow(items_access(self._table_arn, ("dynamodb:GetItem",), "experiment#*"))
        self._props.api.add_route("GET", "/v1/health", function, authorized=False, limit=_HEALTH)

    def _of_models(self) -> dict[str, PythonFunction]:
        """By use case, of those that a stored model answers: their memory is the model's matter."""
        stored, layers, made = self._props.stored, None, dict[str, PythonFunction]()
        for endpoint in self._props.endpoints:
            if endpoint.own is None:
                continue
            if stored is None:
                raise ValueError(f"{endpoint.use_case}: nobody has said where its models are")
            layers = layers or ModelLayers(self, "Models")
            function = self._answering(
                f"{construct_id_of(endpoint.use_case)}Realtime",
                "realtime",
                f"Answers by the stored model: {endpoint.use_case}",
                (endpoint,),
                memory_mb=endpoint.own.memory_mb,
                environment=stored.environment(endpoint.use_case),
                layers=layers.versions,
            )
            stored.grant(function, endpoint.use_case, tracked=endpoint.own.tracked)
            made[endpoint.use_case] = function
        return made

    @property
    def _table_arn(self) -> str:
        stack, name = cdk.Stack.of(self), self._props.table_name
        return stack.format_arn(service="dynamodb", resource="table", resource_name=name)

    def _answering(
        self,
        construct_id: str,
        entry: str,
        description: str,
        endpoints: tuple[EndpointProps, ...],
        *,
        memory_mb: int = 1769,
        environment: Mapping[str, str] | None = None,
        layers: tuple[lambda_.ILayerVersion, ...] = (),
        queried: tuple[str, ...] = (),
    ) -> PythonFunction:
        """queried: partitions besides those of lists."""
        function = self._function(
            construct_id,
            entry,
            description,
            memory_mb=memory_mb,
            environment={"SERVING_TABLE": self._props.table_name, **(environment or {})},
            layers=layers,
        )
        table = self._table_arn
        function.allow(
            items_access(table, ("dynamodb:GetItem",), OPTED_OUT, "popular#*", "user#*"),
            items_access(table, ("dynamodb:Query",), *_QUERIED, *queried),
        )
        if any(endpoint.others for endpoint in endpoints):
            function.allow(items_access(table, ("dynamodb:GetItem",), "experiment#*"))
        realtime = [endpoint.realtime for endpoint in endpoints if endpoint.realtime]
        servers = [server for endpoint in endpoints for server in endpoint.servers]
        asked = [*realtime, *(server for server in servers if server.secret is None)]
        if asked:
            arns = [arn for one in asked for arn in (one.campaign_arn, one.filter_arn) if arn]
            function.allow(Access(actions=("personalize:GetRecommendations",), resources=tuple(arns)))
        secrets = dict.fromkeys(server.secret for server in servers if server.secret)
        if secrets:
            function.allow(secret_access(self, *secrets))
        return function

    def _add_routes(self, endpoint: EndpointProps) -> None:
        api, function = self._props.api, self.of_models.get(endpoint.use_case, self.recommendations)
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
        layers: tuple[lambda_.ILayerVersion, ...] = (),
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
                ephemeral_mb=STORED_MB if layers else 512,
                layers=layers,
                traced=True,
                retain_logs=self._props.retain_logs,
            ),
        )


def _told(endpoint: EndpointProps) -> dict[str, Any]:
    servers = [
        {name: value for name, value in asdict(server).items() if value is not None}
        for server in endpoint.servers
    ]
    own = endpoint.own.settings if endpoint.own else None
    return {**asdict(endpoint), "own": own, "servers": tuple(servers)}


def _settings(props: ServingApiProps) -> str:
    """What the functions know of the use cases. ARNs of the region are tokens, and count as such here."""
    endpoints = [
        {name: value for name, value in _told(endpoint).items() if value not in (None, False, ())}
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
