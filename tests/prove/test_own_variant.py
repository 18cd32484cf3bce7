"""Use cases of the variant `own` on the local cloud, beside the community's: deployed, run, served."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.derived.names import name_in, serving_table_name
from config.stages import LOCAL
from local_cloud.demo import serving_table
from local_cloud.demo.executions import scheduled_starts
from local_cloud.lifecycle.serving_api import ServingApi
from tests.app.support.community_cloud import ROOT, CommunityCloud
from tests.app.support.own_only import OWN_STAGE, OWN_USE_CASES, synthesise_own
from tests.support.waiting import eventually

PLACE = OWN_STAGE.id_in(OWN_STAGE.region)
USE_CASES = tuple(use_case.name for use_case in OWN_USE_CASES)


def cdk(community: CommunityCloud, command: str, assembly: Path, *options: str) -> None:
    cloud = community.cloud
    environment = {
        **os.environ,
        **cloud.settings.environment(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "CDK_HOME": str(cloud.state.path / "cdk-home"),
    }
    common = ["--app", str(assembly), "--ci", "--no-color", "--no-notices", *options]
    done = subprocess.run(
        [ROOT / "node_modules" / ".bin" / "cdk", command, f"{PLACE}/*", *common],
        cwd=cloud.state.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def own(deployed: CommunityCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommunityCloud]:
    """The cloud with a stage besides, of which nothing is left afterwards."""
    assembly = tmp_path_factory.mktemp("own")
    synthesise_own(assembly)
    cdk(
        deployed,
        "deploy",
        assembly,
        "--method",
        "direct",
        "--require-approval",
        "never",
        "--concurrency",
        "4",
    )
    try:
        yield deployed
    finally:
        cdk(deployed, "destroy", assembly, "--force")


@pytest.fixture(scope="module")
def runs(own: CommunityCloud) -> dict[str, dict[str, Any]]:
    """Of each use case, as its schedule starts it; all at the same time."""
    starts = {start.name: start for start in scheduled_starts(own.client("scheduler"))}
    machines = own.client("stepfunctions")
    begun = {}
    for name in USE_CASES:
        start = starts[name_in(OWN_STAGE.name, name)]
        begun[name] = machines.start_execution(stateMachineArn=start.machine, input=start.input)[
            "executionArn"
        ]
    ended = {name: own.end_of(arn) for name, arn in begun.items()}
    assert {name: (run["status"], run.get("cause")) for name, run in ended.items()} == dict.fromkeys(
        USE_CASES, ("SUCCEEDED", None)
    )
    return ended


def output_of(run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run["output"])
    return found


@pytest.fixture(scope="module")
def bucket(own: CommunityCloud) -> str:
    pages = own.client("cloudformation").describe_stacks(StackName=f"{PLACE}-Data")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in pages["Stacks"][0]["Outputs"]}
    return str(outputs["DataBucketName"])


def test_nothing_of_it_is_in_personalize(own: CommunityCloud) -> None:
    """Where the stage beside it has its own."""
    groups = own.client("personalize").list_dataset_groups()["datasetGroups"]

    assert {group["name"].split("-")[1] for group in groups} == {LOCAL.name}


def test_a_run_ends_with_lists_for_everybody(own: CommunityCloud, runs: dict[str, dict[str, Any]]) -> None:
    for name in USE_CASES:
        output = output_of(runs[name])
        assert (output["outcome"], output["verdict"]) == ("published", "first")
        served = serving_table.read(
            own.client("dynamodb"), serving_table_name(OWN_STAGE.name), name, "own", own.audience(name)
        )
        assert served is not None
        assert served.generation == output["run"]
        assert len(served.lists) == len(own.audience(name)) == output["users"]
        assert all(served.lists.values())


def test_what_was_trained_is_judged_and_recorded(
    own: CommunityCloud, runs: dict[str, dict[str, Any]], bucket: str
) -> None:
    s3 = own.client("s3")
    for name in USE_CASES:
        record = json.loads(
            s3.get_object(Bucket=bucket, Key=f"runs/{name}/own/last_good.json")["Body"].read()
        )
        assert record["metrics"]["coverage"] > 0
        assert record["modelKey"] == f"models/{name}/own/{output_of(runs[name])['run']}/model.rec"
        assert s3.head_object(Bucket=bucket, Key=record["modelKey"])["ContentLength"] > 1000


def test_batch_output_is_written_as_personalize_writes_it(
    own: CommunityCloud, runs: dict[str, dict[str, Any]], bucket: str
) -> None:
    s3 = own.client("s3")
    for name in USE_CASES:
        folder = f"batch/{name}/{output_of(runs[name])['run']}/output/"
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]]
        assert keys
        assert all(key.endswith(".jsonl.out") for key in keys)


def api_of(own: CommunityCloud) -> ServingApi:
    stacks = own.client("cloudformation").describe_stacks(StackName=f"{PLACE}-Serving")["Stacks"]
    url = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}["ApiUrl"]
    return ServingApi(own.cloud.settings, url)


def test_the_stored_model_answers_in_real_time_with_what_was_touched_just_now(
    own: CommunityCloud, runs: dict[str, dict[str, Any]]
) -> None:
    api = api_of(own)

    def live(path: str) -> Any:
        def answer() -> Any:
            body = api.get(path).body
            return body if body["source"] == "realtime" else None

        return eventually(answer)

    known = live("/v1/users/1/training-programs?limit=10")
    new = live(f"/v1/users/nobody/training-programs?limit=10&events={known['items'][0]['id']}")

    assert known["generation"] == new["generation"] == output_of(runs["training_programs"])["run"]
    assert {known["variant"], new["variant"]} == {"own"}
    assert known["items"][0]["id"] not in [item["id"] for item in new["items"] if item["matched"]]


def test_the_api_serves_the_lists(own: CommunityCloud, runs: dict[str, dict[str, Any]]) -> None:
    api = api_of(own)

    answers = {
        name: api.get(path)
        for name, path in (
            ("users_to_follow", "/v1/users/1/people-to-follow?limit=5"),
            ("similar_programs", "/v1/training-programs/1/similar?limit=5"),
        )
    }

    for name, answer in answers.items():
        assert answer.status == 200, answer.body
        assert (answer.body["source"], answer.body["variant"]) == ("batch", "own")
        assert answer.body["generation"] == output_of(runs[name])["run"]
        assert answer.body["items"]


def test_the_same_data_is_not_trained_on_again(own: CommunityCloud, runs: dict[str, dict[str, Any]]) -> None:
    [start] = [
        start
        for start in scheduled_starts(own.client("scheduler"))
        if start.name == name_in(OWN_STAGE.name, "training_programs")
    ]
    arn = own.client("stepfunctions").start_execution(stateMachineArn=start.machine, input=start.input)

    output = output_of(own.end_of(arn["executionArn"]))

    assert output["outcome"] == "unchanged"
