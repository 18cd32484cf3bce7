"""Two regions of a server of the local cloud: taken down, brought back, and what travels between them."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

from hypothesis import strategies as st

from tests.local_cloud.support.local_aws import LocalAws

HOME, AWAY = "eu-west-1", "eu-central-1"
Item = dict[str, Any]


@dataclass(frozen=True)
class Regions:
    aws: LocalAws

    def ask(self, path: str = "", document: Any = None) -> dict[str, Any]:
        """GET without a document, else POST."""
        url = f"{self.aws.settings.endpoint_url}/_local/{path or 'regions'}"
        body = None if document is None else json.dumps(document).encode()
        try:
            with urlopen(Request(url, data=body), timeout=30) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except HTTPError as problem:
            return {"status": problem.code, **json.load(problem)}

    def down(self, region: str) -> None:
        self.ask(f"regions/down/{region}", {})

    def up(self, region: str) -> None:
        self.ask(f"regions/up/{region}", {})

    def links(self, way: str = "", **how: Any) -> None:
        told = self.ask(f"regions/links{way}", how)
        assert "links" in told, told

    def drained(self) -> bool:
        return bool(self.ask("regions/drain", {"seconds": 20})["drained"])

    def restore(self) -> None:
        for region in self.ask()["down"]:
            self.up(region)
        for link in self.ask()["links"]:
            self.links(f"/{link['from']}/{link['to']}")
        self.links()
        self.drained()

    def replicated_table(self, **more: Any) -> str:
        """At home, with a replica away."""
        name = f"table-{uuid4().hex[:8]}"
        home = self.aws.client("dynamodb", HOME)
        home.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            **more,
        )
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
        return name

    def items(self, table: str, region: str) -> dict[str, Item]:
        """By the partition key's text."""
        found = self.aws.client("dynamodb", region).scan(TableName=table, ConsistentRead=True)["Items"]
        return {item["pk"]["S"]: item for item in found}


def key(name: str) -> Item:
    return {"pk": {"S": name}, "sk": {"S": "-"}}


def item(name: str, value: int) -> Item:
    return {**key(name), "value": {"N": str(value)}}


@dataclass(frozen=True)
class Step:
    """kind: put, add, delete, batch and both are writes in a region; pause, resume and shuffle are of the
    link out of it; down and up of itself.
    """

    kind: str
    region: str
    name: str = "a"
    value: int = 0


WAYS: dict[str, Item] = {
    "pause": {"paused": True},
    "resume": {"seconds": 0},
    "shuffle": {"seconds": 0.01, "shuffled": True},
}
WRITES = ("put", "add", "delete", "batch", "both")
_STEPS = st.builds(
    Step,
    kind=st.sampled_from((*WRITES, *WRITES, *WAYS, "down", "up")),
    region=st.sampled_from((HOME, AWAY)),
    name=st.sampled_from("abc"),
    value=st.integers(0, 9),
)
HISTORIES = st.lists(_STEPS, min_size=2, max_size=25)


@dataclass
class History:
    """What two regions are told one after the other, and what the last writer of each item has made of it."""

    regions: Regions
    table: str
    last: dict[str, Item] = field(default_factory=dict)

    def tell(self, steps: list[Step]) -> None:
        for step in steps:
            if step.kind in WRITES:
                if step.region not in self.regions.ask()["down"]:
                    self._write(step, self.regions.aws.client("dynamodb", step.region))
            elif step.kind in ("down", "up"):
                getattr(self.regions, step.kind)(step.region)
            else:
                away = AWAY if step.region == HOME else HOME
                self.regions.links(f"/{step.region}/{away}", seed=step.value, **WAYS[step.kind])

    def _write(self, step: Step, db: Any) -> None:
        made = item(step.name, step.value)
        match step.kind:
            case "put":
                db.put_item(TableName=self.table, Item=made)
                self.last[step.name] = made
            case "batch":
                db.batch_write_item(RequestItems={self.table: [{"PutRequest": {"Item": made}}]})
                self.last[step.name] = made
            case "both":
                names = (step.name, f"{step.name}{step.name}")
                items = [item(name, step.value) for name in names]
                db.transact_write_items(
                    TransactItems=[{"Put": {"TableName": self.table, "Item": each}} for each in items]
                )
                self.last |= dict(zip(names, items, strict=True))
            case "add":
                # What it comes to depends on what has arrived.
                told = db.update_item(
                    TableName=self.table,
                    Key=key(step.name),
                    UpdateExpression="ADD #v :n",
                    ExpressionAttributeNames={"#v": "value"},
                    ExpressionAttributeValues={":n": {"N": str(step.value)}},
                    ReturnValues="ALL_NEW",
                )
                self.last[step.name] = told["Attributes"]
            case "delete":
                told = db.delete_item(TableName=self.table, Key=key(step.name), ReturnValues="ALL_OLD")
                # What is not here is not deleted, and may be on its way.
                if "Attributes" in told:
                    self.last.pop(step.name, None)

    def check(self) -> None:
        """Everything has arrived."""
        self.regions.restore()
        found = [self.regions.items(self.table, region) for region in (HOME, AWAY)]
        assert found == [self.last, self.last]


def told(regions: Regions, steps: list[Step]) -> None:
    history = History(regions, regions.replicated_table())
    try:
        history.tell(steps)
        history.check()
    finally:
        regions.restore()
        regions.aws.client("dynamodb", HOME).update_table(
            TableName=history.table, ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}]
        )
