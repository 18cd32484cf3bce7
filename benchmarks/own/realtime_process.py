"""Started by benchmarks.own.realtime: one function that answers in real time, and what it takes."""

import json
import os
import statistics
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_WITHOUT = ("scipy", "implicit", "threadpoolctl")


class Missing:
    """As in the function's layer, where they are not."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] in _WITHOUT:
            raise ModuleNotFoundError(name)


def main(own: Path, requests: int, tracked: str, started: float) -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "lambda_src")]
    sys.meta_path.insert(0, Missing())
    tempfile.tempdir = tempfile.mkdtemp()
    endpoint = {"use_case": "shop", "path": "shop", "kind": "list", "variant": "own", "longest": 100}
    budget = {"budget_ms": 900, "touched": True, "tracked": tracked == "tracked"}
    os.environ["API"] = json.dumps(
        {"stage": "bench", "authorization": "iam", "endpoints": [{**endpoint, "own": budget}]}
    )
    from api import realtime

    lines = [json.loads(line) for line in islice(own.open(encoding="utf-8"), 1000)]
    answers = [realtime.lambda_handler(_event(lines[0]), None)]
    start, start_cpu = time.time() - started, time.process_time()
    times, busy = [], []
    for line in islice(cycle(lines), requests):
        began, cpu = time.perf_counter(), time.process_time()
        answers.append(realtime.lambda_handler(_event(line), None))
        times.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - cpu))
    bodies = [json.loads(answer["body"]) for answer in answers]
    figures = {
        "requests": requests,
        "live": sum(body["source"] == "realtime" for body in bodies) - (bodies[0]["source"] == "realtime"),
        "start": start,
        "start_cpu": start_cpu,
        "p50": statistics.median(times),
        "p99": sorted(times)[int(0.99 * len(times))],
        "cpu50": statistics.median(busy),
        "cpu99": sorted(busy)[int(0.99 * len(busy))],
        "resident": _status("VmRSS"),
        "mapped": _status("RssFile"),
    }
    print(json.dumps(figures))


def _event(line: dict[str, Any]) -> dict[str, Any]:
    """With three events of the request."""
    return {
        "routeKey": "GET /v1/users/{userId}/shop",
        "rawPath": "/v1/users/x/shop",
        "pathParameters": {"userId": line["userId"]},
        "queryStringParameters": {"limit": "20", "events": ",".join(line["own"][:3])},
        "headers": {},
        "requestContext": {
            "http": {"method": "GET"},
            "requestId": "bench",
            "authorizer": {"iam": {"userArn": "arn:aws:iam::123456789012:role/backend"}},
        },
    }


def _status(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
