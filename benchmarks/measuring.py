"""Ten million events of a day counted per person, and a month of such days added up.

python -m benchmarks.measuring [--events 10000000] [--people 1000000] [--days 28] [--objects 2000]

Events lie in objects of 90, as the consumer stores them. Reading is measured apart, through boto3 from
an HTTP server of another process: it is the time of the client that counts, not of S3.
"""

from __future__ import annotations

import argparse
import gzip
import http.server
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import boto3
import numpy as np
from botocore.config import Config

from pipeline.measuring import counted_day, counting
from pipeline.measuring.experiment import Count, Experiment, Guardrail, Metric
from pipeline.measuring.people import Past, People
from pipeline.storage import CONNECTIONS, Bucket
from pipeline.tracking.batch import LARGEST, packed
from pipeline.tracking.event import Event
from pipeline.tracking.objects import contents

ARMS = ("control", "treatment")
TYPES, SHARES = ("impression", "like", "hide"), (0.95, 0.04, 0.01)
SOURCES = ("personal", "personal", "personal", "popular")
METRIC = Metric(name="likes", of=Count(types=("like",)))
HIDES = Guardrail(metric=Metric(name="hides", of=Count(types=("hide",))), margin=0.2, more_is_worse=True)
TRIAL = Experiment(
    use_case="films", name="b", hypothesis="", metric=METRIC, start="2026-11-01", first_version=1, people=1,
    effect=0.1, guardrails=(HIDES,),
)  # fmt: skip


def objects(events: int, people: int, seed: int) -> Iterator[bytes]:
    """Lines as the product writes them, of other people and types."""
    random = np.random.default_rng(seed)
    line = gzip.decompress(packed([_event("%(person)s", "%(kind)s", 1)])).decode().replace("ARM", "%(arm)s")
    for _ in range(events // LARGEST):
        who = random.integers(0, people, LARGEST).tolist()
        kinds = random.choice(3, LARGEST, p=SHARES).tolist()
        lines = (
            line % {"person": f"person-{p:09d}", "kind": TYPES[k], "arm": ARMS[p % 2]}
            for p, k in zip(who, kinds, strict=True)
        )
        yield gzip.compress("".join(lines).encode(), 1, mtime=0)


def _event(person: str, kind: str, number: int) -> Event:
    return Event(
        event_id=f"0f8fad5b-d9cb-469f-a165-{number:012d}",
        use_case="films",
        type=kind,
        item_id=f"post-{number:07d}",
        timestamp=1_793_900_000 + number,
        received_at=1_793_900_001 + number,
        source=SOURCES[number % 4],
        variant="own",
        user_id=person,
        generation="20261121T195012345",
        recommendation_id=f"{person}-{number % 3}",
        arm="ARM",
        experiment=1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--objects", type=int, default=2_000, help="that are read through boto3")
    asked = parser.parse_args()

    seconds, counted = _count(asked.events, asked.people)
    print(
        f"counted {asked.events:,} events of {len(counted.people):,} people: {seconds:.0f} s of CPU",
        flush=True,
    )
    started = time.process_time()
    content = counted_day.packed(counted)
    print(f"packed: {len(content) / 1e6:.1f} MB, {time.process_time() - started:.1f} s")
    print(f"peak memory so far: {_peak():.0f} MB", flush=True)
    started = time.process_time()
    past, people = Past(), People(TRIAL)
    for number in range(asked.days):
        again = counted_day.unpacked(content, "a day")
        past.add(again, METRIC)
        day = (date(2026, 11, 1) + timedelta(days=number)).isoformat()
        people.add(counted_day.CountedDay(**{**vars(again), "day": day}))
    sums = people.sums(METRIC, past)
    print(
        f"added up {asked.days} days of past and of experiment: {time.process_time() - started:.0f} s of CPU"
    )
    print(f"people in the arms: {sums[0].n:,}, {sums[1].n:,}; peak memory: {_peak():.0f} MB", flush=True)
    _read(asked.objects, asked.events)


def _count(events: int, people: int) -> tuple[float, counted_day.CountedDay]:
    """Without the time to make the events."""
    spent = 0.0

    def made() -> Iterator[bytes]:
        nonlocal spent
        source = objects(events, people, 1)
        while True:
            before = time.process_time()
            content = next(source, None)
            spent += time.process_time() - before
            if content is None:
                return
            yield content

    started = time.process_time()
    counted = counting.count("2026-11-01", "", made())
    return time.process_time() - started - spent, counted


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    content = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, format: str, *args: Any) -> None:
        return


def _serve(content: bytes, ports: Any) -> None:
    _Answer.content = content
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    ports.put(server.server_address[1])
    server.serve_forever()


def _read(how_many: int, events: int) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    ports: Any = multiprocessing.Queue()
    content = next(objects(LARGEST, 1_000, 2))
    server = multiprocessing.Process(target=_serve, args=(content, ports), daemon=True)
    server.start()
    config = Config(
        max_pool_connections=CONNECTIONS, s3={"addressing_style": "path"}, parameter_validation=False
    )
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{ports.get()}",
        region_name="eu-central-1",
        config=config,
    )
    started = time.process_time()
    total = sum(len(c) for c in contents(Bucket(client, "data"), [f"k{n}" for n in range(how_many)]))
    each = (time.process_time() - started) / how_many
    server.terminate()
    print(f"read {how_many:,} objects ({total / how_many:.0f} bytes each): {each * 1e3:.2f} ms of CPU each,")
    print(f"for {events:,} events in objects of {LARGEST}: {each * events / LARGEST:.0f} s")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
