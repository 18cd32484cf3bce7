"""A version over a running one: the commit before is deployed, at work, and replaced; and the way back.

VERSION_BEFORE names another revision than the parent of what is checked out. Needs git's history.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import ServingApi
from local_cloud.machine.state import StateFolder
from pipeline.tracking.counters import IMPRESSIONS, read_day
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.local_cloud.support.ports import free_ports
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
USE_CASE = "posts"
TRACKING = f"recs-{LOCAL.name}-tracking"
SLOW = "60"
"""Of a workflow's wait, seconds that pass in one: a run lasts longer than a deployment begins."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the version before, with what is installed here."""
    folder = tmp_path_factory.mktemp("before")
    revision = os.environ.get("VERSION_BEFORE", "HEAD^")
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    for name in (".venv", "node_modules", ".layers"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


@dataclass(frozen=True)
class Running:
    """A deployed local cloud that different versions are deployed onto."""

    community: CommunityCloud

    def deploy(self, checkout: Path, command: str = "up", *options: str) -> None:
        cloud = self.community.cloud
        where = ["--folder", str(cloud.state.path), "--port", str(cloud.port), "--time-scale", SLOW]
        done = subprocess.run(
            [sys.executable, "-m", "local_cloud", command, *where, *options],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout), "RECS_CONFIG": ""},  # the sample, as each has it
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def post(self, name: str, number: int) -> None:
        """Impressions, through the API as deployed."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        user = self.community.users()[0]
        events = [
            {
                "eventId": f"{name}-{count:04d}",
                "useCase": USE_CASE,
                "type": "impression",
                "itemId": "1",
                "userId": user,
                "occurredAt": now,
                "source": "batch",
                "variant": "personalize",
            }
            for count in range(number)
        ]
        answer = ServingApi.deployed(self.community.cloud.settings).post("/v1/events", {"events": events})
        assert answer.status == 202, answer

    def consuming(self, *, enabled: bool) -> None:
        """Whether messages are taken off the queue."""
        functions = self.community.client("lambda")
        [mapping] = functions.list_event_source_mappings()["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def counted(self) -> int:
        day = datetime.now(UTC).date().isoformat()
        counts = read_day(self.community.client("dynamodb"), TRACKING, USE_CASE, day)
        return sum(count.number for count in counts if count.kind == IMPRESSIONS)

    def list_of_somebody(self) -> Any:
        self.community.until_served()
        user = self.community.users()[0]
        answer = ServingApi.deployed(self.community.cloud.settings).get(f"/v1/users/{user}/posts")
        assert answer.status == 200, answer
        return answer.body


@pytest.fixture(scope="module")
def running(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The version before, with data, lists and models."""
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports())
    running = Running(CommunityCloud(cloud))
    try:
        running.deploy(before, "demo", "--data", "generated")
        yield running
    finally:
        clouds.down(cloud)


@pytest.mark.parametrize("direction", ["forward", "back"])
def test_runs_lists_and_events_of_one_version_go_on_under_the_other(
    running: Running, before: Path, direction: str
) -> None:
    checkout = ROOT if direction == "forward" else before
    counted, served = running.counted(), running.list_of_somebody()
    running.consuming(enabled=False)
    running.post(direction, 40)
    execution = running.community.begin(USE_CASE)

    running.deploy(checkout)

    assert running.list_of_somebody()["items"]
    assert running.community.end_of(execution, seconds=600)["status"] == "SUCCEEDED"
    running.consuming(enabled=True)
    eventually(lambda: running.counted() >= counted + 40)
    after = running.list_of_somebody()
    assert after["items"] and after["generation"] > served["generation"]
    assert running.counted() == counted + 40
    assert running.community.run(USE_CASE).status == "SUCCEEDED"
