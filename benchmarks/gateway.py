"""100 users at once ask the serving API of the local cloud: how long answers take, and how long handlers do.

python -m benchmarks.gateway [--requests 10000] [--users 100] [--folder .local]

Deploys the app onto a local cloud of its own (or uses the one of a folder that is up), loads the generated
community, trains, and publishes. Then every user asks, waits for the answer, and asks again, signed, over a
connection of their own; three of four ask for a list, the others for a page of a feed or for the directory.
The processes that ask, the gateway, the functions and the stand-ins for DynamoDB and Personalize share this
machine's processors. A handler's time is its own metric HandlerTime.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.schema import EndpointKind
from config.use_cases import USE_CASES
from local_cloud.demo.executions import run_all, scheduled_starts
from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import ServingApi
from local_cloud.machine.ports import PortTaken, require_free
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.data import load

USERS = 1_000
WARM_UP = 400
LONGEST_MS, HANDLER_MS = 1_000.0, 5.0


@dataclass(frozen=True)
class Outcome:
    status: int
    milliseconds: float
    body: bytes


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=100, help="that ask at once")
    parser.add_argument("--folder", type=Path, help="of a local cloud that is up, filled and trained")
    options = parser.parse_args()
    with cloud(options.folder) as running:
        api = ServingApi.deployed(running.settings)
        measure(running, api, options.users, WARM_UP)
        functions = handler_times(running)
        before = len(functions)
        begin = time.perf_counter()
        outcomes = measure(running, api, options.users, options.requests)
        seconds = time.perf_counter() - begin
        handlers = handler_times(running)[before:]
    report(outcomes, seconds, handlers, options.users)


@contextmanager
def cloud(folder: Path | None) -> Iterator[Cloud]:
    if folder is not None:
        yield clouds.find(folder, None)
        return
    with tempfile.TemporaryDirectory() as made:
        running = Cloud(StateFolder(Path(made)), _free_ports())
        try:
            fill(running)
            yield running
        finally:
            clouds.down(running)


def _free_ports() -> int:
    for first in range(24_000, 30_000, 10):
        try:
            require_free({str(port): port for port in range(first, first + 4)})
        except PortTaken:
            continue
        return first
    raise PortTaken("no four ports in a row are free")


def fill(running: Cloud) -> None:
    progress = Progress(sys.stderr)
    clouds.up(running, progress)
    load(running.database().dsn, users=USERS, programs=100, posts=600)
    starts = scheduled_starts(client(running.settings, "scheduler"))
    with progress.step(f"{len(starts)} workflows have run"):
        run_all(client(running.settings, "stepfunctions"), starts, lambda _: None)


def paths(count: int) -> list[str]:
    """As many as are asked for, of all use cases that answer for a user, lists above all."""
    by_kind = {use_case.endpoint.kind: use_case.endpoint.path for use_case in USE_CASES if use_case.endpoint}
    mix = [EndpointKind.LIST] * 6 + [EndpointKind.FEED, EndpointKind.DIRECTORY]
    kinds = [kind for kind in mix if kind in by_kind]
    return [
        f"/v1/users/{1 + 7 * number % USERS}/{by_kind[kinds[number % len(kinds)]]}?limit=10"
        for number in range(count)
    ]


def measure(running: Cloud, api: ServingApi, users: int, count: int) -> list[Outcome]:
    """Signed beforehand: signing belongs to the callers, who have machines of their own."""
    requests = [request(api, path) for path in paths(count)]
    return asyncio.run(ask_all(urlsplit(api.url).port or 80, requests, users))


def request(api: ServingApi, path: str) -> bytes:
    address = urlsplit(api.url)
    headers = {"Host": address.netloc, **api.signed("GET", path)}
    lines = [f"GET {address.path}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def ask_all(port: int, requests: Sequence[bytes], users: int) -> list[Outcome]:
    waiting, outcomes = iter(requests), []

    async def user() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for each in waiting:
                begin = time.perf_counter()
                writer.write(each)
                status, body = await _answer(reader)
                outcomes.append(Outcome(status, 1000 * (time.perf_counter() - begin), body))
        finally:
            writer.close()

    await asyncio.gather(*(user() for _ in range(users)))
    return outcomes


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    return int(status.split()[1]), await reader.readexactly(int(headers["content-length"]))


def handler_times(running: Cloud) -> list[float]:
    """HandlerTime of every request so far, in milliseconds, from the functions' logs; oldest first."""
    logs, found = client(running.settings, "logs"), []
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], filterPattern="HandlerTime"
            )
            found += [(event["timestamp"], event["message"]) for each in events for event in each["events"]]
    records = [json.loads(message) for _, message in sorted(found) if message.startswith("{")]
    times = [record["HandlerTime"] for record in records if "HandlerTime" in record]
    return [value for each in times for value in _values(each)]


def _values(value: Any) -> list[float]:
    return [float(each) for each in (value if isinstance(value, list) else [value])]


def report(outcomes: Sequence[Outcome], seconds: float, handlers: Sequence[float], users: int) -> None:
    statuses = Counter(outcome.status for outcome in outcomes)
    errors = sum(count for status, count in statuses.items() if status != 200)
    sources = Counter(
        json.loads(outcome.body).get("source", "-") for outcome in outcomes if outcome.status == 200
    )
    answers, times = quantiles([outcome.milliseconds for outcome in outcomes]), quantiles(handlers)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{len(outcomes):,} requests of {users} users at once in {seconds:.1f} s: ", end="")
    print(f"{len(outcomes) / seconds:.0f} a second; sources {dict(sources)}; statuses {dict(statuses)}")
    print(f"{'':<34}{'p50':>9}{'p90':>9}{'p99':>9}{'longest':>9}   target")
    for name, figures, target, met in (
        ("answer, as a user sees it, ms", answers, f"p99 < {LONGEST_MS:,.0f}", answers[2] < LONGEST_MS),
        ("handler (HandlerTime), ms", times, f"p99 <= {HANDLER_MS:.0f}", times[2] <= HANDLER_MS),
    ):
        print(f"{name:<34}{''.join(f'{each:>9.2f}' for each in figures)}   {target} {_met(met)}")
    print(f"{'errors':<34}{errors:>9}{'':>27}   0 {_met(errors == 0)}")


def _met(met: bool) -> str:
    return "(met)" if met else "(MISSED)"


def quantiles(values: Sequence[float]) -> tuple[float, float, float, float]:
    """p50, p90, p99 and the largest."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[89], cuts[98], max(values)


if __name__ == "__main__":
    main()
