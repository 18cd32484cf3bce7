"""Policies as they are deployed: of roles and users, and of the resources that have one."""

from collections.abc import Iterator
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from rights.evaluation import Statements
from rights.statements import statements_of

_PARTITION = "aws"


def role(arn: str) -> Any:
    """moto's record. Raises: LookupError, if there is none."""
    account = arn.split(":")[4]
    for each in list(iam_backends[account][_PARTITION].roles.values()):
        if each.arn == arn:
            return each
    raise LookupError(f"there is no role {arn}")


def roles(account: str) -> list[Any]:
    return list(iam_backends[account][_PARTITION].roles.values())


def identity_statements(holder: Any) -> Statements:
    """What the inline and attached policies of a role, user or group say."""
    return tuple(
        statement for name, document in _documents(holder) for statement in statements_of(document, name)
    )


def boundary_statements(holder: Any, account: str) -> Statements | None:
    """Raises: LookupError, if the boundary is a policy that is not there."""
    arn = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    policies = iam_backends[account][_PARTITION].managed_policies
    if arn not in policies:
        raise LookupError(f"{holder.name} has a boundary that is not there: {arn}")
    return statements_of(_default(policies[arn]), arn)


def resource_statements(arn: str, account: str) -> tuple[Statements | None, bool]:
    """Those of the resource's own policy, if it has one, and whether nothing is allowed without them."""
    _, _, service, region, _, name = arn.split(":", 5)
    match service:
        case "s3":
            bucket = s3_backends[account][_PARTITION].buckets.get(name.split("/")[0])
            policy = None if bucket is None else bucket.policy
            return _optional(policy.decode() if policy else None, arn.split("/")[0]), False
        case "sqs":
            queue = sqs_backends[account][region].queues.get(name)
            return _optional(queue and queue.policy, arn), False
        case "sns":
            topic = sns_backends[account][region].topics.get(arn)
            return _optional(topic and topic.policy, arn), False
        case "kms":
            key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
            return _optional(key and key.policy, arn) or (), True
        case "lambda":
            return _of_function(arn, region, account, name), False
        case "iam" if name.startswith("role/"):
            return trust_statements(role(arn)), True
        case _:
            return None, False


def trust_statements(holder: Any) -> Statements:
    return statements_of(holder.assume_role_policy_document, f"{holder.name}/trust")


def _of_function(arn: str, region: str, account: str, name: str) -> Statements | None:
    try:
        function = lambda_backends[account][region].get_function(name.split(":")[1])
    except Exception:  # moto's exceptions are answers; whatever it is, the call itself will tell
        return None
    if not function.policy.statements:
        return None
    return statements_of({"Version": "2012-10-17", "Statement": function.policy.statements}, arn)


def _optional(document: Any, where: str) -> Statements | None:
    return statements_of(document, where) if document else None


def _documents(holder: Any) -> Iterator[tuple[str, Any]]:
    for name, document in list(holder.policies.items()):
        yield f"{holder.name}/{name}", document
    for policy in list(holder.managed_policies.values()):
        yield f"{holder.name}/{policy.name}", _default(policy)


def _default(policy: Any) -> Any:
    return next(version.document for version in policy.versions if version.is_default)
