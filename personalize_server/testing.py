"""A pytest plugin: a Personalize server of one's own for tests of code that talks to Amazon Personalize."""

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

_SERVICES = ("PERSONALIZE", "PERSONALIZE_RUNTIME", "PERSONALIZE_EVENTS")
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}
_MISLEADING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
_GREETING = "listening on "
_START_SECONDS = 60
_STOP_SECONDS = 20


@dataclass(frozen=True)
class RunningServer:
    """A server process; all three services are at one address."""

    url: str
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which AWS SDKs find the server, and credentials that it accepts."""
        return _CREDENTIALS | {f"AWS_ENDPOINT_URL_{service}": self.url for service in _SERVICES}

    def client(self, service: str = "personalize", region: str = "us-east-1") -> Any:
        """A boto3 client; `service` is personalize, personalize-runtime or personalize-events.

        Whatever profile or proxy the surroundings name.
        """
        core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        session = boto3.session.Session("testing", "testing", region_name=region, botocore_session=core)
        return session.client(service, endpoint_url=self.url, config=Config(proxies={}))


@contextmanager
def running_server(options: Sequence[str] = ()) -> Iterator[RunningServer]:
    """A server on a free port with a folder of its own; `options` are those of the command `serve`."""
    with tempfile.TemporaryDirectory(prefix="personalize-") as folder:
        log = Path(folder) / "server.log"
        data = Path(folder) / "data"
        command = [
            *(sys.executable, "-m", "personalize_server", "serve", "--port", "0", "--data", str(data)),
            *("--no-auth", "--log-level", "warning", *options),
        ]
        with log.open("w") as errors:
            process = subprocess.Popen(
                command, env=_server_environment(), stdout=subprocess.PIPE, stderr=errors, text=True
            )
        try:
            yield RunningServer(_address(process, log), data)
        finally:
            _end(process)


@pytest.fixture(scope="session")
def personalize_options() -> Sequence[str]:
    """Override it to start the server with other options, such as `--s3-endpoint`."""
    return ()


@pytest.fixture(scope="session")
def personalize_server(personalize_options: Sequence[str]) -> Iterator[RunningServer]:
    """One server for the whole run."""
    with running_server(personalize_options) as server:
        yield server


@pytest.fixture
def personalize_endpoint(personalize_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    """Clients that the test or the code under test makes during the test talk to the server."""
    for name in _MISLEADING:
        monkeypatch.delenv(name, raising=False)
    for name, value in personalize_server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"])))
    return personalize_server


def _server_environment() -> dict[str, str]:
    """With the package importable, wherever the tests run."""
    here = str(Path(__file__).parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**_CREDENTIALS, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline() if readable else ""
    if not line.startswith(_GREETING):
        raise RuntimeError(f"the Personalize server did not start: {log.read_text().strip()}")
    return line.removeprefix(_GREETING).strip()


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
