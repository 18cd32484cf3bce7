"""Two regions of a server of the local cloud: taken down, brought back, and what travels between them."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

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
