"""Faults of disk, clock and processes on a server whose undamaged twin tells what is right."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.personalize_server.support.model_requests import Answer, call
from tests.personalize_server.support.processes import ENVIRONMENT, ROOT, children, free_port
from tests.personalize_server.support.shop import ALIKE, PERSONAL, RANKING, Shop
from tests.personalize_server.support.world import BUCKET, QUOTAS, fresh_name

SECONDS = 120.0
_IMPORTS = "ListDatasetImportJobs"
_LISTED = (
    *("ListSchemas", "ListDatasetGroups", "ListSolutions", "ListSolutionVersions", "ListCampaigns"),
    *("ListFilters", "ListEventTrackers", _IMPORTS),
)
_USERS = ("u1", "u2", "u17", "nobody")
_BACK = """import os, time
_now, _back = time.time, float(os.environ["SECONDS_BACK"])
time.time = lambda: _now() - _back
"""
"""a sitecustomize.py: the clock as every process of the server sees it"""


@dataclass
class Found:
    """Of all rounds of a kind."""

    rounds: int = 0
    lists: Counter[str] = field(default_factory=Counter)
    """equal ones, and those that a named error stood for"""
    refused: int = 0
    """starts that ended with a sentence"""
    wrong: list[str] = field(default_factory=list)


class Victim:
    """A server on a folder of its own that may end, or not begin."""

    def __init__(self, data: Path, objects: Path, *options: str, back: float = 0.0) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile("w+")
        environment = {**os.environ, **ENVIRONMENT}
        if back:
            (data.parent / "sitecustomize.py").write_text(_BACK)
            environment |= {"SECONDS_BACK": str(back), "PYTHONPATH": f"{data.parent}:{ROOT}"}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "personalize_server", "serve", "--log-level", "warning", "--no-auth"),
                *("--port", str(self.port), "--data", str(data), "--file-root", str(objects)),
                *QUOTAS,
                *options,
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        self.began = self.process.stdout.readline().startswith("listening")

    def end(self, how: signal.Signals = signal.SIGTERM) -> str:
        """What it said on standard error."""
        family = [self.process.pid, *children(self.process.pid)] if self.process.poll() is None else []
        for pid in family[: None if how is signal.SIGKILL else 1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.seek(0)
        with self._log:
            return self._log.read()

    def ready(self) -> tuple[int, dict[str, Any]]:
        """Once it is loaded."""
        until = time.monotonic() + SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=SECONDS) as answer:
                    status, told = answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as problem:
                with problem:
                    status, told = problem.code, json.loads(problem.read())
            if told["status"] != "loading" or time.monotonic() > until:
                return status, told
            time.sleep(0.05)


class Twins:
    """`round` puts a copy of a server with three campaigns through a fault, and looks at what it says."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng, self.found = random.Random(seed), dict[str, Found]()
        self._folder, self._shop = folder, Shop(folder / "twin")
        world = self._shop.world
        self.objects = folder / "twin" / "objects"
        self._campaigns = {
            self._shop.campaign(PERSONAL, explorationWeight="0"): PERSONAL,
            self._shop.campaign(ALIKE): ALIKE,
            self._shop.campaign(RANKING): RANKING,
        }
        self.filter, self.tracker = world.filter, world.tracker["trackingId"]
        self.datasets, self.solution = world.datasets, world.solution
        self.right = self.lists(world.url)
        self._resources = self._described(world.url)
        self._shop.server.kill()
        self._kept = {state: folder / state for state in ("killed", "ended")}
        shutil.copytree(self._shop.server.data, self._kept["killed"])
        data = self.copied("killed")
        with self.serving(data) as victim:
            victim.ready()
            victim.end()
        shutil.copytree(data, self._kept["ended"])

    def copied(self, state: str, place: Path | None = None) -> Path:
        """A folder as a server that was killed, or ended, left it."""
        data = (place or Path(tempfile.mkdtemp(dir=self._folder))) / "data"
        shutil.copytree(self._kept[state], data)
        return data

    def lists(self, url: str) -> dict[tuple[str, str], Answer]:
        """By campaign and user."""
        found = {}
        for campaign, recipe in self._campaigns.items():
            for user in _USERS:
                asked: dict[str, Any] = {"campaignArn": campaign, "userId": user}
                if recipe == RANKING:
                    answer = call(url, "GetPersonalizedRanking", {**asked, "inputList": ["i1", "i2", "i3"]})
                else:
                    answer = call(url, "GetRecommendations", {**asked, "itemId": "i1"})
                content = {name: v for name, v in answer.content.items() if name != "recommendationId"}
                found[campaign, user] = Answer(answer.status, content, {})
        return found

    def _described(self, url: str) -> Mapping[str, Any]:
        return {name: call(url, name, {"maxResults": 100}).content for name in _LISTED}

    def compare(
        self, found: Found, victim: Victim, what: str, *, whole: bool = False, imports: bool = False
    ) -> None:
        """Every list is the twin's or, unless `whole`, a named error that `/ready` tells of.

        imports: there may be more of them than the twin has.
        """
        lists = self.lists(victim.url)
        silent = set()
        for (campaign, user), answer in lists.items():
            if answer == self.right[campaign, user]:
                found.lists["equal"] += 1
            elif (
                not whole
                and (answer.status, answer.code) == (503, "ServiceUnavailable")
                and answer.content.get("message")
            ):
                found.lists["named errors"] += 1
                silent.add(campaign)
            else:
                found.wrong.append(f"{what}: {campaign} tells {user} {answer}")
        status, told = victim.ready()
        listed = {entry["arn"] for entry in told.get("cannotAnswer", ())}
        if listed != silent or (status == 200) != (len(silent) < len(self._campaigns)):
            found.wrong.append(f"{what}: /ready says {status} {told}, silent are {sorted(silent)}")
        described = self._described(victim.url)
        for name, content in self._resources.items():
            if described[name] != content and not (imports and name in (_IMPORTS, "ListDatasetGroups")):
                found.wrong.append(f"{what}: {name} is {described[name]}, was {content}")

    def round(self, kind: str, fault: Callable[["Twins", Found], Any]) -> None:
        found = self.found.setdefault(kind, Found())
        found.rounds += 1
        try:
            fault(self, found)
        except Exception as problem:
            found.wrong.append(f"{kind}: {problem!r}")

    @contextlib.contextmanager
    def serving(self, data: Path, *options: str, back: float = 0.0) -> Iterator[Victim]:
        victim = Victim(data, self.objects, *options, back=back)
        try:
            yield victim
        finally:
            if victim.process.poll() is None:
                victim.end(signal.SIGKILL)

    def event(self, url: str, user: str, item: str, at: int) -> Answer:
        event = {"eventType": "view", "sentAt": at, "itemId": item}
        request = {"trackingId": self.tracker, "sessionId": "s", "userId": user, "eventList": [event]}
        return call(url, "PutEvents", request)

    def imported(self, url: str) -> Answer:
        """Begins an import of the users as they are."""
        request = {
            "jobName": f"{fresh_name()}-{self.rng.getrandbits(32)}",
            "datasetArn": self.datasets["Users"],
            "dataSource": {"dataLocation": f"s3://{BUCKET}/Users.csv"},
            "roleArn": "arn:aws:iam::123456789012:role/personalize",
        }
        return call(url, "CreateDatasetImportJob", request)

    def settled_import(self, url: str, job: str) -> str:
        """Its status in the end."""
        until = time.monotonic() + SECONDS
        while True:
            answer = call(url, "DescribeDatasetImportJob", {"datasetImportJobArn": job})
            status = str(answer.content.get("datasetImportJob", answer.content).get("status"))
            if not status.endswith(("PENDING", "IN_PROGRESS")) or time.monotonic() > until:
                return status
            time.sleep(0.05)

    def seen(self, url: str, user: str) -> set[str]:
        """Items that a filter takes out for what the user did."""
        [campaign] = [arn for arn, recipe in self._campaigns.items() if recipe == PERSONAL]
        asked = {"campaignArn": campaign, "userId": user, "filterArn": self.filter, "numResults": 80}
        left = call(url, "GetRecommendations", asked).content["itemList"]
        return {f"i{number}" for number in range(80)} - {entry["itemId"] for entry in left}

    @contextlib.contextmanager
    def importing(self, url: str) -> Iterator[None]:
        """Again and again."""
        over = threading.Event()

        def again() -> None:
            while not over.is_set():
                self.imported(url)

        thread = threading.Thread(target=again)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
