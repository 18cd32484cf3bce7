"""The serving table as the API reads it: one call per list, no waiting for a table that does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    ReadTimeoutError,
)

from pipeline.errors import ExperimentBroken, UnknownFormat
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.items import current_key, experiment_of
from pipeline.serving.waiting import Waiting
from pipeline.serving_items import Attributes, pointed_variant, pointer_pk, popular_key, user_key
from pipeline.terms import Rank, Term, rank_of
from pipeline.withholding.reading import Denied, read_denied

Items = tuple[str, ...]

COPYING_SECONDS = 900
"""Global tables copy items in no order: for so long may a replica lack some of what its pointer names."""


class TableFailed(Exception):
    """The table did not answer or refused, throttled for example."""


@dataclass(frozen=True)
class Visible:
    """previous: what readers saw before, as long as copies of the generation may be under way. earlier: what
    they saw last of the epoch before, which will do as long as nothing else has been copied. rank: in whose
    name it was published.
    """

    generation: str
    previous: str | None
    earlier: str | None = None
    rank: Rank = Term().rank


@dataclass(frozen=True)
class Look:
    """visible: by variant, what readers see of it. experiment: None without one, or if it is broken.
    broken: what is wrong with it, or that a newer version wrote it.
    """

    visible: Mapping[str, Visible]
    experiment: Experiment | None = None
    broken: str | None = None


@dataclass(frozen=True)
class Table:
    """client: of DynamoDB, with short time-outs and no retries of its own."""

    client: Any
    name: str
    waiting: Waiting
    clock: Callable[[], float] = time.time

    def look(self, use_case: str, variants: Sequence[str]) -> Look:
        """By the pointers; strongly consistent, so that nothing goes back. One read for all variants.

        Where there are several variants the experiment is read too.
        """
        found = self._pointers(use_case)
        visible = {variant: self._visible(found[variant]) for variant in variants if variant in found}
        if len(variants) == 1:
            return Look(visible)
        written = self._get(current_key(use_case), consistent=True)
        if written is None:
            return Look(visible)
        try:
            return Look(visible, experiment_of(written, use_case))
        except (ExperimentBroken, UnknownFormat) as error:
            return Look(visible, None, str(error))

    def published_at(self, use_case: str, variants: Sequence[str]) -> float | None:
        """When the newest that readers see of the use case was published, in seconds since 1970; None if
        nothing of it was. Raises: TableFailed.
        """
        found = self._pointers(use_case)
        seen = [found[variant][0]["published_at"]["S"] for variant in variants if variant in found]
        return max((datetime.fromisoformat(moment).timestamp() for moment in seen), default=None)

    def _pointers(self, use_case: str) -> dict[str, list[Attributes]]:
        """By variant, that of the highest epoch first: each region that was ever active has one."""
        items = self._query(pointer_pk(use_case), ConsistentRead=True)["Items"]
        found: dict[str, list[Attributes]] = {}
        for item in sorted(items, key=rank_of, reverse=True):
            found.setdefault(pointed_variant(item["sk"]["S"]), []).append(item)
        return found

    def _visible(self, pointers: Sequence[Attributes]) -> Visible:
        item, *others = pointers
        age = self.clock() - datetime.fromisoformat(item["published_at"]["S"]).timestamp()
        previous = item["previous"]["S"] if "previous" in item and age < COPYING_SECONDS else None
        earlier = others[0]["generation"]["S"] if others else None
        return Visible(item["generation"]["S"], previous, earlier, rank_of(item))

    def own_list(self, use_case: str, id_: str, variant: str, generation: str) -> Items | None:
        """Of a user, or of an item in a use case of similar items; None without one, or when it expired."""
        key = {"pk": {"S": user_key(use_case, id_)}, "sk": {"S": f"{variant}#{generation}"}}
        return self._list(self._get(key))

    def popular(self, use_case: str, variant: str, generation: str) -> Items | None:
        return self._list(self._get(popular_key(use_case, variant, generation)))

    def newest_popular(self, use_case: str, variant: str) -> tuple[str, Items] | None:
        """With its generation; for when the pointer is missing."""
        answer = self._query(f"popular#{use_case}", f"{variant}#", ScanIndexForward=False, Limit=1)
        for item in answer["Items"]:
            items = self._list(item)
            if items is not None:
                return item["sk"]["S"].partition("#")[2], items
        return None

    def catalogue(self, use_case: str, variant: str, generation: str) -> Items | None:
        """All pages; None when they are not there, not all there, or expired."""
        found: list[str] = []
        pages = wanted = 0
        start: dict[str, Any] = {}
        while True:
            answer = self._query(f"catalogue#{use_case}", f"{variant}#{generation}#", **start)
            for item in answer["Items"]:
                page = self._list(item)
                if page is None:
                    return None
                found += page
                pages, wanted = pages + 1, int(item["pages"]["N"])
            if "LastEvaluatedKey" not in answer:
                return tuple(found) if pages and pages == wanted else None
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def denied(self, use_case: str) -> Denied:
        """Raises: TableFailed."""
        return read_denied(partial(self.ask, "query"), use_case)

    def ask(self, operation: str, **arguments: Any) -> Any:
        """A reading one of the client, of this table. Raises: TableFailed."""
        return self._call(lambda: getattr(self.client, operation)(TableName=self.name, **arguments))

    def _get(self, key: Attributes, *, consistent: bool = False) -> Attributes | None:
        answer = self._call(
            lambda: self.client.get_item(TableName=self.name, Key=key, ConsistentRead=consistent)
        )
        item: Attributes | None = answer.get("Item")
        return item

    def _query(self, pk: str, sk_prefix: str = "", **more: Any) -> Any:
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if sk_prefix:
            condition += " AND begins_with(sk, :sk)"
            values[":sk"] = {"S": sk_prefix}
        return self._call(
            lambda: self.client.query(
                TableName=self.name,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                **more,
            )
        )

    def _list(self, item: Attributes | None) -> Items | None:
        if item is None or int(item["expires"]["N"]) <= self.clock():
            return None
        return tuple([element["S"] for element in item["items"]["L"]])

    def _call(self, operation: Callable[[], Any]) -> Any:
        """A connection that was closed while the function slept is worth a second attempt, at once."""
        with self.waiting:
            try:
                try:
                    return operation()
                except ConnectionClosedError:
                    return operation()
            except ClientError as error:
                raise TableFailed(error.response["Error"].get("Code", "?")) from error
            except (ConnectTimeoutError, ReadTimeoutError) as error:
                raise TableFailed("timeout") from error
            except BotoCoreError as error:
                raise TableFailed(type(error).__name__) from error
