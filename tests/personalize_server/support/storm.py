"""Load on a server that is killed again and again, and a check of what it acknowledged."""

import csv
import json
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.personalize_server.support.journey import ROLE
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.storm_load import Load
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

_SETTLE_SECONDS = 90.0
_UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOPPING")
_WITNESS = "u59"
"""a user to whom nothing happens"""


class Storm:
    """A server with a trained campaign; `round()` loads it, kills it, starts it and checks everything."""

    def __init__(self, folder: Path, seed: int, options: tuple[str, ...] = ()) -> None:
        (folder / "objects" / BUCKET).mkdir(parents=True)
        more = ("--file-root", str(folder / "objects"), *QUOTAS, "--quota=filters=5000", *options)
        self.server = PersonalizeServer(folder / "data", None, more).start()
        self._rng = random.Random(seed)
        self._world = World(self.server.url, folder / "objects" / BUCKET)
        self._load = Load(self.server, self._world, self._rng)
        self.ledger, self.findings = self._load.ledger, self._load.findings
        self._reference = self._recommended(_WITNESS)

    def round(self, seconds: float) -> None:
        self._load.run(seconds)
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
                with suppress(psutil.NoSuchProcess):  # it has ended by itself
                    process.send_signal(signal.SIGKILL)
        self.server.kill()
        self._load.join()
        psutil.wait_procs(others, timeout=20)

    def _recommended(self, user: str) -> list[Any]:
        answer = self._world.do("GetRecommendations", campaignArn=self._load.campaign, userId=user)
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
            request = {"campaignArn": self._load.campaign, "userId": user, "filterArn": self._load.filter}
            answer = self._world.do("GetRecommendations", **request, numResults=80)
            self._load.compare(user, answer, self._load.seen(user, time.monotonic()))
        self.findings.checked["answers"] += 51

    def _check_resources(self) -> None:
        for arn, (operation, member, expected) in self.ledger.resources.items():
            answer = self._world.ask(operation, **{member: arn})
            found = next(iter(answer.content.values())) if answer.status == 200 else {}
            if answer.status != 200 or any(found.get(key) != value for key, value in expected.items()):
                self.findings.wrong.append(f"lost: {arn}: {answer}")
        for arn, (operation, member) in self.ledger.deleted.items():
            answer = self._world.ask(operation, **{member: arn})
            if answer.status == 200 and "DELETE IN_PROGRESS" in json.dumps(answer.content):
                answer = self._world.ask(operation, **{member: arn})  # it was seen for the last time
            if answer.code != "ResourceNotFoundException":
                self.findings.wrong.append(f"back from the dead: {arn}: {answer}")
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
                if (
                    not found["status"].endswith(("PENDING", "IN_PROGRESS", "STOPPING"))
                    or time.monotonic() > until
                ):
                    break
                time.sleep(0.1)
            self.findings.jobs[f"{operation.removeprefix('Describe')} {found['status']}"] += 1
            if found["status"].endswith("FAILED") and found.get("failureReason"):
                continue
            if found["status"] == "CREATE STOPPED" and arn in self.ledger.stopped:
                continue
            if found["status"] not in ("ACTIVE", "COMPLETED"):
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
        self.ledger.stopped.clear()

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
            **{
                "jobName": name,
                "datasetArn": self._load.datasets[type_],
                "roleArn": ROLE,
                "ingestionMode": "PUT",
            },
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
