"""Load on a server until it breaks, and what it acknowledged meanwhile."""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from personalize_server.facts.service_model import CONTROL, operations
from tests.personalize_server.support.journey import ROLE, schema_text
from tests.personalize_server.support.model_requests import Answer
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.storm_ledger import Findings, Ledger
from tests.personalize_server.support.world import World, fresh_name

_VISIBLE_SECONDS = 1.0
_JOBS = (
    *("import", "incremental import", "deletion"),
    *("training", "stopped training", "batch", "export"),
)
_FIRST_TIMESTAMP = 1_750_000_000


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


class Load:
    """Threads that ask a server with a trained campaign, until it breaks, and note what it acknowledges."""

    def __init__(self, server: PersonalizeServer, world: World, rng: random.Random) -> None:
        self.ledger, self.findings = Ledger(), Findings()
        self._server, self._world, self._rng = server, world, rng
        self._numbers = itertools.count(_FIRST_TIMESTAMP)
        self._stop = threading.Event()
        self.campaign, self.filter = world.campaign, world.filter
        self._tracker = world.tracker["trackingId"]
        self.datasets, self._solution, self._version = world.datasets, world.solution, world.version

    def run(self, seconds: float) -> None:
        self._stop.clear()
        works = (
            *(self._control, self._serving, self._attributions),
            *(self._events, self._events, self._records, self._jobs, self._reads),
        )
        self._threads = [
            threading.Thread(target=self._until_broken, args=(work, random.Random(self._rng.random())))
            for work in works
        ]
        for thread in self._threads:
            thread.start()
        time.sleep(seconds)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _until_broken(
        self, work: Callable[[Client, random.Random], Iterator[None]], rng: random.Random
    ) -> None:
        client = Client(self._server.port)
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

    def _serving(self, client: Client, rng: random.Random) -> Iterator[None]:
        """Campaigns and filters come, are changed and tagged, and go."""
        while True:
            expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
            request: dict[str, Any] = {"name": fresh_name(), "datasetGroupArn": self._world.group}
            made = self._done(
                "CreateFilter", client.ask("CreateFilter", **request, filterExpression=expression)
            )
            filter_ = made["filterArn"]
            self.ledger.resources[filter_] = ("DescribeFilter", "filterArn", {"filterExpression": expression})
            yield
            request = {"name": fresh_name(), "solutionVersionArn": self._version, "minProvisionedTPS": 1}
            campaign = self._done("CreateCampaign", client.ask("CreateCampaign", **request))["campaignArn"]
            self._note(campaign, "Campaign", minProvisionedTPS=1)
            for number in range(2, rng.randint(2, 5)):
                del self.ledger.resources[campaign]
                request = {"campaignArn": campaign, "minProvisionedTPS": number}
                self._done("UpdateCampaign", client.ask("UpdateCampaign", **request))
                self._note(campaign, "Campaign", minProvisionedTPS=number)
                yield
            self.ledger.tags.pop(campaign, None)
            tag = {"tagKey": "k", "tagValue": fresh_name()}
            self._done("TagResource", client.ask("TagResource", resourceArn=campaign, tags=[tag]))
            self.ledger.tags[campaign] = {"k": tag["tagValue"]}
            yield
            del self.ledger.tags[campaign]
            self._done("UntagResource", client.ask("UntagResource", resourceArn=campaign, tagKeys=["k"]))
            for arn, kind, member in (
                (campaign, "Campaign", "campaignArn"),
                (filter_, "Filter", "filterArn"),
            ):
                del self.ledger.resources[arn]
                self._done(f"Delete{kind}", client.ask(f"Delete{kind}", **{member: arn}))
                self.ledger.deleted[arn] = (f"Describe{kind}", member)
                yield

    def _attributions(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            made = self._done("CreateDatasetGroup", client.ask("CreateDatasetGroup", name=fresh_name()))
            request = {**self._world.attribution(), **made, "name": fresh_name()}
            answer = client.ask("CreateMetricAttribution", **request)
            arn = self._done("CreateMetricAttribution", answer)["metricAttributionArn"]
            self._note(arn, "MetricAttribution", name=request["name"], **made)
            yield
            for number in range(rng.randint(0, 3)):
                self._update_attribution(client, arn, number, {"name": request["name"], **made})
                yield
            if rng.random() < 0.5:
                del self.ledger.resources[arn]
                answer = client.ask("DeleteMetricAttribution", metricAttributionArn=arn)
                self._done("DeleteMetricAttribution", answer)
                self.ledger.deleted[arn] = ("DescribeMetricAttribution", "metricAttributionArn")
            yield

    def _update_attribution(self, client: Client, arn: str, number: int, expected: Mapping[str, Any]) -> None:
        """Its files go elsewhere, and one metric more is added up."""
        del self.ledger.resources[arn]
        output = {"roleArn": ROLE, "s3DataDestination": {"path": self._world.s3(f"metrics-{number}/")}}
        metric = {"eventType": "like", "metricName": f"m{number}", "expression": "SAMPLECOUNT()"}
        request = {"metricAttributionArn": arn, "metricsOutputConfig": output, "addMetrics": [metric]}
        answer = client.ask("UpdateMetricAttribution", **request)
        self._done("UpdateMetricAttribution", answer)
        self._note(arn, "MetricAttribution", metricsOutputConfig=output, **expected)

    def _note(self, arn: str, kind: str, **expected: Any) -> None:
        member = f"{kind[0].lower()}{kind[1:]}Arn"
        self.ledger.resources[arn] = (f"Describe{kind}", member, expected)

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
                request = {"datasetArn": self.datasets[type_], type_.lower(): [record]}
                self._done(operation, client.ask(operation, **request))
                values[key] = (number, None)
                yield

    def _jobs(self, client: Client, rng: random.Random) -> Iterator[None]:
        while True:
            kind = rng.choice(_JOBS)
            if kind.endswith("training"):
                made = self._done(kind, client.ask("CreateSolutionVersion", solutionArn=self._solution))
                self.ledger.jobs[made["solutionVersionArn"]] = (
                    "DescribeSolutionVersion",
                    "solutionVersionArn",
                )
                if kind == "stopped training":
                    self._stop_training(client, made["solutionVersionArn"])
            else:
                self._data_job(client, kind)
            for _ in range(rng.randint(1, 10)):
                time.sleep(0.05)
                yield

    def _stop_training(self, client: Client, version: str) -> None:
        """Unless it has ended already."""
        self.ledger.stopped.add(version)
        answer = client.ask("StopSolutionVersionCreation", solutionVersionArn=version)
        if answer.code != "ResourceInUseException":
            self._done("stopped", answer)

    def _data_job(self, client: Client, kind: str) -> None:
        common = {"jobName": fresh_name(), "roleArn": ROLE}
        if kind.endswith("import"):
            source = {"dataLocation": self._world.s3("Users.csv")}
            mode = "INCREMENTAL" if kind.startswith("incremental") else "FULL"
            request: dict[str, Any] = {"datasetArn": self.datasets["Users"], "dataSource": source}
            request["importMode"] = mode
            name = "DatasetImportJob"
        elif kind == "deletion":
            source = {"dataLocation": self._world.s3("users.csv")}
            request = {"datasetGroupArn": self._world.group, "dataSource": source}
            name = "DataDeletionJob"
        elif kind == "export":
            request, name = (
                {"datasetArn": self.datasets["Items"], **self._world.export()},
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
            expected = self.seen(user, time.monotonic() - _VISIBLE_SECONDS)
            request = {"campaignArn": self.campaign, "userId": user, "filterArn": self.filter}
            answer = self._done(
                "GetRecommendations", client.ask("GetRecommendations", **request, numResults=80)
            )
            self.compare(user, answer, expected)
            yield

    def seen(self, user: str, before: float) -> set[str]:
        """Items of the newest events that a filter looks at."""
        newest = sorted(self.ledger.of_user[user][-60:])[-50:]
        return {item for _, item, when in newest if when < before}

    def compare(self, user: str, answer: Mapping[str, Any], expected: set[str]) -> None:
        wrong = {entry["itemId"] for entry in answer["itemList"]} & expected
        if wrong:
            self.findings.wrong.append(f"{user} was given {sorted(wrong)[:3]} in spite of events")
