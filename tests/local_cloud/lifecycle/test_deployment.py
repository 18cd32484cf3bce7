"""The CDK CLI against the local cloud, with a small app: what `up` does after the servers are started."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import Deployment
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.commands import CommandFailed, Commands, Interrupted
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.stages import LOCAL
from tests.local_cloud.support.ports import free_ports

APP = """
import aws_cdk as cdk
from aws_cdk import aws_sns as sns

app = cdk.App()
stage = cdk.Stage(app, "Local-eu-west-1", env=cdk.Environment(account="123456789012", region="eu-west-1"))
stack = cdk.Stack(stage, "Small")
topic = sns.Topic(stack, "Topic", topic_name="small", display_name="{text}")
cdk.CfnOutput(stack, "Arn", value=topic.topic_arn)
cdk.Stack(cdk.Stage(app, "Prod-eu-west-1"), "Large")
app.synth()
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("deployment") / "state"), free_ports())
    with cloud.state.locked():
        with clouds.all_or_nothing(cloud):
            clouds.start(cloud, Progress())
        yield cloud
        clouds.down(cloud)


@pytest.fixture(scope="module")
def deployment(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("app")
    return Deployment(cloud.settings, LOCAL, Commands(), f"{sys.executable} app.py", folder)


def deployed(deployment: Deployment, text: str) -> str:
    """What the topic's display name is after the app was synthesised and deployed."""
    (deployment.folder / "app.py").write_text(APP.format(text=text))
    deployment.synthesise()
    deployment.deploy()
    outputs = json.loads((deployment.settings.state_dir / "outputs.json").read_text())
    arn = outputs["Local-eu-west-1-Small"]["Arn"]
    topic = client(deployment.settings, "sns").get_topic_attributes(TopicArn=arn)
    return str(topic["Attributes"]["DisplayName"])


def test_the_environment_is_bootstrapped_once(deployment: Deployment) -> None:
    assert not deployment.is_bootstrapped()
    deployment.bootstrap()
    assert deployment.is_bootstrapped()


def test_a_changed_template_is_deployed_again(deployment: Deployment) -> None:
    assert deployed(deployment, "first") == "first"
    assert deployed(deployment, "second") == "second"


def test_the_stacks_of_other_stages_are_left_alone(deployment: Deployment) -> None:
    stacks = client(deployment.settings, "cloudformation").describe_stacks()["Stacks"]
    assert {stack["StackName"] for stack in stacks} == {"CDKToolkit", "Local-eu-west-1-Small"}


def test_a_failure_shows_the_last_words_and_where_the_rest_is(deployment: Deployment) -> None:
    (deployment.folder / "app.py").write_text("raise SystemExit('this app is broken')")
    with pytest.raises(
        CommandFailed, match=r"(?s)`cdk synth` ended with 1.*cdk-synth.log.*this app is broken"
    ):
        deployment.synthesise()


def test_commands_that_run_end_when_ours_is_interrupted(tmp_path: Path) -> None:
    commands, ended = Commands(), []

    def run() -> None:
        try:
            command = [sys.executable, "-c", "import time; time.sleep(60)"]
            commands.run(command, log=tmp_path / "log", environment={}, folder=tmp_path)
        except Interrupted:
            ended.append(True)

    thread = Thread(target=run)
    thread.start()
    while not (tmp_path / "log").exists():
        sleep(0.01)
    commands.close()
    thread.join(10)
    assert ended == [True]
