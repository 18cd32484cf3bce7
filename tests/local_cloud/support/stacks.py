"""Stacks of the local cloud for tests."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.local_cloud.support.local_aws import LocalAws


@dataclass
class Stacks:
    """Deploys templates given as their resources and outputs."""

    aws: LocalAws
    names: list[str] = field(default_factory=list)

    @property
    def api(self) -> Any:
        return self.aws.client("cloudformation")

    def create(
        self, resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None, **more: Any
    ) -> "Stack":
        name = f"test-{uuid4().hex[:10]}"
        self.names.append(name)
        self.api.create_stack(StackName=name, TemplateBody=template(resources, outputs, **more))
        return Stack(self, name)

    def clean(self) -> None:
        for name in reversed(self.names):
            with suppress(self.api.exceptions.ClientError):
                self.api.delete_stack(StackName=name)


@dataclass(frozen=True)
class Stack:
    stacks: Stacks
    name: str

    def update(
        self, resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        body = template(resources, outputs, **more)
        self.stacks.api.update_stack(StackName=self.name, TemplateBody=body)

    def delete(self) -> None:
        self.stacks.api.delete_stack(StackName=self.name)

    @property
    def described(self) -> Any:
        return self.stacks.api.describe_stacks(StackName=self.name)["Stacks"][0]

    @property
    def status(self) -> str:
        return str(self.described["StackStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.described.get("Outputs", [])}

    def id_of(self, logical_id: str) -> str:
        detail = self.stacks.api.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    @property
    def events(self) -> list[tuple[str, str, str]]:
        """(logical id, status, reason), oldest first."""
        events = self.stacks.api.describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            (each["LogicalResourceId"], each["ResourceStatus"], each.get("ResourceStatusReason", ""))
            for each in reversed(events)
        ]

    def reason(self, logical_id: str) -> str:
        """Why the resource failed."""
        return next(
            reason for name, status, reason in self.events if name == logical_id and "FAILED" in status
        )


def template(resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None, **more: Any) -> str:
    shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": shown, **more})


def resource(kind: str, attributes: Mapping[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties, **(attributes or {})}


def parameter(value: Any, **properties: Any) -> dict[str, Any]:
    """An SSM parameter: the smallest resource there is."""
    return resource("AWS::SSM::Parameter", Type="String", Value=value, **properties)


def get(logical_id: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def role(service: str = "lambda.amazonaws.com", **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=document, **properties)


def function(code: str, **properties: Any) -> dict[str, Any]:
    """An inline function whose handler is `handler`; its role is the resource Role."""
    standard = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": get("Role", "Arn"),
        "Timeout": 20,
    }
    return resource("AWS::Lambda::Function", Code={"ZipFile": code}, **(standard | properties))


def stored(aws: LocalAws, name: str) -> str | None:
    ssm = aws.client("ssm")
    try:
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None
