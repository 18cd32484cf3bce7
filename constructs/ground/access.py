"""Rights of a role, one by one; a wildcard carries its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Access:
    """Actions on resources. `why` is required as soon as a resource has a `*` in it."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str | None = None
    conditions: Mapping[str, Mapping[str, object]] | None = None


def secret_access(scope: Construct, *names: str) -> Access:
    """To read secrets of the stack's account and region, by name."""
    stack = cdk.Stack.of(scope)
    arns = (
        stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{name}-??????",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        for name in names
    )
    return Access(
        actions=("secretsmanager:GetSecretValue",),
        resources=tuple(arns),
        why="Secrets Manager adds six random characters to the name of a secret",
    )


def allow(role: iam.Role, *accesses: Access) -> None:
    """Adds the rights to the role; those with a wildcard are acknowledged there with their reason.

    Raises: ValueError, if a wildcard has no reason.
    """
    for access in accesses:
        wide = [resource for resource in access.resources if "*" in resource]
        if wide and not access.why:
            raise ValueError(f"{role.node.path}: {', '.join(access.actions)} on {wide[0]} needs a reason")
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=list(access.actions),
                resources=list(access.resources),
                conditions={operator: dict(keys) for operator, keys in (access.conditions or {}).items()},
            )
        )
        for resource in wide:
            _acknowledge_wildcard(role, resource, str(access.why))


def _acknowledge_wildcard(role: iam.Role, resource: str, why: str) -> None:
    finding = f"AwsSolutions-IAM5[Resource::{_as_nag_prints(role, resource)}]"
    cdk.Validations.of(role).acknowledge(cdk.Acknowledgment(id=finding, reason=why))


def _as_nag_prints(role: iam.Role, resource: str) -> str:
    """Findings name resources as the finished template does: values of other stacks are imports by then."""
    stack = cdk.Stack.of(role)
    for token in cdk.Tokenization.reverse_string(resource).tokens:
        if not cdk.Reference.is_reference(token):
            continue
        owner = cdk.Stack.of(cast(cdk.Reference, token).target)
        if owner.node.path != stack.node.path:
            resource = resource.replace(cdk.Token.as_string(token), owner.export_value(token))
    return _flat(stack.resolve(resource))


def _flat(value: object) -> str:
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": str(name)}:
            return name
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_flat(part) for part in parts)
        case _:
            raise ValueError(f"cannot say how this resource is printed in a finding: {value!r}")
