"""An HTTP API of a stack, and how tests ask it."""

import json
from dataclasses import dataclass
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local_cloud.support.stacks import Stack, Stacks, function, get, ref, resource, role

CODE = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
OWN = Credentials("test", "test")


@dataclass(frozen=True)
class HttpApi:
    stack: Stack
    url: str

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("timeout", 30)
        return requests.request(method, self.url + path, **more)

    def signed(
        self,
        method: str,
        path: str,
        *,
        credentials: Credentials = OWN,
        body: bytes = b"",
        region: str = "eu-west-1",
        service: str = "execute-api",
        **more: Any,
    ) -> requests.Response:
        headers = signature(method, self.url + path, body, credentials, region=region, service=service)
        return self.ask(method, path, data=body, headers=headers | more.pop("headers", {}), **more)


def signature(
    method: str,
    url: str,
    body: bytes,
    credentials: Credentials,
    *,
    region: str = "eu-west-1",
    service: str = "execute-api",
) -> dict[str, str]:
    request = AWSRequest(method, url, data=body)
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def deploy(
    stacks: Stacks,
    code: str,
    routes: dict[str, dict[str, Any]],
    *,
    stage: dict[str, Any] | None = None,
    api: dict[str, Any] | None = None,
    integration: dict[str, Any] | None = None,
    permitted: bool = True,
    others: dict[str, Any] | None = None,
) -> HttpApi:
    """One function behind all routes, which are properties by route key."""
    resources = {
        "Role": role(),
        "Function": function(code),
        "Api": resource("AWS::ApiGatewayV2::Api", Name="test", ProtocolType="HTTP", **(api or {})),
        "Stage": resource(
            "AWS::ApiGatewayV2::Stage",
            **{"ApiId": ref("Api"), "StageName": "$default", "AutoDeploy": True, **(stage or {})},
        ),
        "Integration": resource(
            "AWS::ApiGatewayV2::Integration",
            **{
                "ApiId": ref("Api"),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": get("Function", "Arn"),
                "PayloadFormatVersion": "2.0",
                **(integration or {}),
            },
        ),
        **(others or {}),
    }
    if permitted:
        source = {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*"}
        resources["Permission"] = resource(
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName=get("Function", "Arn"),
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )
    for number, (key, properties) in enumerate(routes.items()):
        target = {"Fn::Sub": "integrations/${Integration}"}
        standard = {"ApiId": ref("Api"), "RouteKey": key, "Target": target}
        resources[f"Route{number}"] = resource("AWS::ApiGatewayV2::Route", **standard, **properties)
    stack = stacks.create(resources, {"Url": get("Api", "ApiEndpoint"), "Id": ref("Api")})
    assert stack.status == "CREATE_COMPLETE", stack.events
    return HttpApi(stack, stack.outputs["Url"])


def told(answer: requests.Response) -> Any:
    """The event that the function got, which it answers with."""
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content)
