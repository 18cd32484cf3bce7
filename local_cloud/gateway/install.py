"""What moto's API Gateway lacks, put in, and the gateway that serves its APIs."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2.models import Api, Integration, Route
from moto.apigatewayv2.responses import ApiGatewayV2Response

from local_cloud.gateway import server
from local_cloud.gateway.apis import Directory
from local_cloud.gateway.gateway import Gateway
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings

# Members of UpdateStage, and moto's attributes.
_STAGE = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}


def install(settings: Settings) -> Callable[[], None]:
    """Serve the account's HTTP APIs on the gateway's port; returns what ends that."""
    _answer_own_addresses(settings)
    _update_stages()
    _update_routes()
    _connect_integrations()
    directory = Directory(settings.account)
    _notice_changes(directory)
    return server.start(settings.gateway_port, lambda: Gateway(settings, directory))


def _notice_changes(directory: Directory) -> None:
    """What changes an API changes what the gateway serves."""

    def call_action(self: Any) -> Any:
        try:
            return act(self)
        finally:
            if self.method != "GET":
                directory.forget()

    act = replace(ApiGatewayV2Response, "call_action", call_action)


def _answer_own_addresses(settings: Settings) -> None:
    """An API's endpoint leads to this machine."""

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        create(self, *arguments, **named)
        self.api_endpoint = f"{settings.gateway_url}/{self.api_id}"

    create = replace(Api, "__init__", initialise)


def _update_routes() -> None:
    """moto keeps a route's target and scopes when they are to be empty."""

    def change(self: Any, **members: Any) -> None:
        stock(self, **members)
        for name in ("authorization_scopes", "target"):
            if members.get(name) is not None:
                setattr(self, name, members[name])

    stock = replace(Route, "update", change)


def _connect_integrations() -> None:
    """moto answers no connection for an integration that names none: the default is the internet."""

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        create(self, *arguments, **named)
        self.connection_type = self.connection_type or "INTERNET"

    create = replace(Integration, "__init__", initialise)


def _update_stages() -> None:
    """moto creates stages and never changes them."""
    if hasattr(ApiGatewayV2Response, "update_stage"):
        raise RuntimeError("this version of moto has UpdateStage: this patch is needless")

    def update_stage(self: Any) -> tuple[int, dict[str, str], str]:
        api_id = self.path.split("/")[-3]
        stage = self.apigatewayv2_backend.get_stage(api_id, unquote(self.path.split("/")[-1]))
        changes = json.loads(self.body)
        for member, attribute in _STAGE.items():
            if member in changes:
                setattr(stage, attribute, changes[member])
        if not (stage.access_log_settings or {}).get("destinationArn"):
            stage.access_log_settings = None
        return 200, {}, json.dumps(stage.to_json())

    setattr(ApiGatewayV2Response, "update_stage", update_stage)  # noqa: B010
