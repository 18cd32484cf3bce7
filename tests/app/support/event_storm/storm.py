"""Events are posted while their consumer and its stores are killed and throttled; then everything is counted.

The real way: the API's handler, the queue of the local cloud and its mapping, the consumer as the function's
processes, its table and bucket behind a proxy that fails, and the Personalize server.
"""

from __future__ import annotations

import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any

import psutil

from local_cloud.machine.processes import die_with_parent
from tests.app.support.event_storm.audit import Audit, Findings, claim_of
from tests.app.support.event_storm.tracking_stack import CASES, QUEUE, STAGE, build
from tests.app.support.function_processes import running
from tests.app.support.gateway_events import BACKEND, CONTEXT, event
from tests.local_cloud.support.local_aws import LocalAws, serving
from tests.personalize_server.support.processes import PersonalizeServer
from tests.support.waiting import eventually

FAIR = {"throttled": 0.0, "unsent": 0.0, "unheard": 0.0}
FOUL = {"throttled": 0.08, "unsent": 0.04, "unheard": 0.04}


@dataclass
class Toll:
    """What was done to the consumer and its stores."""

    consumers_killed: int = 0
    stores_killed: int = 0
    personalize_killed: int = 0
    refused_requests: int = 0
    repeated_requests: int = 0
    redriven: int = 0
    proxy: Counter[str] = field(default_factory=Counter)


class Storm:
    def __init__(self, folder: Path, aws: LocalAws, *, seed: int) -> None:
        self._folder, self._aws = folder, aws
        self._rng = random.Random(seed)
        self._personalize = PersonalizeServer(folder / "personalize", None, (), port=_port()).start()
        self._proxy_port = _port()
        self._proxy: subprocess.Popen[bytes] | None = None
        self._over = Signal()
        self.toll = Toll()
        self.accepted: dict[str, dict[str, Any]] = {}
        self._weather(FAIR)
        self._start_proxy()
        self._queues = build(aws, self._personalize, stores=f"http://localhost:{self._proxy_port}")

    def close(self) -> None:
        self._over.set()
        if self._proxy:
            self._proxy.kill()
            self._proxy.wait()
        self._personalize.kill()

    def rage(self, count: int, *, calm_after: float, pause: tuple[float, float] = (0.5, 3.0)) -> None:
        """Posts so many events in foul weather, which goes on until that share of them has left the queue.

        pause: seconds between two kills; a consumer is among those killed.
        """
        self._weather(FOUL)
        with ThreadPoolExecutor(max_workers=1) as threads:
            killer = threads.submit(self._kill, pause)
            try:
                self._post(count)
                left = (1 - calm_after) * count
                while not killer.done() and (self._queues.waiting() > left or not self.toll.consumers_killed):
                    time.sleep(0.2)
            finally:
                self._over.set()
            killer.result()
        self._weather(FAIR)
        # The kernel ends it with the thread that started it.
        self._proxy_down()
        self._start_proxy()

    def settle(self, *, seconds: float) -> None:
        """Until the queue is empty; dead letters are sent once more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.toll.redriven += self._queues.redrive()
            if not self._queues.waiting():
                self.toll.proxy = Counter((self._folder / "toll").read_text().split())
                return
            time.sleep(0.2)
        raise AssertionError(f"{self._queues.waiting()} messages are still in the queue")

    def check(self) -> Findings:
        state = self._folder / "personalize" / "state.sqlite3"
        return Audit(self._aws, self.accepted, state).findings()

    def _post(self, count: int) -> None:
        """100 at a time, by the API's handler; what is refused, and one in twenty besides, is sent again."""
        from api import events as api
        from api.environment import api_environment

        environment = {
            **self._aws.settings.environment(),
            "STAGE": STAGE,
            "USER_CLAIM": "sub",
            "EVENTS_QUEUE": QUEUE,
            "EVENTS_QUEUE_ACCOUNT": self._aws.settings.account,
            "EVENTS_QUEUE_REGION": self._aws.settings.region,
            "TRACKED_USE_CASES": json.dumps(
                {name: {"eventTypes": types, "actions": []} for name, types in CASES.items()}
            ),
        }
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            for cached in (api._queue, api._use_cases, api_environment):
                cached.cache_clear()
            for start in range(0, count, 100):
                events = [self._event() for _ in range(min(100, count - start))]
                call = event("POST /v1/events", body={"events": events}, authorizer=BACKEND)
                while (status := self._status_of(api.lambda_handler, call)) != 202:
                    assert status == 503, status
                    self.toll.refused_requests += 1
                self.accepted.update({claim_of(posted): posted for posted in events})
                if self._rng.random() < 0.05:
                    self.toll.repeated_requests += 1
                    self._status_of(api.lambda_handler, call)
        finally:
            os.environ.clear()
            os.environ.update(before)
            for cached in (api._queue, api._use_cases, api_environment):
                cached.cache_clear()

    def _status_of(self, handler: Any, call: dict[str, Any]) -> int:
        """Without the lines that the function writes into its log."""
        with redirect_stdout(io.StringIO()):
            return int(handler(call, CONTEXT)["statusCode"])

    def _event(self) -> dict[str, Any]:
        use_case = self._rng.choice(tuple(CASES))
        impression = self._rng.random() < 0.7
        ago = timedelta(minutes=self._rng.randrange(180))
        return {
            "eventId": str(uuid.UUID(int=self._rng.getrandbits(128))),
            "useCase": use_case,
            "type": "impression" if impression else self._rng.choice(CASES[use_case]),
            "itemId": f"item-{self._rng.randrange(500)}",
            "userId": f"user-{self._rng.randrange(300)}",
            "occurredAt": (datetime.now(UTC) - ago).isoformat(timespec="seconds"),
            "source": self._rng.choice(("batch", "campaign", "popular")),
            "variant": self._rng.choice(("personalize", "own")),
        }

    def _kill(self, pause: tuple[float, float]) -> None:
        rng = random.Random(self._rng.random())
        while not self._over.wait(rng.uniform(*pause)):
            fate = rng.random()
            if fate < 0.65:
                self._kill_consumer(rng)
            elif fate < 0.85:
                self._proxy_down()
                self.toll.stores_killed += 1
                self._over.wait(rng.uniform(0.1, 1.0))
                self._start_proxy()
            else:
                self._personalize.kill()
                self.toll.personalize_killed += 1
                self._over.wait(rng.uniform(0.1, 1.0))
                self._personalize.start()

    def _kill_consumer(self, rng: random.Random) -> None:
        workers = running(self._folder)
        if workers:
            with suppress(psutil.NoSuchProcess):
                rng.choice(workers).kill()
                self.toll.consumers_killed += 1

    def _weather(self, weather: dict[str, float]) -> None:
        fresh = self._folder / "weather.new"
        fresh.write_text(json.dumps(weather))
        fresh.rename(self._folder / "weather")

    def _start_proxy(self) -> None:
        script = Path(__file__).with_name("proxy.py")
        arguments = (self._proxy_port, self._aws.settings.port, self._rng.randrange(10**6), self._folder)
        self._proxy = subprocess.Popen(
            [sys.executable, str(script), *map(str, arguments)],
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        process = self._proxy
        eventually(lambda: _listens(self._proxy_port) or process.poll() is not None)
        assert process.poll() is None, "the proxy did not start"

    def _proxy_down(self) -> None:
        assert self._proxy
        self._proxy.kill()
        self._proxy.wait()


def _port() -> int:
    """A free one below those of outgoing connections: it is still free when its server was killed."""
    while _listens(port := random.randrange(20_000, 32_000)):
        pass
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def brewing(folder: Path, *, seed: int) -> Iterator[Storm]:
    with serving(folder) as aws:
        storm = Storm(folder, aws, seed=seed)
        try:
            yield storm
        finally:
            storm.close()
