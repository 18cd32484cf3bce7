"""AWS::ApiGatewayV2, as far as HTTP APIs go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_API = "CorsConfiguration Description DisableExecuteApiEndpoint Name RouteSelectionExpression Version"
_STAGE = "AccessLogSettings AutoDeploy DefaultRouteSettings Description RouteSettings StageVariables"
# An update which does not name a member leaves it as it was: these values take it away.
_NO_API = {
    "Description": "",
    "DisableExecuteApiEndpoint": False,
    "RouteSelectionExpression": "$request.method $request.path",
    "Version": "",
}
_NO_STAGE = {
    "AccessLogSettings": {"DestinationArn": "", "Format": ""},
    "AutoDeploy": False,
    "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
    "Description": "",
    "RouteSettings": {},
    "StageVariables": {},
}


def _create_api(request: Request) -> Physical:
    if request.properties.get("ProtocolType") != "HTTP":
        raise ResourceFailed("the local cloud serves HTTP APIs only: ProtocolType must be HTTP")
    arguments = request.some(*_API.split(), "ProtocolType", "Tags")
    api = request.call("apigatewayv2", "create_api", arguments)
    return Physical(api["ApiId"], {"ApiId": api["ApiId"], "ApiEndpoint": api["ApiEndpoint"]})


def _update_api(request: Request, physical: Physical) -> Physical:
    if "CorsConfiguration" in request.old_properties and "CorsConfiguration" not in request.properties:
        request.call("apigatewayv2", "delete_cors_configuration", ApiId=physical.id)
    gone = {name: empty for name, empty in _NO_API.items() if request.changed(name)}
    request.call("apigatewayv2", "update_api", gone | request.some(*_API.split()), ApiId=physical.id)
    _tag(request, f"/apis/{physical.id}")
    return physical


def _delete_api(request: Request, physical: Physical) -> None:
    request.call_unless_absent("apigatewayv2", "delete_api", ApiId=physical.id)


def _create_stage(request: Request) -> Physical:
    arguments = request.some(*_STAGE.split(), "ApiId", "StageName", "Tags")
    return Physical(request.call("apigatewayv2", "create_stage", arguments)["StageName"])


def _update_stage(request: Request, physical: Physical) -> Physical:
    gone = {name: empty for name, empty in _NO_STAGE.items() if request.changed(name)}
    arguments = gone | request.some(*_STAGE.split(), "ApiId")
    request.call("apigatewayv2", "update_stage", arguments, StageName=physical.id)
    return physical


def _delete_stage(request: Request, physical: Physical) -> None:
    api = request.properties["ApiId"]
    request.call_unless_absent("apigatewayv2", "delete_stage", ApiId=api, StageName=physical.id)


def _tag(request: Request, resource: str) -> None:
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = request.arn("apigateway", resource, account="")
    if tags:
        request.call("apigatewayv2", "tag_resource", ResourceArn=arn, Tags=tags)
    if gone:
        request.call("apigatewayv2", "untag_resource", ResourceArn=arn, TagKeys=gone)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What belongs to an API and is known by an id of its own.

    `only`: properties that can have one value here, which is the default.
    """

    type: str
    word: str
    properties: str
    without: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id_member(self) -> str:
        return f"{self.word.capitalize()}Id"

    def row(self) -> ResourceType:
        return ResourceType(
            name=self.type,
            create=self.create,
            update=self.update,
            delete=self.delete,
            properties=names(self.properties) | self.only.keys(),
            replacing=names("ApiId"),
        )

    def create(self, request: Request) -> Physical:
        self._check(request)
        made = request.call("apigatewayv2", f"create_{self.word}", request.properties)[self.id_member]
        return Physical(made, {self.id_member: made})

    def update(self, request: Request, physical: Physical) -> Physical:
        self._check(request)
        own = {self.id_member: physical.id}
        gone = {name: empty for name, empty in self.without.items() if request.changed(name)}
        request.call("apigatewayv2", f"update_{self.word}", {**gone, **request.properties, **own})
        return physical

    def _check(self, request: Request) -> None:
        for name, value in self.only.items():
            if request.properties.get(name, value) != value:
                raise ResourceFailed(f"the local cloud knows no {name} of {self.type} but {value}")

    def delete(self, request: Request, physical: Physical) -> None:
        own = {self.id_member: physical.id, "ApiId": request.properties["ApiId"]}
        request.call_unless_absent("apigatewayv2", f"delete_{self.word}", **own)


TYPES = (
    ResourceType(
        name="AWS::ApiGatewayV2::Api",
        create=_create_api,
        update=_update_api,
        delete=_delete_api,
        properties=names(f"{_API} Tags"),
        replacing=names("ProtocolType"),
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Stage",
        create=_create_stage,
        update=_update_stage,
        delete=_delete_stage,
        properties=names(f"{_STAGE} Tags"),
        replacing=names("ApiId StageName"),
    ),
    Part(
        type="AWS::ApiGatewayV2::Route",
        word="route",
        properties="AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteKey Target",
        without={
            "AuthorizationScopes": [],
            "AuthorizationType": "NONE",
            "AuthorizerId": "",
            "OperationName": "",
            "Target": "",
        },
    ).row(),
    Part(
        type="AWS::ApiGatewayV2::Integration",
        word="integration",
        properties=(
            "Description IntegrationMethod IntegrationType IntegrationUri PayloadFormatVersion "
            "TimeoutInMillis"
        ),
        without={"Description": "", "TimeoutInMillis": 30_000},
        only={"ConnectionType": "INTERNET"},
    ).row(),
    Part(
        type="AWS::ApiGatewayV2::Authorizer",
        word="authorizer",
        properties="AuthorizerType IdentitySource JwtConfiguration Name",
    ).row(),
)
