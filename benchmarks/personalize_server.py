"""The Personalize server under load, in processes of its own: python -m benchmarks.personalize_server.

A hybrid model of 74,000 users and 4,182 items (generated), deployed in a campaign and asked with a filter
that takes out what a user has bought and what is dear.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.disk_syncs import synced
from benchmarks.http_load import Load, generator, load, raw_request
from benchmarks.personalize_model import EVENTS, ITEMS, USERS, Deployed, deployed_in
from benchmarks.personalize_process import KEY, SECRET, ServerProcess
from engine.data.generated import DEVICES

_MOST_SECONDS_VISIBLE = 1.0
_RANKED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the server's folder here and use it again")
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with _folder(options.data) as data:
        deployed = deployed_in(data, options.users, options.items, options.events)
        _measure(data, deployed, options)


def _measure(data: Path, deployed: Deployed, options: argparse.Namespace) -> None:
    def under_load(server: ServerProcess, requests: Sequence[bytes]) -> Load:
        load(server.port, requests, connections=options.connections, seconds=2)
        return load(server.port, requests, connections=options.connections, seconds=options.seconds)

    print(f"load by {generator()}, {options.connections} connections, {options.workers} workers")
    with ServerProcess(data, "--workers", str(options.workers)) as server:
        _row("start to ready", f"{server.seconds_to_ready:.2f} s", "<= 2 s")
        asked = [ask_for(deployed, user) for user in shuffled_users(deployed)]
        _loaded("GetRecommendations, filter on", under_load(server, asked), ">= 4,000/s, p99 <= 15 ms")
        plain = [ask_for(deployed, user, filtered=False) for user in shuffled_users(deployed)]
        _loaded("... no filter", under_load(server, plain), "")
        told = [ask_for(deployed, user, context=True) for user in shuffled_users(deployed)]
        _loaded("... filter on, in a context", under_load(server, told), "scored when asked")
        for context, name in ((False, "GetPersonalizedRanking, 100 items"), (True, "... in a context")):
            rankings = [_rank(deployed, user, context=context) for user in shuffled_users(deployed)]
            _loaded(name, under_load(server, rankings), "")
        fresh = [ask_for(deployed, f"s{number}") for number in range(2000)]
        _put_one_each(server, deployed, 2000)
        _loaded("... users with new events", under_load(server, fresh), "scored when asked")
        for each in (1, 10):
            events = [_put(deployed, number, each) for number in range(5000)]
            figures = under_load(server, events)
            _loaded(f"PutEvents, {each} per request", figures, "")
            _row("  events/s, each synced to disk", f"{figures.rate * each:,.0f}", ">= 2,000, p99 <= 50 ms")
        _row("  4 KiB written and synced", synced(data, seconds=options.seconds / 2), "the disk alone")
        _row("event to next answer", f"{_visible(server, deployed) * 1000:.0f} ms", "<= 1,000 ms")
    with ServerProcess(data, "--workers", str(options.workers), signed=True) as server:
        signed = [_signed(deployed, user) for user in shuffled_users(deployed)[:20_000]]
        _loaded("GetRecommendations, filter on, SigV4", under_load(server, signed), "printed")


def shuffled_users(deployed: Deployed) -> list[str]:
    """All of them in random order, so that no user is asked for twice before everybody was."""
    users = [f"u{number:08}" for number in range(deployed.users)]
    random.Random(0).shuffle(users)
    return users


def _body(deployed: Deployed, user: str, *, filtered: bool = True, context: bool = False) -> bytes:
    body: dict[str, Any] = {"campaignArn": deployed.campaign, "userId": user}
    if filtered:
        body["filterArn"] = deployed.filter
    if context:
        body["context"] = _context(user)
    return json.dumps(body).encode()


def ask_for(deployed: Deployed, user: str, *, filtered: bool = True, context: bool = False) -> bytes:
    return raw_request("/recommendations", _body(deployed, user, filtered=filtered, context=context))


def _rank(deployed: Deployed, user: str, *, context: bool) -> bytes:
    items = [f"i{item:06}" for item in random.Random(user).sample(range(deployed.items), _RANKED)]
    body: dict[str, Any] = {"campaignArn": deployed.ranking, "userId": user, "inputList": items}
    if context:
        body["context"] = _context(user)
    return raw_request("/personalize-ranking", json.dumps(body).encode())


def _context(user: str) -> dict[str, str]:
    return {"DEVICE": random.Random(user).choice(DEVICES)}


def _signed(deployed: Deployed, user: str) -> bytes:
    body = _body(deployed, user)
    headers = {"Content-Type": "application/json", "Host": "127.0.0.1"}
    request = AWSRequest("POST", "http://127.0.0.1/recommendations", headers, body)
    SigV4Auth(Credentials(KEY, SECRET), "personalize", deployed.region).add_auth(request)
    names = ("X-Amz-Date", "Authorization")
    return raw_request("/recommendations", body, [(name, request.headers[name]) for name in names])


def _put(deployed: Deployed, number: int, events: int) -> bytes:
    body = {
        "trackingId": deployed.tracking,
        "userId": f"t{number}",
        "sessionId": f"t{number}",
        "eventList": [
            {"eventType": "view", "itemId": f"i{(number + at) % deployed.items:06}", "sentAt": 1_750_000_000}
            for at in range(events)
        ],
    }
    return raw_request("/events", json.dumps(body).encode())


def _put_one_each(server: ServerProcess, deployed: Deployed, users: int) -> None:
    """Some events for users s0, s1, ... whom the model does not know."""
    events = server.client("personalize-events")
    rng = random.Random(1)
    for number in range(users):
        items = rng.sample(range(deployed.items), 5)
        seen = [{"eventType": "view", "itemId": f"i{item:06}", "sentAt": 1_750_000_000} for item in items]
        events.put_events(
            trackingId=deployed.tracking, userId=f"s{number}", sessionId=f"s{number}", eventList=seen
        )


def _visible(server: ServerProcess, deployed: Deployed) -> float:
    """The longest of twenty waits from the acknowledgement of an event to an answer that it changed."""
    runtime, events = server.client("personalize-runtime"), server.client("personalize-events")
    waits = []

    def ask(user: str) -> Any:
        return runtime.get_recommendations(campaignArn=deployed.campaign, userId=user)["itemList"]

    for number in range(20):
        user = f"visitor{number}-{time.time_ns()}"
        before = ask(user)
        seen = [{"eventType": "view", "itemId": f"i{1000 + number:06}", "sentAt": 1_750_000_000}]
        events.put_events(trackingId=deployed.tracking, userId=user, sessionId=user, eventList=seen)
        acknowledged = time.perf_counter()
        while ask(user) == before:
            if time.perf_counter() - acknowledged > 10 * _MOST_SECONDS_VISIBLE:
                return float("inf")
        waits.append(time.perf_counter() - acknowledged)
    return max(waits)


def _loaded(name: str, figures: Load, target: str) -> None:
    times = f"p50 {figures.p50 * 1000:.1f} ms, p99 {figures.p99 * 1000:.1f} ms"
    _row(name, f"{figures.rate:,.0f}/s, {times}, {figures.wrong} wrong of {figures.answers:,}", target)


def _row(name: str, figure: str, target: str) -> None:
    print(f"{name:40} {figure:60} {target}".rstrip(), flush=True)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="personalize-bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
