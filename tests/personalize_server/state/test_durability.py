"""What was acknowledged survives; what was running goes on or fails with a reason; halves never count."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.personalize_server.support.journey import Journey, interactions_csv, settled, user_lines
from tests.personalize_server.support.processes import ENVIRONMENT, ROOT, PersonalizeServer, children, jobs


@pytest.fixture
def mortal(s3_endpoint: str, tmp_path: Path) -> Iterator[PersonalizeServer]:
    """A server of one test, to be killed."""
    server = PersonalizeServer(tmp_path, s3_endpoint).start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def test_a_killed_server_remembers_everything_and_finishes_what_it_began(
    mortal: PersonalizeServer, s3: Any
) -> None:
    journey = Journey(mortal.client(), s3, "killed")
    group = journey.group()
    dataset = journey.dataset(group)
    journey.personalize.tag_resource(resourceArn=group, tags=[{"tagKey": "a", "tagValue": "b"}])
    location = journey.put("large.csv", interactions_csv(users=2000, items=400, per_user=30))
    job = journey.start_import(dataset, location)
    while (
        journey.personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]["status"]
        == "CREATE PENDING"
    ):
        time.sleep(0.01)
    mortal.kill()
    assert not list((mortal.data / "datasets").glob("*")), "nothing half counts"

    mortal.start()
    assert journey.personalize.list_tags_for_resource(resourceArn=group)["tags"][0]["tagKey"] == "a"
    assert journey.imported(job)["status"] == "ACTIVE"
    version = journey.train(journey.solution(group))
    assert version["status"] == "ACTIVE", version
    mortal.kill()
    mortal.start()
    done = journey.infer(version["solutionVersionArn"], user_lines(["u1"]))
    assert done["status"] == "ACTIVE", done
    assert len(journey.output()[0]["output"]["recommendedItems"]) == 25


@pytest.mark.prove
def test_the_processes_of_jobs_do_not_outlive_a_killed_server(mortal: PersonalizeServer, s3: Any) -> None:
    journey = Journey(mortal.client(), s3, "orphans")
    location = journey.put("large.csv", interactions_csv(users=2000, items=400, per_user=30))
    journey.start_import(journey.dataset(journey.group()), location)
    assert mortal.process is not None
    until = time.monotonic() + 20
    while len(processes := children(mortal.process.pid)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    mortal.kill()
    until = time.monotonic() + 20
    while alive := [pid for pid in processes if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < until, f"still there: {alive}"
        time.sleep(0.05)


def test_a_job_whose_process_dies_fails_with_a_reason(mortal: PersonalizeServer, s3: Any) -> None:
    journey = Journey(mortal.client(), s3, "worker-dies")
    location = journey.put("large.csv", interactions_csv(users=2000, items=400, per_user=30))
    assert mortal.process is not None
    job = journey.start_import(journey.dataset(journey.group()), location)
    until = time.monotonic() + 20
    while not (new := jobs(mortal.process.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(max(new), signal.SIGKILL)
    found = journey.imported(job)
    assert found["status"] == "CREATE FAILED"
    assert "worker process ended unexpectedly" in found["failureReason"]


def test_a_training_that_is_stopped_stops(mortal: PersonalizeServer, s3: Any) -> None:
    journey = Journey(mortal.client(), s3, "stopped")
    group = journey.ready_to_train(users=3000, items=3000, per_user=20)
    version = journey.start_training(journey.solution(group))
    journey.personalize.stop_solution_version_creation(solutionVersionArn=version)
    describe = journey.personalize.describe_solution_version
    found = settled(lambda: describe(solutionVersionArn=version)["solutionVersion"])
    assert found["status"] == "CREATE STOPPED"
    assert "trainingHours" not in found


def test_two_servers_cannot_share_a_folder_and_a_taken_port_is_named(mortal: PersonalizeServer) -> None:
    for data, port, expected in (
        (mortal.data, 0, "another server uses"),
        (mortal.data / "other", mortal.port, "Address already in use"),
        (mortal.data, 0, "another server uses"),
    ):
        command = [
            *(sys.executable, "-m", "personalize_server", "serve", "--no-auth"),
            *("--data", str(data), "--port", str(port)),
        ]
        refused = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=60
        )
        assert refused.returncode == 1
        assert expected in refused.stderr
        (mortal.data / "lock").unlink(missing_ok=True)  # whoever cleans up does not let another server in


def test_sigterm_ends_the_server_cleanly(mortal: PersonalizeServer) -> None:
    assert mortal.stop() == 0
