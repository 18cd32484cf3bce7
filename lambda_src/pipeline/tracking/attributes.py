"""Attributes of new users and items, told to Amazon Personalize between two trainings.

Messages may overtake each other. The table keeps the newest attributes of everybody for a while, and what is
sent is what it keeps, so that an older message never has the last word.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import InvalidInput
from pipeline.tracking.use_cases import ITEMS, USERS, TrackedUseCase

KIND = "attributes"
PER_CALL = 10
MOST_CHARACTERS = {USERS: 24_000, ITEMS: 32_000}
"""Of properties, as PutUsers and PutItems take them."""
_REFUSED = "InvalidInputException"
_KEPT_DAYS = 35
_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """dataset: users or items. at: milliseconds since 1970. values: by column in camel case."""

    use_case: str
    dataset: str
    id: str
    at: int
    values: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises: InvalidInput."""
        kinds = {"use_case": str, "dataset": str, "id": str, "at": int, "values": dict}
        if not isinstance(value, Mapping) or not value.keys() >= kinds.keys():
            raise InvalidInput(f"attributes must be an object of {', '.join(kinds)}")
        wrong = [name for name, kind in kinds.items() if type(value[name]) is not kind]
        if wrong:
            raise InvalidInput(f"of the wrong type: {', '.join(wrong)}")
        return cls(**{name: value[name] for name in kinds})


def properties(values: Mapping[str, Any]) -> str:
    """As the service takes them."""
    return json.dumps(values, ensure_ascii=False)


@dataclass(frozen=True)
class Newest:
    """What the table keeps of somebody; properties as the service takes them."""

    at: int
    properties: str


@dataclass(frozen=True)
class Refused:
    """Attributes that were not taken, and why."""

    attributes: Attributes
    reason: str


@dataclass(frozen=True)
class AttributeSender:
    """`events` is a client of personalize-events, `dynamodb` of DynamoDB."""

    events: Any
    dynamodb: Any
    table: str
    clock: Callable[[], float] = time.time

    def send(self, use_case: TrackedUseCase, dataset: str, posted: Sequence[Attributes]) -> list[Refused]:
        """Sends the newest attributes that are known, and again those that newer ones came for meanwhile.

        Errors of the table: ClientError, BotoCoreError.
        """
        target = use_case.attributes.get(dataset)
        if target is None:
            return [Refused(entry, f"{use_case.name} has no dataset of {dataset}") for entry in posted]
        self.remember(posted)
        latest = {entry.id: entry for entry in posted}
        failed: dict[str, str] = {}
        due = {id_: self._newest(entry) for id_, entry in latest.items()}
        while due:
            failed |= self._put(dataset, target.arn, list(due.items()))
            now = {id_: self._newest(latest[id_]) for id_ in due if id_ not in failed}
            due = {id_: newest for id_, newest in now.items() if newest != due[id_]}
        return [Refused(entry, failed[entry.id]) for entry in posted if entry.id in failed]

    def remember(self, posted: Sequence[Attributes]) -> None:
        """Keeps what is newer than what it has. Errors of the table: ClientError, BotoCoreError."""
        for entry in posted:
            self._remember(entry)

    def _put(self, dataset: str, arn: str, records: Sequence[tuple[str, Newest]]) -> dict[str, str]:
        """The reasons by id for those that were not taken."""
        refused: dict[str, str] = {}
        for start in range(0, len(records), PER_CALL):
            refused |= self._put_call(dataset, arn, records[start : start + PER_CALL])
        return refused

    def _put_call(self, dataset: str, arn: str, records: Sequence[tuple[str, Newest]]) -> dict[str, str]:
        word = "user" if dataset == USERS else "item"
        put = self.events.put_users if dataset == USERS else self.events.put_items
        entries = [{f"{word}Id": id_, "properties": newest.properties} for id_, newest in records]
        try:
            put(datasetArn=arn, **{f"{word}s": entries})
        except ClientError as error:
            details = error.response["Error"]
            if details["Code"] == _REFUSED and len(records) > 1:
                middle = len(records) // 2
                first = self._put_call(dataset, arn, records[:middle])
                return first | self._put_call(dataset, arn, records[middle:])
            return {id_: f"{details['Code']}: {details.get('Message', '')}" for id_, _ in records}
        except BotoCoreError as error:
            return {id_: f"{type(error).__name__}: {error}" for id_, _ in records}
        return {}

    def _remember(self, posted: Attributes) -> None:
        try:
            self.dynamodb.put_item(
                TableName=self.table,
                Item={
                    **_key(posted),
                    "at": {"N": str(posted.at)},
                    "properties": {"S": properties(posted.values)},
                    "expires": {"N": str(int(self.clock()) + _KEPT_DAYS * _DAY)},
                },
                ConditionExpression="attribute_not_exists(pk) OR #at < :at",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":at": {"N": str(posted.at)}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _newest(self, posted: Attributes) -> Newest:
        answer = self.dynamodb.get_item(TableName=self.table, Key=_key(posted), ConsistentRead=True)
        item = answer["Item"]
        return Newest(int(item["at"]["N"]), item["properties"]["S"])


def _key(posted: Attributes) -> dict[str, Any]:
    return {
        "pk": {"S": f"attributes#{posted.use_case}#{posted.dataset}#{posted.id}"},
        "sk": {"S": "newest"},
    }
