"""The tracking consumer while microburst spoils its calls to the local cloud. Takes a package index."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.machine.processes import die_with_parent
from pipeline.storage import Bucket
from pipeline.tracking.consumer import Message
from tests.app.support.tracking_world import World, check_once, messages_of, mixed
from tests.local_cloud.support.local_aws import LocalAws, free_port, serving
from tests.prove.witness.environments import environment
from tests.support import tables
from tests.support.waiting import eventually

MICROBURST = "microburst==0.10.0"
# One attempt more than the clients' two: some calls fail in the end, and messages come again.
SERIES = {"fail": 3, "pass": 9}
IMPATIENT = Config(retries={"mode": "standard", "total_max_attempts": 2}, read_timeout=10)
FAULTS: dict[str, dict[str, Any]] = {
    "internal errors": {"error": {"code": "InternalServerError", "status": 500}},
    "throttling": {"error": {"code": "ThrottlingException", "status": 400}},
    "resets": {"reset": True},
    "lost answers": {"response": {"abort_bytes": 0}},
}


@dataclass(frozen=True)
class Proxy:
    """Between a client and the local cloud."""

    url: str

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_microburst/{path}",
            method=method,
            data=json.dumps(document).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with serving(tmp_path_factory.mktemp("cloud")) as local_aws:
        yield local_aws


@pytest.fixture(scope="module")
def proxy(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("microburst"), free_port()
    command = environment(folder / "venv", MICROBURST) / "microburst"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [command, "--upstream", aws.settings.endpoint_url, "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        ) as process,
    ):
        proxy = Proxy(f"http://127.0.0.1:{port}")
        try:
            eventually(lambda: _listens(proxy))
            yield proxy
        finally:
            process.terminate()


def _listens(proxy: Proxy) -> bool:
    try:
        return proxy.ask("GET", "rules") is not None
    except OSError:
        return False


@pytest.fixture
def world(aws: LocalAws, tmp_path: Path) -> World:
    dynamodb = aws.client("dynamodb")
    table = tmp_path.name.replace("_", "-")
    tables.create(dynamodb, table)
    return World(dynamodb, Bucket(aws.client("s3"), aws.bucket({})), table)


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_counted_twice(
    world: World, aws: LocalAws, proxy: Proxy, fault: str
) -> None:
    session = boto3.Session("test", "test", region_name=aws.settings.region)
    spoiled = {
        service: session.client(service, endpoint_url=proxy.url, config=IMPATIENT)
        for service in ("dynamodb", "s3")
    }
    rules: list[dict[str, Any]] = [
        {"service": service, "sequence": SERIES, **FAULTS[fault]} for service in spoiled
    ]
    proxy.ask("POST", "rules", rules)
    proxy.ask("DELETE", "fired")
    events = mixed(60)
    waiting, deliveries = messages_of(events), 0

    while waiting:
        deliveries += 1
        assert deliveries < 40, "messages stay in the queue for ever"
        failed = world.consumer(**spoiled, seed=deliveries).consume(waiting).failed
        waiting = [message for message in waiting if message.id in failed]
        # A queue delivers at least once.
        waiting += _again(events, deliveries)

    assert {fired["service"] for fired in proxy.ask("GET", "fired")} == {"dynamodb", "s3"}
    assert deliveries > 1
    check_once(world, events)


def _again(events: list[Any], deliveries: int) -> list[Message]:
    """Some messages that had been taken off, after the first two deliveries."""
    return messages_of(events)[:: 7 * deliveries] if deliveries < 3 else []
