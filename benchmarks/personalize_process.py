"""A Personalize server process for benchmarks, ready when its campaigns are."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

REGION = "eu-west-1"
ACCOUNT = "123456789012"
KEY, SECRET = "AKIABENCHMARK", "secret-of-the-benchmark"
_START_SECONDS = 120.0


class ServerProcess:
    """With `signed`, only requests with the benchmark's key are answered."""

    def __init__(self, data: Path, *options: str, signed: bool = False) -> None:
        self.objects = data / "objects"
        self.objects.mkdir(exist_ok=True)
        keys = data / "keys.json"
        keys.write_text(json.dumps({KEY: {"secret": SECRET, "account": ACCOUNT}}))
        self._command = [
            *(sys.executable, "-m", "personalize_server", "serve", "--port", "0"),
            *("--data", str(data / "server"), "--file-root", str(self.objects), "--log-level", "warning"),
            *(("--access-keys", str(keys)) if signed else ("--no-auth", "--region", REGION)),
            *options,
        ]

    def __enter__(self) -> "ServerProcess":
        started = time.perf_counter()
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rpartition(":")[2])
        while not self._ready():
            if time.perf_counter() - started > _START_SECONDS:
                raise RuntimeError("the server does not become ready")
            time.sleep(0.01)
        self.seconds_to_ready = time.perf_counter() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def client(self, service: str = "personalize") -> Any:
        session = boto3.session.Session(KEY, SECRET, region_name=REGION)
        return session.client(service, endpoint_url=f"http://127.0.0.1:{self.port}")

    def _ready(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5).close()
        except urllib.error.HTTPError:
            return False
        return True
