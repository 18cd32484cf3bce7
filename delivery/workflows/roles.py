"""The role by which a pipeline deploys to a stage, as a CloudFormation template per stage.

It may take the roles that `cdk bootstrap` has made in the regions of the stage, and nothing else; they say
what can be done. Whose pipeline it is is a parameter without a default: nobody trusts a placeholder.
"""

from typing import Any

from config.types.delivery import GitLab
from config.types.stage_config import StageConfig
from delivery.ground.bootstrap import USED, role_arn
from delivery.ground.names import changes_environment, role_name
from delivery.ground.places import bootstrapped

_SECONDS = 3600
_GITHUB, _GITHUB_AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"


def github_role(stage: StageConfig) -> dict[str, Any]:
    """For jobs of the stage's two environments in one repository.

    Subjects: https://docs.github.com/actions/reference/security/oidc
    """
    environments = (changes_environment(stage.name), stage.name)
    return _template(
        stage,
        host=_GITHUB,
        audience=_GITHUB_AUDIENCE,
        parameter=_parameter("Repository", "owner/name of the repository", r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"),
        subjects=[f"repo:${{Repository}}:environment:{environment}" for environment in environments],
    )


def gitlab_role(stage: StageConfig, gitlab: GitLab) -> dict[str, Any]:
    """For jobs of one branch of a project: of its environment a job's token does not speak to AWS.

    Subjects: https://docs.gitlab.com/ci/cloud_services/aws
    """
    pattern = r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+"
    return _template(
        stage,
        host=gitlab.host,
        audience=f"https://{gitlab.host}",
        parameter=_parameter("Project", "path of the project, group/name", pattern),
        subjects=[f"project_path:${{Project}}:ref_type:branch:ref:{gitlab.branch}"],
    )


def _parameter(name: str, what: str, pattern: str) -> dict[str, Any]:
    return {name: {"Type": "String", "Description": f"Who deploys: {what}", "AllowedPattern": pattern}}


def _template(
    stage: StageConfig, *, host: str, audience: str, parameter: dict[str, Any], subjects: list[str]
) -> dict[str, Any]:
    provider = {
        "Type": "String",
        "Default": "",
        "Description": f"ARN of the account's identity provider for {host}; empty: this stack makes it",
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Recommendations, {stage.name}: the role by which a pipeline deploys",
        "Parameters": {**parameter, "Provider": provider},
        "Conditions": {"ProviderIsMissing": {"Fn::Equals": [{"Ref": "Provider"}, ""]}},
        "Resources": {
            "Identity": {
                "Type": "AWS::IAM::OIDCProvider",
                "Condition": "ProviderIsMissing",
                # There is one in an account, whoever made it.
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"Url": f"https://{host}", "ClientIdList": [audience]},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": role_name(stage.name),
                    "Description": f"A pipeline deploys to {stage.name} by it",
                    "MaxSessionDuration": _SECONDS,
                    "AssumeRolePolicyDocument": _trust(host, audience, subjects),
                    "Policies": [{"PolicyName": "bootstrap-roles", "PolicyDocument": _rights(stage)}],
                },
            },
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Description": "ARN of the role"}},
    }


def _trust(host: str, audience: str, subjects: list[str]) -> dict[str, Any]:
    federated = {"Fn::If": ["ProviderIsMissing", {"Ref": "Identity"}, {"Ref": "Provider"}]}
    whole = {f"{host}:aud": audience, f"{host}:sub": [{"Fn::Sub": subject} for subject in subjects]}
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": federated},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": whole},
        }
    )


def _rights(stage: StageConfig) -> dict[str, Any]:
    roles = [role_arn(kind, stage.account, region) for region in bootstrapped(stage) for kind in USED]
    return _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles})


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}
