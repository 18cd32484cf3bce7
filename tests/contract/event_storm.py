"""Events are posted while their consumer and its stores are killed and throttled; then everything is counted.

The real way: the API's handler, the queue of the local cloud and its mapping, the consumer as the function's
processes, its table and bucket behind a proxy that fails, and the Personalize server.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
import zipfile
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

from local_cloud.processes import die_with_parent
from pipeline.tracking.event import Event
from tests.contract.local_aws import LocalAws, eventually, serving
from tests.contract.personalize_processes import PersonalizeServer
from tests.unit.gateway_events import BACKEND, CONTEXT, event

ROOT = Path(__file__).parents[2]
BUCKET, TABLE, QUEUE, STAGE = "storm-data", "storm-tracking", "storm-events", "storm"
CASES = {"posts": ("view", "like", "comment"), "users_to_follow": ("follow",)}
ACTIONS = {"posts": ("like", "comment"), "users_to_follow": ("follow",)}
RECEIVES = 12
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


@dataclass
class Findings:
    """Numbers of events: acknowledged ones, and in each place the missing, the repeated and the unknown."""

    acknowledged: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        return sum(sum(found.values()) for found in (self.missing, self.repeated, self.unknown))


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
        self._build()

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
                while not killer.done() and (self._waiting() > left or not self.toll.consumers_killed):
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
            self.toll.redriven += self._redrive()
            if not self._waiting():
                self.toll.proxy = Counter((self._folder / "toll").read_text().split())
                return
            time.sleep(0.2)
        raise AssertionError(f"{self._waiting()} messages are still in the queue")

    def check(self) -> Findings:
        found = Findings(acknowledged=len(self.accepted))
        self._compare(found, "counters", self._counters())
        self._compare(found, "metrics", self._metrics())
        self._compare_ids(found, "lines in the bucket", Counter(self._lines()), set(self.accepted))
        sent = {
            claim
            for claim, posted in self.accepted.items()
            if posted["useCase"] == "posts" and posted["type"] != "impression"
        }
        self._compare_ids(found, "events at Personalize", Counter(self._told()), sent)
        table = self._aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        left = sum(item["pk"]["S"].startswith("batch#") for page in table for item in page["Items"])
        if left:
            found.unknown["unfinished batches"] = left
        return found

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
                self.accepted.update({_claim(posted): posted for posted in events})
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
        mine = str(self._folder.resolve())
        workers = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            command = process.info["cmdline"] or []
            if any(part.endswith("functions/worker.py") for part in command):
                if str(process.info["cwd"]).startswith(mine):
                    workers.append(process)
        if workers:
            with suppress(psutil.NoSuchProcess):
                rng.choice(workers).kill()
                self.toll.consumers_killed += 1

    def _weather(self, weather: dict[str, float]) -> None:
        fresh = self._folder / "weather.new"
        fresh.write_text(json.dumps(weather))
        fresh.rename(self._folder / "weather")

    def _start_proxy(self) -> None:
        script = Path(__file__).with_name("event_storm_proxy.py")
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

    def _build(self) -> None:
        """What the tracking stack has: table, bucket, queues, tracker, function, mapping."""
        region = {"LocationConstraint": self._aws.settings.region}
        self._aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
        self._aws.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        sqs = self._aws.client("sqs")
        self._dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
        dead_arn = _arn(sqs, self._dead)
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": RECEIVES})
        self._queue = sqs.create_queue(
            QueueName=QUEUE, Attributes={"VisibilityTimeout": "360", "RedrivePolicy": redrive}
        )["QueueUrl"]
        function = self._function(self._tracker())
        self._aws.client("lambda").create_event_source_mapping(
            EventSourceArn=_arn(sqs, self._queue),
            FunctionName=function,
            BatchSize=300,
            MaximumBatchingWindowInSeconds=5,
            ScalingConfig={"MaximumConcurrency": 3},
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def _tracker(self) -> str:
        """The tracking id of a new tracker of the Personalize server."""
        personalize = self._personalize.client()
        group = personalize.create_dataset_group(name="storm")["datasetGroupArn"]
        fields = [{"name": name, "type": "string"} for name in ("USER_ID", "ITEM_ID", "EVENT_TYPE")]
        schema = {
            "type": "record",
            "name": "Interactions",
            "namespace": "com.amazonaws.personalize.schema",
            "fields": [*fields, {"name": "TIMESTAMP", "type": "long"}],
            "version": "1.0",
        }
        made = personalize.create_schema(name="storm", schema=json.dumps(schema))["schemaArn"]
        personalize.create_dataset(
            name="storm", schemaArn=made, datasetGroupArn=group, datasetType="Interactions"
        )
        return str(personalize.create_event_tracker(name="storm", datasetGroupArn=group)["trackingId"])

    def _function(self, tracking_id: str) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
            for file in (ROOT / "lambda_src").rglob("*.py"):
                content.write(file, file.relative_to(ROOT / "lambda_src"))
        through = f"http://localhost:{self._proxy_port}"
        told = {name: {"eventTypes": types, "actions": ACTIONS[name]} for name, types in CASES.items()}
        told["posts"]["trackingId"] = tracking_id  # type: ignore[assignment]
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        role = self._aws.client("iam").create_role(
            RoleName="storm",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )["Role"]["Arn"]
        created = self._aws.client("lambda").create_function(
            FunctionName="storm",
            Runtime="python3.13",
            Role=role,
            Handler="steps.consume_events.lambda_handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=60,
            Environment={
                "Variables": {
                    "STAGE": STAGE,
                    "DATA_BUCKET": BUCKET,
                    "TRACKING_TABLE": TABLE,
                    "TRACKED_USE_CASES": json.dumps(told),
                    "AWS_ENDPOINT_URL_DYNAMODB": through,
                    "AWS_ENDPOINT_URL_S3": through,
                    "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": self._personalize.url,
                }
            },
        )
        return str(created["FunctionArn"])

    def _waiting(self) -> int:
        """Messages that are visible, being processed or given up."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        total = 0
        for url in (self._queue, self._dead):
            answer = self._aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
            total += sum(int(value) for value in answer["Attributes"].values())
        return total

    def _redrive(self) -> int:
        """What an operator does by `python -m operations redrive`."""
        sqs, moved = self._aws.client("sqs"), 0
        while found := sqs.receive_message(QueueUrl=self._dead, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        return moved

    def _expected(self) -> Counter[tuple[str, ...]]:
        return Counter(
            (posted["useCase"], _kind(posted), posted["variant"], posted["source"])
            for posted in self.accepted.values()
        )

    def _counters(self) -> Counter[tuple[str, ...]]:
        found: Counter[tuple[str, ...]] = Counter()
        pages = self._aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        for item in (item for page in pages for item in page["Items"]):
            kind, _, rest = item["pk"]["S"].partition("#")
            if kind == "count":
                for name, value in item.items():
                    if "|" in name:
                        found[rest.rpartition("#")[0], *name.split("|")] += int(value["N"])
        return found

    def _metrics(self) -> Counter[tuple[str, ...]]:
        """Of each metric and time the greatest value that was told, as the statistic Maximum has it."""
        greatest: dict[tuple[Any, ...], int] = {}
        pages = (
            self._aws.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName="/aws/lambda/storm")
        )
        for entry in (entry for page in pages for entry in page["events"]):
            with suppress(ValueError):
                told = json.loads(entry["message"])
                if "_aws" in told and "variant" in told:
                    for kind, name in (("impressions", "ImpressionsPerDay"), ("actions", "ActionsPerDay")):
                        if name in told:
                            where = (told["use_case"], kind, told["variant"], told["source"])
                            key = (*where, told["_aws"]["Timestamp"])
                            greatest[key] = max(greatest.get(key, 0), int(told[name][0]))
        found: Counter[tuple[str, ...]] = Counter()
        for key, value in greatest.items():
            found[key[:4]] += value
        return found

    def _lines(self) -> Iterator[str]:
        s3 = self._aws.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for entry in page.get("Contents", ()):
                body = s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
                for line in gzip.decompress(body).splitlines():
                    yield Event.from_json(json.loads(line)).claim

    def _told(self) -> list[str]:
        """The ids of the events that the Personalize server keeps; it ignores those that it knows already."""
        state = self._folder / "personalize" / "state.sqlite3"
        with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT event_id FROM put_records").fetchall()
        db.close()
        return [row[0] for row in rows]

    def _compare(self, found: Findings, where: str, numbers: Counter[tuple[str, ...]]) -> None:
        expected = self._expected()
        if where == "metrics":
            expected = Counter({key: n for key, n in expected.items() if key[1] != "others"})
        missing, more = expected - numbers, numbers - expected
        found.missing[where], found.repeated[where] = missing.total(), more.total()

    def _compare_ids(self, found: Findings, where: str, ids: Counter[str], expected: set[str]) -> None:
        found.missing[where] = len(expected - set(ids))
        found.repeated[where] = ids.total() - len(ids)
        found.unknown[where] = len(set(ids) - expected)


def _kind(posted: dict[str, Any]) -> str:
    if posted["type"] == "impression":
        return "impressions"
    return "actions" if posted["type"] in ACTIONS[posted["useCase"]] else "others"


def _claim(posted: dict[str, Any]) -> str:
    return Event(
        event_id=posted["eventId"],
        use_case=posted["useCase"],
        type=posted["type"],
        item_id=posted["itemId"],
        timestamp=0,
        received_at=0,
        source=posted["source"],
        variant=posted["variant"],
        user_id=posted["userId"],
    ).claim


def _port() -> int:
    """A free one below those of outgoing connections: it is still free when its server was killed."""
    while _listens(port := random.randrange(20_000, 32_000)):
        pass
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


@contextmanager
def brewing(folder: Path, *, seed: int) -> Iterator[Storm]:
    with serving(folder) as aws:
        storm = Storm(folder, aws, seed=seed)
        try:
            yield storm
        finally:
            storm.close()
