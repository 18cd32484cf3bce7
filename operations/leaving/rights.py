"""What let Amazon Personalize in and outlived its stack: roles, and statements of bucket and key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from operations.estate.listing import code
from operations.leaving.scope import Clients, Found, Scope, Stay, Thing
from operations.leaving.stacks import Stacks

ROLE, BUCKET_POLICY, KEY_POLICY, GRANT = "role", "bucket policy", "key policy", "grant"
SERVICE = "personalize.amazonaws.com"
_DESCRIPTION = re.compile(
    r"Amazon Personalize (?:imports the datasets of|recommends in batches for) (?P<use_case>[a-z0-9_]+)"
)
_NO_POLICY = ("NoSuchBucketPolicy", "NoSuchBucket", "ServerSideEncryptionConfigurationNotFoundError")
_WHOLE = "it is the whole stage's: goes without --use-case"
_HELD = "a stack of the stage holds it, and other use cases may need this: their last deployment removes it"


def look(clients: Clients, scope: Scope, buckets: Sequence[str], stacks: Stacks) -> Found:
    """Policies and grants go only with the whole stage, and only those that no stack holds."""
    found = Found(things=list(_roles(clients("iam"), scope, stacks)))
    for bucket in buckets:
        for thing in (*_bucket_policy(clients("s3"), bucket), *_key(clients, scope, bucket, stacks)):
            if not scope.whole_stage:
                found.stays.append(Stay(thing.kind, thing.name, _WHOLE))
            elif thing.kind != GRANT and stacks.has(thing.handle):
                found.stays.append(Stay(thing.kind, thing.name, _HELD))
            else:
                found.things.append(thing)
    return found


def use_case_of(role: Mapping[str, Any]) -> str | None:
    """Of a role for Personalize's jobs, which its description names; none of any other role."""
    told = _DESCRIPTION.fullmatch(role.get("Description") or "")
    trusted = json.dumps(role.get("AssumeRolePolicyDocument", {}))
    return told["use_case"] if told and SERVICE in trusted else None


def without_personalize(policy: Mapping[str, Any]) -> dict[str, Any] | None:
    """The policy without statements for the service alone; none if it has no such statement."""
    kept = [statement for statement in _statements(policy) if not _only_personalize(statement)]
    return None if len(kept) == len(_statements(policy)) else {**policy, "Statement": kept}


def _statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _only_personalize(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    allowed = statement.get("Effect") == "Allow"
    return allowed and principal in ({"Service": SERVICE}, {"Service": [SERVICE]})


def _roles(iam: Any, scope: Scope, stacks: Stacks) -> Iterator[Thing]:
    """Roles are global: those of another region have its name in theirs."""
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name, folder = role["RoleName"], use_case_of(role)
            if folder is None or not name.startswith(f"{scope.cdk_stage}-") or stacks.has(name):
                continue
            use_case = folder.replace("_", "-")
            tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=name)["Tags"]}
            if scope.holds(use_case) and scope.confirmed(tags):
                yield Thing(ROLE, name, name, use_case, {"arn": role["Arn"]})


def _bucket_policy(s3: Any, bucket: str) -> Iterator[Thing]:
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if code(error) in _NO_POLICY:
            return
        raise
    if (rest := without_personalize(policy)) is not None:
        yield Thing(BUCKET_POLICY, f"statements of {SERVICE} for {bucket}", bucket, details={"rest": rest})


def _key(clients: Clients, scope: Scope, bucket: str, stacks: Stacks) -> Iterator[Thing]:
    key = _key_of(clients("s3"), bucket)
    if key is None:
        return
    kms = clients("kms")
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]}
    if not scope.confirmed(tags):
        return
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    if (rest := without_personalize(policy)) is not None:
        identity = key.rpartition("/")[2]
        yield Thing(KEY_POLICY, f"statements of {SERVICE} for {key}", identity, details={"rest": rest})
    for page in kms.get_paginator("list_grants").paginate(KeyId=key):
        for grant in page["Grants"]:
            if str(grant.get("GranteePrincipal", "")).startswith("personalize."):
                identity = grant["GrantId"]
                yield Thing(GRANT, f"{identity} of {key}", identity, details={"key": key})


def _key_of(s3: Any, bucket: str) -> str | None:
    try:
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except ClientError as error:
        if code(error) in _NO_POLICY:
            return None
        raise
    given = (rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") for rule in rules)
    return next(filter(None, given), None)
