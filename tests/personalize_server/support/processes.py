"""Starts the Personalize server and an S3 as processes, as a user would."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import boto3
import psutil
from botocore.config import Config

ROOT = Path(__file__).parents[3]
REGION = "eu-west-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "OPENBLAS_NUM_THREADS": "1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PersonalizeServer:
    """A server process on a data folder; may be killed and started again on the same port."""

    data: Path
    s3_endpoint: str | None
    options: tuple[str, ...] = ()
    open_to_all: bool = True
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, log: IO[str] | None = None) -> "PersonalizeServer":
        """Its log goes to standard error, or to the file."""
        command = [
            *(sys.executable, "-m", "personalize_server", "serve", "--log-level", "warning"),
            *("--port", str(self.port), "--data", str(self.data)),
            *(["--s3-endpoint", self.s3_endpoint] if self.s3_endpoint else []),
            *(["--no-auth"] if self.open_to_all else []),
            *self.options,
        ]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == f"listening on http://localhost:{self.port}\n", line
        return self

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self.process is not None and self.process.stdout is not None
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process.stdout.close()
        return code

    def client(self, service: str = "personalize", region: str = REGION) -> Any:
        return client(service, self.url, region)


@cache
def client(service: str, endpoint: str, region: str = REGION) -> Any:
    """A boto3 client that sends what it is told to, without retries and without its own checks."""
    config = Config(
        retries={"total_max_attempts": 1},
        parameter_validation=False,
        s3={"addressing_style": "path"},
        read_timeout=300,
    )
    return boto3.session.Session("test", "test", region_name=region).client(
        service, endpoint_url=endpoint, config=config
    )


def children(pid: int) -> list[int]:
    """Of a process, and theirs."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [child for child, parent in pairs if parent == pid]
    return found + [grandchild for child in found for grandchild in children(child)]


def jobs(pid: int) -> list[int]:
    """Of a server of one worker: what was forked for work from the process that is kept for that."""
    kept = psutil.Process(pid).children()
    return [job.pid for process in kept if process.is_running() for job in process.children()]


def start_s3() -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/moto-api/", timeout=1).close()
            return process, url
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    process.kill()
    raise AssertionError("no S3")
