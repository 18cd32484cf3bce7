"""Keys, secrets, parameters, roles and policies: properties that come and go.

Defaults are those of the API references: KMS CreateKey, IAM CreateRole, Systems Manager PutParameter.
"""

from typing import Any

from tests.local_cloud.support.property_case import PropertyCase, tags_of
from tests.local_cloud.support.resource_case import ALLOW, TAGS, TRUST
from tests.local_cloud.support.stacks import ref, resource, role

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_ADMINISTRATION = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}


def key(client: Any, name: str) -> dict[str, Any]:
    described = client.describe_key(KeyId=name)["KeyMetadata"]
    rotation = client.get_key_rotation_status(KeyId=name)
    return {
        "Description": described["Description"],
        "Enabled": described["Enabled"],
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "KeyPolicy": client.get_key_policy(KeyId=name, PolicyName="default")["Policy"],
        "Tags": tags_of(client.list_resource_tags(KeyId=name)["Tags"]),
    }


def secret(client: Any, arn: str) -> dict[str, Any]:
    described = client.describe_secret(SecretId=arn)
    return {
        "KmsKeyId": described.get("KmsKeyId", "alias/aws/secretsmanager"),
        "Tags": tags_of(described.get("Tags")),
    }


def parameter(client: Any, name: str) -> dict[str, Any]:
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    [described] = client.describe_parameters(ParameterFilters=filters)["Parameters"]
    tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return {**described, "Tags": tags_of(tags)}


def iam_role(client: Any, name: str) -> dict[str, Any]:
    described = client.get_role(RoleName=name)["Role"]
    return {
        "Description": described.get("Description", ""),
        "ManagedPolicyArns": client.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        "MaxSessionDuration": described["MaxSessionDuration"],
        "PermissionsBoundary": described.get("PermissionsBoundary"),
        "Policies": client.list_role_policies(RoleName=name)["PolicyNames"],
        "Tags": tags_of(described.get("Tags")),
    }


def holders(client: Any, arn: str) -> dict[str, Any]:
    answer = client.list_entities_for_policy(PolicyArn=arn)
    return {
        "Groups": [each["GroupName"] for each in answer["PolicyGroups"]],
        "Roles": [each["RoleName"] for each in answer["PolicyRoles"]],
        "Users": [each["UserName"] for each in answer["PolicyUsers"]],
    }


CASES = [
    PropertyCase(
        "AWS::KMS::Key",
        "kms",
        key,
        {},
        {
            "Description": "one",
            "EnableKeyRotation": True,
            "KeyPolicy": _ADMINISTRATION,
            "Tags": TAGS,
        },
        {"Description": "", "EnableKeyRotation": False},
    ),
    PropertyCase("AWS::KMS::Key", "kms", key, {}, {"Enabled": False}, {"Enabled": True}),
    PropertyCase(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        secret,
        {"SecretString": "kept"},
        {"KmsKeyId": ref("Key"), "Tags": TAGS},
        {},
        {"Key": resource("AWS::KMS::Key")},
    ),
    PropertyCase(
        "AWS::SSM::Parameter",
        "ssm",
        parameter,
        {"Type": "String", "Value": "one"},
        {"AllowedPattern": "[a-z]+", "Description": "one", "Tags": {"a": "b"}},
    ),
    PropertyCase(
        "AWS::IAM::Role",
        "iam",
        iam_role,
        {"AssumeRolePolicyDocument": TRUST},
        {
            "Description": "one",
            "ManagedPolicyArns": [READ_ONLY],
            "MaxSessionDuration": 7200,
            "PermissionsBoundary": READ_ONLY,
            "Policies": [{"PolicyName": "p", "PolicyDocument": ALLOW}],
            "Tags": TAGS,
        },
        {"MaxSessionDuration": 3600},
    ),
    PropertyCase(
        "AWS::IAM::ManagedPolicy",
        "iam",
        holders,
        {"PolicyDocument": ALLOW},
        {"Roles": [ref("Role")]},
        {"Roles": []},
        {"Role": role()},
    ),
]
