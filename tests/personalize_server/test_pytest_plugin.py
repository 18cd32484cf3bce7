"""The pytest plugin, used as a stranger's project uses it: a conftest, a test, another working directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from personalize_server.testing import running_server
from tests.personalize_server.support.processes import ROOT

_CONFTEST = """
import pytest

pytest_plugins = ("personalize_server.testing",)


@pytest.fixture(scope="session")
def personalize_options():
    return ("--quota", "training_interactions=50", "--quota", "training_users=5")
"""
_TESTS = """
import json
import time

import boto3

COLUMNS = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long", "EVENT_TYPE": "string"}
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [{"name": name, "type": kind} for name, kind in COLUMNS.items()],
    "version": "1.0",
}


def test_from_events_to_recommendations(personalize_endpoint):
    personalize = boto3.client("personalize")
    group = personalize.create_dataset_group(name="mine")["datasetGroupArn"]
    schema = personalize.create_schema(name="mine", schema=json.dumps(SCHEMA))["schemaArn"]
    personalize.create_dataset(
        name="mine", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )
    tracking = personalize.create_event_tracker(name="mine", datasetGroupArn=group)["trackingId"]
    events = boto3.client("personalize-events")
    for user in range(10):
        items = [f"i{(user + n) % 12}" for n in range(8)]
        seen = [{"eventType": "view", "sentAt": 1_700_000_000, "itemId": item} for item in items]
        events.put_events(trackingId=tracking, sessionId=f"s{user}", userId=f"u{user}", eventList=seen)
    solution = personalize.create_solution(
        name="mine",
        datasetGroupArn=group,
        recipeArn="arn:aws:personalize:::recipe/aws-user-personalization-v2",
        performAutoTraining=False,
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    for _ in range(600):
        described = personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
        if described["status"] in ("ACTIVE", "CREATE FAILED"):
            break
        time.sleep(0.05)
    assert described["status"] == "ACTIVE", described
    campaign = personalize.create_campaign(name="mine", solutionVersionArn=version)["campaignArn"]
    answer = boto3.client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")
    assert len(answer["itemList"]) == 12


def test_the_server_is_the_same_for_the_whole_run(personalize_server):
    [group] = personalize_server.client().list_dataset_groups()["datasetGroups"]
    assert group["name"] == "mine"
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param({}, marks=pytest.mark.prove),
        {
            "AWS_PROFILE": "of-somebody-who-is-not-here",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        },
    ],
    ids=["bare", "with a profile and a proxy"],
)
def test_a_strangers_tests_pass(tmp_path: Path, surroundings: dict[str, str]) -> None:
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    (tmp_path / "test_mine.py").write_text(_TESTS)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    own |= surroundings
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)]
    ended = subprocess.run(
        command, cwd=tmp_path, env={**own, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout


def test_a_server_ends_and_takes_its_data_along() -> None:
    with running_server() as server:
        assert server.client().list_schemas()["schemas"] == []
        assert server.data.exists()
    assert not server.data.exists()


def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(RuntimeError, match="unknown quota no_such_quota"),
        running_server(["--quota", "no_such_quota=1"]),
    ):
        pass
