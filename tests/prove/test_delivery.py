"""The workflow files at work: their own commands, in a copy of the repository, against a local cloud.

By the role of a pipeline, with the rights that its template gives it and no others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from delivery.ground.bootstrap import USED, role_arn
from delivery.workflows.roles import github_role, gitlab_role
from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import Deployment
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.commands import Commands
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.delivery import DELIVERY
from tests.app.support.business.stages import DEV, LOCAL
from tests.delivery.workflow_reading import gitlab_jobs, read
from tests.local_cloud.support.ports import free_ports
from tests.prove.pipeline_running import Copy

STAGE = replace(DEV, account=LOCAL.account)
KINDS = ("Data", "Training", "Tracking", "Notifications", "Serving", "Observability")
RUN = {"github.sha": "0123abc", "github.run_id": "7"}
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Bootstrapped, with the pipeline's role."""
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports())
    try:
        clouds.start(cloud, Progress())
        Deployment(cloud.settings, LOCAL, Commands()).bootstrap()
        yield cloud
    finally:
        clouds.down(cloud)


@pytest.fixture(scope="module")
def copy(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """As a team has it that has set its account, and made the files anew."""
    copy = Copy.of_this_tree(tmp_path_factory.mktemp("copy"))
    copy.edit("config/stages.py", f'account="{DEV.account}"', f'account="{STAGE.account}"')
    addresses = {key: value for key, value in cloud.settings.environment().items() if key not in _KEYS}
    copy.environment.update(
        addresses
        | {
            "CDK_HOME": str(cloud.state.path / "cdk-home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # Its own look at all templates is part of `make synth`, and of no step here.
            "CDK_VALIDATION": "false",
        }
    )
    made = copy.bash(".venv/bin/python -m delivery files", {})
    assert made.returncode == 0, made.stderr
    copy.commit()
    return copy


def lend(cloud: Cloud, template: dict[str, Any], host: str) -> dict[str, str]:
    """A role as its template has it, and credentials that were lent for an identity's word."""
    properties = template["Resources"]["Role"]["Properties"]
    [statement] = properties["AssumeRolePolicyDocument"]["Statement"]
    subjects = statement["Condition"]["StringEquals"].pop(f"{host}:sub")
    statement["Condition"]["StringEquals"][f"{host}:sub"] = [one["Fn::Sub"] for one in subjects]
    statement["Principal"] = {"Federated": f"arn:aws:iam::{STAGE.account}:oidc-provider/{host}"}
    iam, name = client(cloud.settings, "iam"), properties["RoleName"]
    document = json.dumps(properties["AssumeRolePolicyDocument"])
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    for policy in properties["Policies"]:
        iam.put_role_policy(
            RoleName=name,
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(policy["PolicyDocument"]),
        )
    sts = boto3.client(
        "sts",
        region_name=STAGE.region,
        endpoint_url=cloud.settings.endpoint_url,
        config=Config(signature_version=botocore.UNSIGNED),
    )
    lent = sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{STAGE.account}:role/{name}", RoleSessionName="run", WebIdentityToken="a.b.c"
    )["Credentials"]
    members = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return dict(zip(_KEYS, (lent[member] for member in members), strict=True))


@pytest.fixture(scope="module")
def lent(cloud: Cloud, copy: Copy) -> dict[str, str]:
    keys = lend(cloud, github_role(STAGE), "token.actions.githubusercontent.com")
    copy.environment.update(keys)
    return keys


def status(cloud: Cloud) -> dict[str, str]:
    stacks = client(cloud.settings, "cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"]: one["StackStatus"] for one in stacks if one["StackName"].startswith("Dev-")}


def test_the_role_may_take_the_roles_of_the_bootstrap_and_do_nothing_else(
    cloud: Cloud, lent: dict[str, str]
) -> None:
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    keys = dict(zip(names, lent.values(), strict=True))

    def asked(service: str) -> Any:
        return boto3.client(
            service, region_name=STAGE.region, endpoint_url=cloud.settings.endpoint_url, **keys
        )

    def take(kind: str) -> Any:
        arn = role_arn(kind, STAGE.account, STAGE.region)
        return asked("sts").assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]

    assert all(take(kind) for kind in USED)
    refusals: tuple[Callable[[], Any], ...] = (
        lambda: take("cfn-exec"),
        lambda: take("image-publishing"),
        lambda: asked("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version"),
        lambda: asked("secretsmanager").get_secret_value(SecretId="recs/dev/database"),
    )
    for refused in refusals:
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_code_is_checked_by_the_step_that_says_so(copy: Copy) -> None:
    copy.step("check.yml", "test", "Check")
    (copy.folder / "untidy.py").write_text("import os\n", encoding="utf-8")
    try:
        copy.step("check.yml", "test", "Check", code=2)
    finally:
        (copy.folder / "untidy.py").unlink()


@pytest.fixture(scope="module")
def deployed(copy: Copy, lent: dict[str, str]) -> list[dict[str, Any]]:
    """The turns that deployed the stage."""
    copy.step("deploy.yml", "synth", "Synth")
    return deployed_by_github(copy)


def test_a_stage_is_deployed_by_the_steps_of_github(
    cloud: Cloud, copy: Copy, deployed: list[dict[str, Any]]
) -> None:
    assert [turn["stack"] for turn in deployed] == [f"Dev-eu-west-1-{kind}" for kind in KINDS]
    assert status(cloud) == {f"Dev-eu-west-1-{kind}": "CREATE_COMPLETE" for kind in KINDS}
    assert deployed_by_github(copy) == [], "nothing is left to be done"


def deployed_by_github(copy: Copy) -> list[dict[str, Any]]:
    copy.step("deploy.yml", "synth", "Install")
    copy.step("deploy.yml", "dev-turns", "Unpack")
    copy.step("deploy.yml", "dev-turns", "Turns")
    turns: list[dict[str, Any]] = json.loads(copy.step("deploy.yml", "dev-turns", "Outputs")["turns"])
    for turn in turns:
        given = {f"inputs.{name}": str(value) for name, value in turn.items()} | {"inputs.stage": "dev"}
        stack = "deploy-stack.yml"
        copy.step(stack, "prepare", "Prepare", RUN | given)
        made = copy.step(stack, "prepare", "Outputs")["change_set_id"]
        assert f":changeSet/deploy-{RUN['github.sha']}-{RUN['github.run_id']}/" in made
        copy.step(stack, "execute", "Execute", given | {"needs.prepare.outputs.change_set_id": made})
        if turn["smoke"]:
            copy.step(stack, "smoke", "Smoke", given)
    return turns


@pytest.mark.usefixtures("deployed")
def test_a_change_is_deployed_by_the_jobs_of_gitlab(cloud: Cloud, copy: Copy) -> None:
    assert DELIVERY.gitlab
    client(cloud.settings, "iam").delete_role_policy(
        RoleName="recs-dev-delivery", PolicyName="bootstrap-roles"
    )
    client(cloud.settings, "iam").delete_role(RoleName="recs-dev-delivery")
    lend(cloud, gitlab_role(STAGE, DELIVERY.gitlab), DELIVERY.gitlab.host)
    for key in _KEYS:
        copy.environment.pop(key, None)
    copy.edit("config/stages.py", 'owner="recommendations-team"', 'owner="another-team"')
    copy.edit(
        "config/stages.py",
        "audience=Audience(active_within_days=30)",
        "audience=Audience(active_within_days=31)",
    )
    known = {
        "CI_PIPELINE_ID": "11",
        "PARENT_PIPELINE_ID": "11",
        "CI_COMMIT_SHA": copy.commit(),
        "AWS_TOKEN": "a.b.c",
    }
    whole = read(copy.folder / ".gitlab-ci.yml")
    copy.bash("\n".join(whole["synth"]["script"]), {})

    copy.job(whole, "dev-turns", known)
    jobs = gitlab_jobs(read(copy.folder / "turns.yml"))
    printed = {}
    for name in jobs:
        dotenv = copy.variables("changes.env") if name.startswith("execute ") else {}
        printed[name] = copy.job(jobs, name, known | dotenv)

    training = printed["prepare Dev-eu-west-1-Training"]
    assert "changed" in training and "AWS::StepFunctions::StateMachine" in training
    assert [name for name in jobs if name.startswith("smoke ")] == [[*jobs][-1]]
    assert "dev answers in eu-west-1" in printed[[*jobs][-1]]
    assert set(status(cloud).values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert status(cloud)["Dev-eu-west-1-Training"] == "UPDATE_COMPLETE"


def test_a_pull_request_is_reviewed_by_the_step_that_says_so(copy: Copy) -> None:
    """Without any credentials."""
    for key in _KEYS:
        copy.environment.pop(key, None)
    base = copy.commit()
    copy.edit("config/stages.py", 'secret_name="recs/prod/database"', 'secret_name="recs/prod/other"')
    head = copy.commit()
    event = "github.event.pull_request"
    commits = {f"{event}.base.sha": base, "github.sha": head}
    with pytest.raises(AssertionError, match="1 finding to be acknowledged"):
        copy.step("review.yml", "review", "Review", {**commits, f"{event}.body": "`$(touch spoilt)`"})

    accepted = "acknowledge REVIEW-ACCESS-001 StepsExtractDatasetRole: the secret has moved"
    copy.step(
        "review.yml", "review", "Review", {**commits, f"{event}.body": f"`$(touch spoilt)`\n{accepted}"}
    )
    copy.step("review.yml", "review", "Summary")

    assert not (copy.folder / "spoilt").exists()
    report = json.loads((copy.folder / "review.json").read_text(encoding="utf-8"))
    comment = (copy.folder / "review.md").read_text(encoding="utf-8")
    assert report and "the secret has moved" in comment
    assert len(comment) <= 60_000
