"""Putting items back: each write has a condition that somebody who wrote meanwhile does not fulfil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from operations.restoring.kinds import Item, Kind, Way
from operations.restoring.mending import as_it_is
from pipeline.errors import TableBusy
from pipeline.experiments.items import experiment_pk
from pipeline.experiments.store import ExperimentStore
from pipeline.notifications.table import device_sk, key, owner_key, user_pk

PUT = "put back"
THERE = "there by now"
SOMEBODY_ELSES = "its endpoint is somebody else's by now"
NO_DEVICE = "its device is not there, or has another endpoint"
LATER = "a later version is there"
_ABSENT = "attribute_not_exists(pk)"
_REFUSED = "ConditionalCheckFailed"
_ATTEMPTS = 8


@dataclass(frozen=True)
class Writer:
    """client: of DynamoDB. What each method answers: `PUT`, or why it was not."""

    client: Any
    table: str

    def put_back(self, item: Item, kind: Kind) -> str:
        """Raises: TableBusy, ClientError."""
        if kind.way is Way.DEVICE:
            return self._device(item)
        if kind.way is Way.OWNER:
            return self._owner(item)
        if kind.way is Way.CURRENT and self._newest(item) > int(item["version"]["N"]):
            return LATER
        return self.put_absent(item)

    def put_absent(self, item: Item) -> str:
        return self._put(item, {"ConditionExpression": _ABSENT})

    def mend(self, now: Item, mended: Item) -> str:
        """now: as it was read; if it is not like that any more, nothing is written."""
        return self._put(mended, as_it_is(now))

    def _put(self, item: Item, condition: dict[str, Any]) -> str:
        try:
            self.client.put_item(TableName=self.table, Item=item, **condition)
        except self.client.exceptions.ConditionalCheckFailedException:
            return THERE
        return PUT

    def _newest(self, item: Item) -> int:
        use_case = str(item["pk"]["S"]).removeprefix(experiment_pk(""))
        return ExperimentStore(self.client, self.table, use_case).newest_version()

    def _device(self, item: Item) -> str:
        """With its owner, which says whose the endpoint is: a phone may have been handed on."""
        user = str(item["pk"]["S"]).removeprefix(user_pk(""))
        device = str(item["sk"]["S"]).removeprefix(device_sk(""))
        names = {"user": {"S": user}, "device": {"S": device}}
        owner = {**owner_key(item["endpoint"]["S"]), **names}
        reasons = self._transact(
            {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": _ABSENT}},
            {
                "Put": {
                    "TableName": self.table,
                    "Item": owner,
                    "ConditionExpression": f"{_ABSENT} OR (#user = :user AND #device = :device)",
                    "ExpressionAttributeNames": {f"#{name}": name for name in names},
                    "ExpressionAttributeValues": {f":{name}": value for name, value in names.items()},
                }
            },
        )
        if not reasons:
            return PUT
        return THERE if reasons[0] == _REFUSED else SOMEBODY_ELSES

    def _owner(self, item: Item) -> str:
        endpoint = {"S": str(item["pk"]["S"]).partition("#")[2]}
        device = key(user_pk(item["user"]["S"]), device_sk(item["device"]["S"]))
        reasons = self._transact(
            {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": _ABSENT}},
            {
                "ConditionCheck": {
                    "TableName": self.table,
                    "Key": device,
                    "ConditionExpression": "#endpoint = :endpoint",
                    "ExpressionAttributeNames": {"#endpoint": "endpoint"},
                    "ExpressionAttributeValues": {":endpoint": endpoint},
                }
            },
        )
        if not reasons:
            return PUT
        if reasons[1] == _REFUSED:
            return NO_DEVICE
        # Its device may have been put back with it.
        item_key = {"pk": item["pk"], "sk": item["sk"]}
        found = self.client.get_item(TableName=self.table, Key=item_key, ConsistentRead=True)
        return PUT if found.get("Item") == item else THERE

    def _transact(self, *writes: dict[str, Any]) -> list[str]:
        """Codes of the reasons why it was cancelled, in order; none if it was not. Raises: TableBusy."""
        codes: list[str] = []
        for _ in range(_ATTEMPTS):
            try:
                self.client.transact_write_items(TransactItems=list(writes))
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                found = error.response.get("CancellationReasons", [])
                codes = [str(reason.get("Code")) for reason in found]
                if _REFUSED in codes:
                    return codes
            else:
                return []
        raise TableBusy(f"{self.table}: a transaction was cancelled {_ATTEMPTS} times: {', '.join(codes)}")
