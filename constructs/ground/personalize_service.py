"""Amazon Personalize as a principal, and the names of its resources."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

SERVICE = "personalize.amazonaws.com"

_CREATE_ONLY_TAGS = tuple(
    f"AWS::Personalize::{resource}" for resource in ("DatasetGroup", "Schema", "Dataset", "Solution")
)


def personalize_principal(scope: Construct, *, own_jobs_only: bool) -> iam.IPrincipal:
    """The service; perhaps only while it says that it works for this account and region."""
    return iam.ServicePrincipal(SERVICE, conditions=own_account_only(scope) if own_jobs_only else None)


def own_account_only(scope: Construct) -> dict[str, dict[str, str]]:
    """Conditions against being made use of by somebody else's jobs (the confused deputy)."""
    account = cdk.Stack.of(scope).account
    return {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"{personalize_arn(scope, '*')}"},
    }


def personalize_arn(scope: Construct, resource: str) -> str:
    """resource: for example `solution/<name>`.

    Composed from names, so that a stack which reads it holds no reference to the one that owns the resource:
    a referenced resource can never be replaced.
    """
    stack = cdk.Stack.of(scope)
    return f"arn:{stack.partition}:personalize:{stack.region}:{stack.account}:{resource}"


def tag_everything_that_may_be(scope: Construct, key: str, value: str) -> None:
    """Tags all resources but those which a changed tag replaces, with all their data."""
    cdk.Tags.of(scope).add(key, value, exclude_resource_types=list(_CREATE_ONLY_TAGS))
