"""The function behind the inbox, devices and unsubscribing, and its routes in a region's API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from constructs.ground.access import Access, secret_access
from constructs.ground.http_api import HttpApi, RouteLimit
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.notifications.functions import endpoints_of
from constructs.storage.item_table import DENIED, items_access

_ROUTES = (
    ("GET", "/v1/inbox"),
    ("POST", "/v1/inbox/{entryId}/read"),
    ("PUT", "/v1/devices"),
    ("DELETE", "/v1/devices/{deviceId}"),
)
# The links in e-mails carry a signature, and nothing else.
_UNSUBSCRIBING = RouteLimit(rate_per_second=20, burst=40)
"""Anybody may call, and readers' requests do not wait for them."""
_FOR_EVERYBODY = (("GET", "/v1/unsubscribe"), ("POST", "/v1/unsubscribe"))


@dataclass(frozen=True, kw_only=True)
class NotificationsApiProps:
    """table_name, secret_name: of the notifications stack, the same in every region. serving_table: name of
    the one with the deny lists, which every region has as well.

    push_applications: ARNs of SNS platform applications by android and ios, in the primary region.
    address_parameter: where e-mails find the address of this API; none in regions that send none. address: a
    name of one's own that outlives the API and its region; else the API's.
    """

    api: HttpApi
    table_name: str
    serving_table: str
    secret_name: str
    push_applications: Mapping[str, str]
    address_parameter: str | None
    address: str | None = None
    environment: Mapping[str, str]
    retain_logs: bool = False


class NotificationsApi(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: NotificationsApiProps) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Inbox",
            PythonFunctionProps(
                handler="api.notifications.lambda_handler",
                description="Inbox, devices for push messages, unsubscribing from e-mails",
                environment={
                    **props.environment,
                    **props.api.environment,
                    "NOTIFICATIONS_TABLE": props.table_name,
                    "SERVING_TABLE": props.serving_table,
                    "UNSUBSCRIBE_SECRET": props.secret_name,
                    "PUSH_APPLICATIONS": json.dumps(dict(props.push_applications), sort_keys=True),
                },
                memory_mb=512,
                timeout_seconds=10,
                traced=True,
                retain_logs=props.retain_logs,
            ),
        )
        self._allow(props)
        for method, path in _ROUTES:
            props.api.add_route(method, path, self.function)
        for method, path in _FOR_EVERYBODY:
            props.api.add_route(method, path, self.function, authorized=False, limit=_UNSUBSCRIBING)
        if props.address_parameter:
            ssm.StringParameter(
                self,
                "Address",
                parameter_name=props.address_parameter,
                description="Address of the serving API, for links in e-mails",
                string_value=props.address or props.api.url,
            )

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the entry's name."""
        return {"notifications": self.function}

    def _allow(self, props: NotificationsApiProps) -> None:
        stack = cdk.Stack.of(self)
        table, serving = (
            stack.format_arn(service="dynamodb", resource="table", resource_name=name)
            for name in (props.table_name, props.serving_table)
        )
        self.function.allow(
            Access(
                actions=(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                resources=(table,),
            ),
            items_access(serving, ("dynamodb:Query",), DENIED),
            secret_access(self, props.secret_name),
        )
        if props.push_applications:
            arns = tuple(props.push_applications.values())
            self.function.allow(
                Access(actions=("sns:CreatePlatformEndpoint",), resources=arns),
                Access(
                    actions=("sns:DeleteEndpoint", "sns:SetEndpointAttributes"),
                    # SNS names the application when it denies these, whatever the endpoint.
                    resources=(*arns, *(endpoints_of(arn) for arn in arns)),
                    why="SNS makes an endpoint of its own name for every device that registers",
                ),
            )
