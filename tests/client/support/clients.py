"""Both clients, asked in the same words: the one in Python, and the one for browsers in a Node.js process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from recs_client import NoRegionAnswered, RegionalClient, bearer, signed
from tests.client.support.servers import CREDENTIALS, TOKEN

ATTEMPT, TOTAL, AVOID = 0.4, 0.6, 60.0
"""Seconds, of clients that are to give up soon."""
PATIENT = 240.0
"""For clients that are to answer on a busy machine."""


@dataclass(frozen=True)
class Told:
    """region: empty if none answered. failed: those that did not."""

    region: str
    status: int
    body: Any
    failed: tuple[str, ...]


class AnyClient(Protocol):
    def get(self, path: str, query: Mapping[str, str] | None = None) -> Told: ...

    def post_events(self, events: Sequence[Mapping[str, Any]]) -> Told: ...

    def many(self, count: int, path: str) -> list[Told]:
        """At once; each is answered."""

    def later(self, seconds: float) -> None:
        """Only of a client whose clock stands still."""

    def slept(self) -> list[float]:
        """Seconds; only of a client whose clock stands still, and goes on as it sleeps."""


class InPython:
    def __init__(
        self, regions: Mapping[str, str], *, still: bool, token: bool, attempt: float, total: float
    ) -> None:
        self._now, self._slept = 0.0, list[float]()
        times: Any = {"clock": lambda: self._now, "sleep": self._sleep} if still else {}
        self._client = RegionalClient(
            regions,
            bearer(lambda: TOKEN) if token else signed(CREDENTIALS),
            attempt_seconds=attempt,
            total_seconds=total,
            avoid_seconds=AVOID,
            **times,
        )

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Told:
        return self._told(lambda: self._client.get(path, query))

    def post_events(self, events: Sequence[Mapping[str, Any]]) -> Told:
        return self._told(lambda: self._client.post_events(events))

    def many(self, count: int, path: str) -> list[Told]:
        with ThreadPoolExecutor(count) as pool:
            return [*pool.map(self.get, [path] * count)]

    def later(self, seconds: float) -> None:
        self._now += seconds

    def slept(self) -> list[float]:
        return self._slept

    def _sleep(self, seconds: float) -> None:
        self._slept.append(seconds)
        self.later(seconds)

    def _told(self, ask: Any) -> Told:
        try:
            answer = ask()
        except NoRegionAnswered as error:
            return Told("", 0, None, tuple(region for region, _ in error.failed))
        return Told(answer.region, answer.status, answer.body, tuple(region for region, _ in answer.failed))


class Node:
    """A process that has the client for browsers."""

    def __init__(self) -> None:
        node = Path(sys.executable).with_name("node")
        command = str(node) if node.exists() else shutil.which("node")
        assert command, "Node.js is installed with the tools"
        driver = Path(__file__).with_name("driver.mjs")
        self._process = subprocess.Popen(
            [command, str(driver)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, what: str, **given: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{json.dumps({'what': what, **given})}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class InNode:
    def __init__(
        self,
        node: Node,
        regions: Mapping[str, str],
        *,
        still: bool,
        token: bool,
        attempt: float,
        total: float,
    ) -> None:
        self._node = node
        times = {"attemptMs": 1000 * attempt, "totalMs": 1000 * total, "avoidMs": 1000 * AVOID}
        who = {"token": TOKEN} if token else {"credentials": node_credentials()}
        assert "error" not in node.do("client", regions=regions, still=still, **times, **who)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Told:
        return self._told(self._node.do("get", path=path, query=query))

    def post_events(self, events: Sequence[Mapping[str, Any]]) -> Told:
        return self._told(self._node.do("postEvents", events=events))

    def many(self, count: int, path: str) -> list[Told]:
        said = self._node.do("many", count=count, path=path)
        return [self._told({"answer": answer}) for answer in said["answer"]]

    def later(self, seconds: float) -> None:
        self._node.do("later", seconds=seconds)

    def slept(self) -> list[float]:
        return list(self._node.do("slept")["answer"])

    def _told(self, said: Any) -> Told:
        if "error" in said:
            assert said["error"] == "NoRegionAnswered", said
            return Told("", 0, None, tuple(region for region, _ in said["failed"]))
        answer = said["answer"]
        failed = tuple(region for region, _ in answer["failed"])
        return Told(answer["region"], answer["status"], answer["body"], failed)


def node_credentials() -> dict[str, str]:
    return {
        "accessKeyId": CREDENTIALS.access_key,
        "secretAccessKey": CREDENTIALS.secret_key,
        "sessionToken": CREDENTIALS.token,
    }
