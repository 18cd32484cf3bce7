"""The stage on the local cloud, from a changed template to nothing left."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import build_app
from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import ROOT, CommunityCloud
from tests.local_cloud.support.ports import free_ports

PATTERN = f"{LOCAL.id_in(LOCAL.region)}/*"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports())
    try:
        clouds.up(cloud, Progress())
        yield cloud
    finally:
        clouds.down(cloud)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assembly of the same stage, with generations that stay a week longer."""
    folder = tmp_path_factory.mktemp("changed")
    stage = replace(LOCAL, generation_days=LOCAL.generation_days + 7)
    build_app((stage,), outdir=str(folder), context={"aws:cdk:bundling-stacks": []}).synth()
    return folder


def cdk(cloud: Cloud, command: str, assembly: Path, *options: str) -> subprocess.CompletedProcess[str]:
    folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {
        **os.environ,
        **cloud.settings.environment(),
        "PATH": os.pathsep.join(folders),
        "CDK_HOME": str(cloud.state.path / "cdk-home"),
    }
    common = ["--app", str(assembly), "--ci", "--no-color", "--no-notices"]
    return subprocess.run(
        [ROOT / "node_modules" / ".bin" / "cdk", command, PATTERN, *common, *options],
        cwd=cloud.state.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def definition(cloud: Cloud) -> str:
    machines = client(cloud.settings, "stepfunctions")
    [arn] = [
        m["stateMachineArn"] for m in machines.list_state_machines()["stateMachines"] if "posts" in m["name"]
    ]
    return str(machines.describe_state_machine(stateMachineArn=arn)["definition"])


@pytest.mark.prove
def test_a_deployed_stage_has_no_differences(cloud: Cloud) -> None:
    diff = cdk(cloud, "diff", cloud.state.path / "cdk.out", "--fail", "--method=template")
    assert diff.returncode == 0, diff.stdout + diff.stderr


@pytest.mark.prove
def test_a_changed_template_shows_in_the_diff_and_is_deployed(cloud: Cloud, changed: Path) -> None:
    days = LOCAL.generation_days
    assert f'"generationDays":{days}' in definition(cloud)

    diff = cdk(cloud, "diff", changed, "--fail", "--method=template")
    assert diff.returncode == 1
    assert f'"generationDays":{days + 7}' in diff.stdout.replace("\\", "")

    deploy = cdk(cloud, "deploy", changed, "--method", "direct", "--require-approval", "never")
    assert deploy.returncode == 0, deploy.stdout + deploy.stderr
    assert f'"generationDays":{days + 7}' in definition(cloud)


@pytest.mark.prove
def test_destroy_leaves_nothing_of_a_stage_that_keeps_no_data(cloud: Cloud, changed: Path) -> None:
    settings = cloud.settings
    client(settings, "s3").put_object(
        Bucket=CommunityCloud(cloud).bucket(), Key="datasets/left.csv", Body=b"behind"
    )

    destroy = cdk(cloud, "destroy", changed, "--force")

    assert destroy.returncode == 0, destroy.stdout + destroy.stderr
    cloudformation = client(settings, "cloudformation")
    assert [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]] == ["CDKToolkit"]
    personalize = client(settings, "personalize")
    for operation, member in (
        ("list_dataset_groups", "datasetGroups"),
        ("list_datasets", "datasets"),
        ("list_schemas", "schemas"),
        ("list_solutions", "solutions"),
        ("list_filters", "Filters"),
    ):
        assert getattr(personalize, operation)()[member] == [], member
    assert client(settings, "dynamodb").list_tables()["TableNames"] == []
    assert client(settings, "lambda").list_functions()["Functions"] == []
    assert client(settings, "stepfunctions").list_state_machines()["stateMachines"] == []
    assert client(settings, "scheduler").list_schedules()["Schedules"] == []
    assert client(settings, "sns").list_topics()["Topics"] == []
    assert client(settings, "sqs").list_queues().get("QueueUrls", []) == []
    assert client(settings, "events").list_rules()["Rules"] == []
    assert client(settings, "cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client(settings, "cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert client(settings, "logs").describe_log_groups()["logGroups"] == []
    buckets = [bucket["Name"] for bucket in client(settings, "s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if not name.startswith("cdk-")] == []
    roles = [role["RoleName"] for role in client(settings, "iam").list_roles()["Roles"]]
    assert [name for name in roles if not name.startswith("cdk-")] == []
    kms = client(settings, "kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    ours = [key for key in keys if "recs" in key["Description"]]
    assert ours
    assert {key["KeyState"] for key in ours} == {"PendingDeletion"}
