"""The HTTP API of a region: its gateway, who may call it, how often, and what it logs."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.ground.python_function import PythonFunction
from constructs.ground.vended_log_group import vended_log_group

_INTEGRATION_SECONDS = 10
_PREFLIGHT_SECONDS = 3600
_DEFAULT_CLAIM = "sub"


@dataclass(frozen=True, kw_only=True)
class JwtProps:
    """issuer: https URL of an OpenID Connect issuer. user_claim: of its tokens, with the user's id."""

    issuer: str
    audience: tuple[str, ...]
    user_claim: str


@dataclass(frozen=True, kw_only=True)
class HttpApiProps:
    """name: shown in the console; need not be unique. jwt: callers are users with tokens; without it, roles
    of the account that sign their requests. rate_per_second, burst: of all routes together.
    cors_origins: none means that no browser may call from another origin.
    """

    name: str
    jwt: JwtProps | None = None
    rate_per_second: int
    burst: int
    cors_origins: tuple[str, ...] = ()
    retain_logs: bool = False


@dataclass(frozen=True, kw_only=True)
class RouteLimit:
    """Requests of one route: per second on average, and at once. Others' are not counted among them."""

    rate_per_second: int
    burst: int


class HttpApi(Construct):
    """One stage, `$default`, deployed with every change.

    The access log has routes instead of paths, and no addresses: paths hold user ids.
    """

    def __init__(self, scope: Construct, construct_id: str, props: HttpApiProps) -> None:
        super().__init__(scope, construct_id)
        self._integrations: dict[str, integrations.HttpLambdaIntegration] = {}
        self._routes: list[str] = []
        self._limits: dict[str, dict[str, object]] = {}
        self.authorization = "jwt" if props.jwt else "iam"
        self.api = gateway.HttpApi(
            self,
            "Api",
            api_name=props.name,
            create_default_stage=False,
            cors_preflight=_cors(props.cors_origins) if props.cors_origins else None,
        )
        self._authorizer: gateway.IHttpRouteAuthorizer = (
            authorizers.HttpJwtAuthorizer(
                "Tokens",
                props.jwt.issuer,
                jwt_audience=list(props.jwt.audience),
                authorizer_name=f"{props.name}-tokens",
            )
            if props.jwt
            else authorizers.HttpIamAuthorizer()
        )
        self.environment: Mapping[str, str] = {
            "USER_CLAIM": props.jwt.user_claim if props.jwt else _DEFAULT_CLAIM
        }
        self.access_log = vended_log_group(
            self,
            "AccessLog",
            service="apis",
            name=props.name,
            retention=logs.RetentionDays.ONE_MONTH,
            retain=props.retain_logs,
        )
        self.stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=gateway.ThrottleSettings(rate_limit=props.rate_per_second, burst_limit=props.burst),
        )
        self._log_accesses()

    def _log_accesses(self) -> None:
        resource = self.stage.node.default_child
        assert isinstance(resource, gateway.CfnStage)
        resource.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.access_log.log_group_arn, format=_access_log_format()
        )

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return self.api.api_endpoint

    @property
    def routes(self) -> tuple[str, ...]:
        """Their keys so far, for example `GET /v1/inbox`."""
        return tuple(self._routes)

    @property
    def invocation_arn(self) -> str:
        """What a caller's role needs execute-api:Invoke on."""
        stack = cdk.Stack.of(self)
        return stack.format_arn(service="execute-api", resource=self.api.api_id, resource_name="*")

    def add_route(
        self,
        method: str,
        path: str,
        function: PythonFunction,
        *,
        authorized: bool = True,
        limit: RouteLimit | None = None,
    ) -> None:
        """path: with parameters in braces, as in `/v1/users/{userId}/films`. limit: of its own."""
        self._routes.append(f"{method} {path}")
        route_id = f"{method.capitalize()}{''.join(_word(part) for part in path.split('/') if part)}"
        route = gateway.HttpRoute(
            self,
            route_id,
            http_api=self.api,
            route_key=gateway.HttpRouteKey.with_(path, gateway.HttpMethod[method]),
            integration=self._integration(function),
            authorizer=self._authorizer if authorized else gateway.HttpNoneAuthorizer(),
        )
        if not authorized:
            cdk.Validations.of(route).acknowledge(
                cdk.Acknowledgment(
                    id="AwsSolutions-APIG4",
                    reason="This route is meant for everybody: what it answers or takes needs no credentials",
                )
            )
        if limit:
            self._limit(f"{method} {path}", route, limit)

    def _limit(self, key: str, route: gateway.HttpRoute, limit: RouteLimit) -> None:
        self._limits[key] = {
            "DetailedMetricsEnabled": True,
            "ThrottlingBurstLimit": limit.burst,
            "ThrottlingRateLimit": limit.rate_per_second,
        }
        resource = self.stage.node.default_child
        assert isinstance(resource, gateway.CfnStage)
        resource.route_settings = self._limits
        # A stage is refused that names a route which is not there yet.
        resource.node.add_dependency(route)

    def _integration(self, function: PythonFunction) -> integrations.HttpLambdaIntegration:
        path = function.node.path
        if path not in self._integrations:
            self._integrations[path] = integrations.HttpLambdaIntegration(
                f"To{function.node.id}",
                function.function,
                timeout=cdk.Duration.seconds(_INTEGRATION_SECONDS),
            )
        return self._integrations[path]


def _word(part: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in part.strip("{}").replace(".", "-").split("-"))


def _cors(origins: tuple[str, ...]) -> gateway.CorsPreflightOptions:
    return gateway.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[
            gateway.CorsHttpMethod.GET,
            gateway.CorsHttpMethod.POST,
            gateway.CorsHttpMethod.PUT,
            gateway.CorsHttpMethod.DELETE,
        ],
        allow_headers=["authorization", "content-type"],
        max_age=cdk.Duration.seconds(_PREFLIGHT_SECONDS),
    )


def _access_log_format() -> str:
    fields = {
        "requestId": "requestId",
        "time": "requestTime",
        "route": "routeKey",
        "status": "status",
        "responseBytes": "responseLength",
        "latencyMs": "responseLatency",
        "integrationMs": "integrationLatency",
        "integrationStatus": "integrationStatus",
        "integrationError": "integrationErrorMessage",
        "authorizerError": "authorizer.error",
        "error": "error.message",
    }
    return "{" + ",".join(f'"{name}":"$context.{variable}"' for name, variable in fields.items()) + "}"
