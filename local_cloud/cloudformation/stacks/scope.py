"""The names a stack's template may use, and what they stand for."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.cloudformation.resources.resource import Physical
from local_cloud.cloudformation.stacks.model import Desired, Stack
from local_cloud.cloudformation.stacks.store import StackStore
from local_cloud.cloudformation.templates.errors import ValidationError
from local_cloud.cloudformation.templates.intrinsics import NO_VALUE, evaluate
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings


class StackScope:
    """`physicals` grows while the stack does. `imports` collects the exports that were used."""

    def __init__(
        self,
        settings: Settings,
        store: StackStore,
        stack: Stack,
        desired: Desired,
        physicals: Mapping[str, Physical],
    ) -> None:
        self._settings = settings
        self._store = store
        self._stack = stack
        self._desired = desired
        self._physicals = physicals
        self._conditions: dict[str, bool] = {}
        self.imports: set[str] = set()

    def reference(self, name: str) -> Any:
        if name.startswith("AWS::"):
            return self._pseudo(name)
        if name in self._desired.parameters:
            return self._desired.parameters[name].value
        return self._physical(name).id

    def attribute(self, logical_id: str, name: str) -> Any:
        """What Fn::GetAtt gives. Raises: ValidationError, if there is no such attribute."""
        attributes = self._physical(logical_id).attributes
        if name in attributes:
            return attributes[name]
        kind = self._desired.template.resources[logical_id].type
        raise ValidationError(f"Template error: resource {logical_id} ({kind}) has no attribute {name} here")

    def condition(self, name: str) -> bool:
        """Whether it holds. Raises: ValidationError, if there is none of that name."""
        if name not in self._conditions:
            conditions = self._desired.template.section("Conditions")
            if name not in conditions:
                raise ValidationError(f"Template format error: Unresolved condition dependency {name}")
            self._conditions[name] = bool(evaluate(conditions[name], self))
        return self._conditions[name]

    def mapping(self, name: str, first: str, second: str) -> Any:
        """What Fn::FindInMap gives. Raises: ValidationError, if there is no such entry."""
        try:
            return self._desired.template.section("Mappings")[name][first][second]
        except KeyError:
            raise ValidationError(
                f"Template error: Unable to get mapping for {name}::{first}::{second}"
            ) from None

    def imported(self, name: str) -> Any:
        """What Fn::ImportValue gives. Raises: ValidationError, if nothing is exported under that name."""
        for _, output in self._store.exports():
            if output.export == name:
                self.imports.add(name)
                return output.value
        raise ValidationError(f"No export named {name} found.")

    def dynamic(self, reference: str) -> str:
        """The value of a {{resolve:...}}.

        Raises: ValidationError, for an unknown service or what it does not answer.
        """
        service, _, rest = reference.partition(":")
        try:
            if service in ("ssm", "ssm-secure"):
                return read_parameter(self._settings, self._stack.region, rest)
            if service == "secretsmanager":
                return self._secret(rest)
        except ClientError as problem:
            raise ValidationError(f"Could not resolve {{{{resolve:{reference}}}}}: {problem}") from None
        raise ValidationError(f"The local cloud does not implement dynamic references to {service}")

    def _secret(self, rest: str) -> str:
        identity, _, further = rest.partition(":SecretString")
        key, stage, version = [*further.removeprefix(":").split(":"), "", "", ""][:3]
        chosen = {"VersionStage": stage} if stage else {"VersionId": version} if version else {}
        secrets = client(self._settings, "secretsmanager", self._stack.region)
        text: str = secrets.get_secret_value(SecretId=identity, **chosen)["SecretString"]
        if not key:
            return text
        try:
            return str(json.loads(text)[key])
        except (ValueError, KeyError):
            raise ValidationError(f"Secret {identity} has no JSON key {key}") from None

    def _pseudo(self, name: str) -> Any:
        values = {
            "AWS::AccountId": self._stack.account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self._stack.region,
            "AWS::StackId": self._stack.id,
            "AWS::StackName": self._stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name not in values:
            raise ValidationError(f"Template error: unknown pseudo parameter {name}")
        return values[name]

    def _physical(self, name: str) -> Physical:
        if name in self._physicals:
            return self._physicals[name]
        raise ValidationError(f"Template format error: Unresolved resource dependencies [{name}]")


def read_parameter(settings: Settings, region: str, name: str) -> str:
    """The text of an SSM parameter, `name` or `name:version`."""
    value: str = client(settings, "ssm", region).get_parameter(Name=name, WithDecryption=True)["Parameter"][
        "Value"
    ]
    return value
