"""Experiments in the serving table: what is current, what was, and changes that nobody overtakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import ExperimentBroken, ExperimentChanged, UnknownFormat
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.items import (
    VERSION,
    current_key,
    experiment_of,
    experiment_pk,
    item_of,
    version_key,
)
from pipeline.serving_items import Attributes

_CANCELLED = "TransactionCanceledException"


@dataclass(frozen=True)
class Past:
    """A version as it was kept; unreadable: why it cannot be read any more, or not yet."""

    number: int
    experiment: Experiment | None
    unreadable: str | None = None


@dataclass(frozen=True)
class ExperimentStore:
    """Of one use case; `client` is a DynamoDB client."""

    client: Any
    table: str
    use_case: str

    def current(self) -> Experiment | None:
        """Raises: UnknownFormat, if a newer version wrote it; ExperimentBroken, which names every problem."""
        return self._read(current_key(self.use_case))

    def version(self, number: int) -> Experiment | None:
        """None if there was none of this number. Raises: as `current`."""
        return self._read(version_key(self.use_case, number))

    def history(self) -> Iterator[Past]:
        """Oldest first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table, ConsistentRead=True, **self._versions()
        )
        for page in pages:
            for item in page["Items"]:
                number = _number(item)
                try:
                    yield Past(number, experiment_of(item, self.use_case))
                except (ExperimentBroken, UnknownFormat) as error:
                    yield Past(number, None, str(error))

    def newest_version(self) -> int:
        """Of the history; 0 if there is none."""
        answer = self.client.query(
            TableName=self.table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
            **self._versions(),
        )
        return max((_number(item) for item in answer["Items"]), default=0)

    def change(self, before: Experiment | None, after: Experiment) -> None:
        """The new version becomes the current one, and is kept.

        Raises: ExperimentChanged, if the current one is not `before` any more.
        """
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before is not None:
            condition = {
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":before": {"N": str(before.version)}},
            }
        kept = item_of(after, version_key(self.use_case, after.version))
        current = item_of(after, current_key(self.use_case))
        try:
            self.client.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": self.table, "Item": current, **condition}},
                    {
                        "Put": {
                            "TableName": self.table,
                            "Item": kept,
                            "ConditionExpression": "attribute_not_exists(pk)",
                        }
                    },
                ]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CANCELLED:
                raise
            if self._get(version_key(self.use_case, after.version)) == kept:
                # The answer to an earlier attempt was lost.
                return
            raise ExperimentChanged(
                f"{self.use_case}: nothing was changed: somebody else changed the experiment at the same "
                "time; look at it again (show) and repeat what is still wanted"
            ) from error

    def _read(self, key: Attributes) -> Experiment | None:
        item = self._get(key)
        return None if item is None else experiment_of(item, self.use_case)

    def _get(self, key: Attributes) -> Attributes | None:
        answer = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        item: Attributes | None = answer.get("Item")
        return item

    def _versions(self) -> dict[str, Any]:
        return {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": {
                ":pk": {"S": experiment_pk(self.use_case)},
                ":sk": {"S": f"{VERSION}#"},
            },
        }


def _number(item: Attributes) -> int:
    return int(item["sk"]["S"].partition("#")[2])
