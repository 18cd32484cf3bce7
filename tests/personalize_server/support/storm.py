"""Load on a server that is killed again and again, and a ledger of what it acknowledged."""

import csv
import http.client
import itertools
import json
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from personalize_server.facts.service_model import CONTROL, operations
from tests.personalize_server.support.journey import ROLE, schema_text
from tests.personalize_server.support.model_requests import Answer
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

_VISIBLE_SECONDS = 1.0
_SETTLE_SECONDS = 90.0
_FIRST_TIMESTAMP = 1_800_000_000
_WITNESS = "u59"
"""a user to whom nothing happens"""


class Broken(Exception):
    """No answer came: whether the request took effect is not known."""


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, name: str, /, **request: Any) -> Answer:
        operation = operations()[name]
        control = operation.service == CONTROL
        headers = {"X-Amz-Target": f"AmazonPersonalize.{name}"} if control else {}
        path = "/" if control else operation.model.http["requestUri"]
        try:
            self._connection.request("POST", path, json.dumps(request), headers)
            response = self._connection.getresponse()
            content = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as problem:
            self._connection.close()
            raise Broken(repr(problem)) from None
        return Answer(response.status, content, {})

    def close(self) -> None:
        self._connection.close()


@dataclass
class Ledger:
    """What was acknowledged. Written by the threads of the load, each in dictionaries of its own."""

    resources: dict[str, tuple[str, str, Mapping[str, Any]]] = field(default_factory=dict)
    """by ARN: the Describe operation, its member, what it has to say"""
    deleted: dict[str, tuple[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    events: dict[int, tuple[str, str]] = field(default_factory=dict)
    """by timestamp: user and item"""
    batches: list[list[int]] = field(default_factory=list)
    """timestamps of the events of requests without an answer: all of them count, or none"""
    of_user: dict[str, list[tuple[int, str, float]]] = field(default_factory=lambda: defaultdict(list))
    """timestamp, item, when acknowledged"""
    put: dict[str, dict[str, tuple[int | None, int | None]]] = field(
        default_factory=lambda: {"Users": {}, "Items": {}}
    )
    """by dataset type and id: the newest acknowledged value, and one that was sent after it"""
    jobs: dict[str, tuple[str, str]] = field(default_factory=dict)
    """by ARN: the Describe operation and its member"""
    outputs: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """by ARN of the batch inference job: its output and the number of lines"""


@dataclass
class Findings:
    acknowledged: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    """seconds from start to the first answer"""


class Storm:
    """A server with a trained campaign; `round()` loads it, kills it, starts it and checks everything."""

    def __init__(self, folder: Path, seed: int, options: tuple[str, ...] = ()) -> None:
        (folder / "objects" / BUCKET).mkdir(parents=True)
        more = ("--file-root", str(folder / "objects"), *QUOTAS, *options)
        self.server = PersonalizeServer(folder / "data", None, more).start()
        self.ledger, self.findings = Ledger(), Findings()
        self._rng = random.Random(seed)
        self._numbers = itertools.count(_FIRST_TIMESTAMP)
        self._stop = threading.Event()
        world = self._world = World(self.server.url, folder / "objects" / BUCKET)
        self._campaign, self._filter, self._tracker = (
            world.campaign,
            world.filter,
            world.tracker["trackingId"],
        )
        self._datasets, self._solution, self._version = world.datasets, world.solution, world.version
        self._reference = self._recommended(_WITNESS)

    def round(self, seconds: float) -> None:
        self._load(seconds)
        self._kill()
        started = time.monotonic()
        self.server.start()
        self.findings.restarts.append(time.monotonic() - started)
        self.check()

    def still(self) -> None:
        """Killed without anything going on, it answers as before."""
        users = [f"u{number}" for number in range(60)]
        before = [self._recommended(user) for user in users]
        self.server.kill()
        self.server.start()
        after = [self._recommended(user) for user in users]
        changed = [user for user, old, new in zip(users, before, after, strict=True) if old != new]
        if changed:
            self.findings.wrong.append(f"other answers than before for {changed}")
        self.findings.checked["answers"] += len(users)

    def close(self) -> None:
        self.server.stop()

    def _kill(self) -> None:
        """The server's process alone, or every process of it at the same instant."""
        assert self.server.process is not None
        whole = psutil.Process(self.server.process.pid)
        others = whole.children(recursive=True)
        if self._rng.random() < 0.5:
            for process in others:
                process.send_signal(signal.SIGKILL)
        self.server.kill()
        for thread in self._threads:
            thread.join()
        psutil.wait_procs(others, timeout=20)

    def _load(self, seconds: float) -> None:
        self._stop.clear()
        works = (self._control, self._events, self._events, self._records, self._jobs, self._reads)
        self._threads = [
            threading.Thread(target=self._until_broken, args=(work, random.Random(self._rng.random())))
            for work in works
        ]
        for thread in self._threads:
            thread.start()
        time.sleep(seconds)

    def _until_broken(
        self, work: Callable[[Client, random.Random], Iterator[None]], rng: random.Random
    ) -> None:
        client = Client(self.server.port)
        try:
            for _ in work(client, rng):
                if self._stop.is_set():
                    return
        except Broken:
            pass
        except Exception as problem:
            self.findings.wrong.append(f"load: {problem!r}")
        finally:
            client.close()

    def _done(self, what: str, answer: Answer) -> dict[str, Any]:
        if answer.status != 200:
            raise AssertionError(f"{what}: {answer}")
        self.findings.acknowledged[what] += 1
        return answer.content

    def _control(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            name, text = fresh_name(), schema_text(rng.choice(("Interactions", "Users", "Items")))
            made = self._done("CreateSchema", client.ask("CreateSchema", name=name, schema=text))
            schema = made["schemaArn"]
            self.ledger.resources[schema] = ("DescribeSchema", "schemaArn", {"name": name, "schema": text})
            yield
            name, tag = fresh_name(), {"tagKey": "k", "tagValue": fresh_name()}
            made = self._done("CreateDatasetGroup", client.ask("CreateDatasetGroup", name=name, tags=[tag]))
            group = made["datasetGroupArn"]
            self.ledger.resources[group] = ("DescribeDatasetGroup", "datasetGroupArn", {"name": name})
            self.ledger.tags[group] = {"k": tag["tagValue"]}
            yield
            if rng.random() < 0.5:
                del self.ledger.resources[schema]
                self._done("DeleteSchema", client.ask("DeleteSchema", schemaArn=schema))
                self.ledger.deleted[schema] = ("DescribeSchema", "schemaArn")
            yield

    def _events(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            user = f"u{rng.randrange(50)}"
            sent = [(next(self._numbers), f"i{rng.randrange(80)}") for _ in range(rng.randint(1, 10))]
            events = [
                {"eventType": "view", "sentAt": at, "itemId": item, "eventId": str(at)} for at, item in sent
            ]
            try:
                answer = client.ask(
                    "PutEvents", trackingId=self._tracker, sessionId="s", userId=user, eventList=events
                )
            except Broken:
                self.ledger.batches.append([at for at, _ in sent])
                raise
            self._done("PutEvents", answer)
            now = time.monotonic()
            self.ledger.events.update({at: (user, item) for at, item in sent})
            self.ledger.of_user[user].extend((at, item, now) for at, item in sent)
            yield

    def _records(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            number = next(self._numbers)
            for type_, operation, id_, key, properties in (
                ("Users", "PutUsers", "userId", f"p{number % 97}", {"age": number}),
                ("Items", "PutItems", "itemId", f"i{number % 80}", {"price": number, "genres": "Horror"}),
            ):
                values = self.ledger.put[type_]
                values[key] = (values.get(key, (None, None))[0], number)
                record = {id_: key, "properties": json.dumps(properties)}
                request = {"datasetArn": self._datasets[type_], type_.lower(): [record]}
                self._done(operation, client.ask(operation, **request))
                values[key] = (number, None)
                yield

    def _jobs(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            kind = rng.choice(("import", "training", "batch", "export"))
            if kind == "training":
                made = self._done(kind, client.ask("CreateSolutionVersion", solutionArn=self._solution))
                self.ledger.jobs[made["solutionVersionArn"]] = (
                    "DescribeSolutionVersion",
                    "solutionVersionArn",
                )
            else:
                self._data_job(client, kind)
            for _ in range(rng.randint(1, 10)):
                time.sleep(0.05)
                yield

    def _data_job(self, client: Client, kind: str) -> None:
        common = {"jobName": fresh_name(), "roleArn": ROLE}
        if kind == "import":
            source = {"dataLocation": self._world.s3("Users.csv")}
            request: dict[str, Any] = {"datasetArn": self._datasets["Users"], "dataSource": source}
            name = "DatasetImportJob"
        elif kind == "export":
            request, name = (
                {"datasetArn": self._datasets["Items"], **self._world.export()},
                "DatasetExportJob",
            )
        else:
            request, name = {"solutionVersionArn": self._version, **self._world.batch()}, "BatchInferenceJob"
        made = self._done(kind, client.ask(f"Create{name}", **common, **request))
        [(member, arn)] = made.items()
        self.ledger.jobs[arn] = (f"Describe{name}", member)
        if kind == "batch":
            path = request["jobOutput"]["s3DataDestination"]["path"]
            folder = self._world.objects / path.removeprefix(self._world.s3(""))
            self.ledger.outputs[arn] = (folder / "input.jsonl.out", 1)

    def _reads(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            user = f"u{rng.randrange(50)}"
            expected = self._seen(user, time.monotonic() - _VISIBLE_SECONDS)
            request = {"campaignArn": self._campaign, "userId": user, "filterArn": self._filter}
            answer = self._done(
                "GetRecommendations", client.ask("GetRecommendations", **request, numResults=80)
            )
            self._compare(user, answer, expected)
            yield

    def _seen(self, user: str, before: float) -> set[str]:
        """Items of the newest events that a filter looks at."""
        newest = sorted(self.ledger.of_user[user][-60:])[-50:]
        return {item for _, item, when in newest if when < before}

    def _compare(self, user: str, answer: Mapping[str, Any], expected: set[str]) -> None:
        wrong = {entry["itemId"] for entry in answer["itemList"]} & expected
        if wrong:
            self.findings.wrong.append(f"{user} was given {sorted(wrong)[:3]} in spite of events")

    def _recommended(self, user: str) -> list[Any]:
        answer = self._world.do("GetRecommendations", campaignArn=self._campaign, userId=user)
        return list(answer["itemList"])

    def check(self) -> None:
        """Compares what is there with what was acknowledged."""
        self._check_resources()
        self._check_jobs()
        self._check_events()
        self._check_records()
        if self._recommended(_WITNESS) != self._reference:
            self.findings.wrong.append("the witness is given something else than before")
        for number in range(50):
            user = f"u{number}"
            request = {"campaignArn": self._campaign, "userId": user, "filterArn": self._filter}
            answer = self._world.do("GetRecommendations", **request, numResults=80)
            self._compare(user, answer, self._seen(user, time.monotonic()))
        self.findings.checked["answers"] += 51

    def _check_resources(self) -> None:
        for arn, (operation, member, expected) in self.ledger.resources.items():
            answer = self._world.ask(operation, **{member: arn})
            found = next(iter(answer.content.values())) if answer.status == 200 else {}
            if answer.status != 200 or any(found.get(key) != value for key, value in expected.items()):
                self.findings.wrong.append(f"lost: {arn}: {answer}")
        for arn, (operation, member) in self.ledger.deleted.items():
            if self._world.ask(operation, **{member: arn}).code != "ResourceNotFoundException":
                self.findings.wrong.append(f"back from the dead: {arn}")
        for arn, tags in self.ledger.tags.items():
            found = self._world.do("ListTagsForResource", resourceArn=arn)["tags"]
            if {tag["tagKey"]: tag["tagValue"] for tag in found} != tags:
                self.findings.wrong.append(f"tags of {arn}: {found}")
        self.findings.checked["resources"] += len(self.ledger.resources) + len(self.ledger.deleted)

    def _check_jobs(self) -> None:
        """Each ends well, or says why not."""
        until = time.monotonic() + _SETTLE_SECONDS
        for arn, (operation, member) in self.ledger.jobs.items():
            while True:
                [found] = self._world.do(operation, **{member: arn}).values()
                if not found["status"].endswith(("PENDING", "IN_PROGRESS")) or time.monotonic() > until:
                    break
                time.sleep(0.1)
            self.findings.jobs[f"{operation.removeprefix('Describe')} {found['status']}"] += 1
            if found["status"] == "CREATE FAILED" and found.get("failureReason"):
                continue
            if found["status"] != "ACTIVE":
                self.findings.wrong.append(f"job {arn}: {found}")
            elif arn in self.ledger.outputs:
                path, lines = self.ledger.outputs[arn]
                written = [json.loads(line) for line in path.read_text().splitlines()]
                if len(written) != lines or not written[0]["output"]["recommendedItems"]:
                    self.findings.wrong.append(f"output of {arn}: {written}")
            elif operation == "DescribeSolutionVersion":
                self._check_model(arn)
        self.findings.checked["jobs"] += len(self.ledger.jobs)
        self.ledger.jobs.clear()
        self.ledger.outputs.clear()

    def _check_model(self, version: str) -> None:
        """What was trained while servers died answers."""
        made = self._world.do("CreateCampaign", name=fresh_name(), solutionVersionArn=version)
        answer = self._world.do("GetRecommendations", **made, userId=_WITNESS)
        if len(answer["itemList"]) != 25:
            self.findings.wrong.append(f"{version} answers {answer}")
        self._world.do("DeleteCampaign", **made)

    def _exported(self, type_: str) -> list[dict[str, str]]:
        """What was put into a dataset record by record."""
        name = fresh_name()
        made = self._world.do(
            "CreateDatasetExportJob",
            **{"jobName": name, "datasetArn": self._datasets[type_], "roleArn": ROLE, "ingestionMode": "PUT"},
            **self._world.export(),
        )
        self._world.settled("DescribeDatasetExportJob", **made)
        [file] = (self._world.objects / "exports" / name).glob("*.csv")
        with file.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        file.unlink()
        return rows

    def _check_events(self) -> None:
        if not self.ledger.events:
            return
        rows = self._exported("Interactions")
        found = {int(row["TIMESTAMP"]): (row["USER_ID"], row["ITEM_ID"]) for row in rows}
        lost = [at for at, pair in self.ledger.events.items() if found.get(at) != pair]
        if lost:
            self.findings.wrong.append(f"lost: {len(lost)} events, such as {self.ledger.events[lost[0]]}")
        if len(rows) != len(found):
            self.findings.wrong.append(f"{len(rows) - len(found)} events occur twice")
        for batch in self.ledger.batches:
            if len({at in found for at in batch}) > 1:
                self.findings.wrong.append(f"half of a request: {batch}")
        self.findings.checked["events"] = len(self.ledger.events)

    def _check_records(self) -> None:
        for type_, id_, column in (("Users", "USER_ID", "AGE"), ("Items", "ITEM_ID", "PRICE")):
            if not self.ledger.put[type_]:
                continue
            newest = {row[id_]: int(float(row[column])) for row in self._exported(type_)}
            for key, (acknowledged, sent) in self.ledger.put[type_].items():
                value = newest.get(key)
                if value not in (acknowledged, acknowledged if sent is None else sent):
                    self.findings.wrong.append(f"{key} is {value}, neither {acknowledged} nor {sent}")
                self.ledger.put[type_][key] = (value, None)
            self.findings.checked["records"] += len(self.ledger.put[type_])
