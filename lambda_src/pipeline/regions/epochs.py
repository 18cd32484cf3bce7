"""The epochs of a stage, as one region's copy of the serving table has them; and how the next one begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import SwitchRefused
from pipeline.regions.epoch import ACTIVE, ACTIVE_REGION, DRAINING, Epoch, epoch_of, first_epoch, item_of
from pipeline.times import iso


@dataclass(frozen=True, kw_only=True)
class Note:
    """Who changes something, and why."""

    by: str
    why: str


@dataclass(frozen=True)
class Epochs:
    """client: of DynamoDB in `region`. primary: the configuration's, which is active in epoch 0."""

    client: Any
    table: str
    region: str
    primary: str
    clock: Callable[[], float] = time.time

    def current(self) -> Epoch:
        """The highest one, by what has arrived here. Raises: UnknownFormat."""
        return next(self._newest_first(Limit=1), first_epoch(self.primary))

    def history(self) -> list[Epoch]:
        """Those that somebody began or changed, oldest first. Raises: UnknownFormat."""
        return [*self._newest_first()][::-1]

    def drain(self, note: Note) -> Epoch:
        """Nothing begins any more, and what runs ends: before another region takes over. Who stays after all
        takes over itself.

        Raises: SwitchRefused, if this region is not the active one; UnknownFormat.
        """
        before = self.current()
        if before.region != self.region:
            raise SwitchRefused(f"{before.words}, and not {self.region}")
        after = replace(before, state=DRAINING, by=note.by, why=note.why)
        return self._write(after, "attribute_not_exists(pk) OR #state = :before", {":before": before.state})

    def take_over(
        self, note: Note, *, others: Mapping[str, Epochs], lost: Collection[str] = (), known: int = 0
    ) -> Epoch:
        """Makes this region the active one, in the next epoch.

        others: every other region that may be active. lost: those of them that do not answer. known: the
        highest epoch that anybody has seen, if it may not have been copied here before its region was lost.
        Whoever was active must have been drained, and the copies of what it wrote be here, or be lost.
        Raises: SwitchRefused, UnknownFormat.
        """
        before, problems = self.highest(others, lost)
        if before.region == self.region and before.state == ACTIVE and known <= before.number:
            problems.append(f"{self.region} is the active region already")
        elif before.region != self.region and before.region not in lost and before.state != DRAINING:
            problems.append(f"{before.words}: drain it first, or say that it is lost")
        problems += [
            f"{name} must be said" for name, said in (("by", note.by), ("why", note.why)) if not said
        ]
        if problems:
            raise SwitchRefused("\n".join(problems))
        after = Epoch(
            number=max(before.number, known) + 1,
            region=self.region,
            since=iso(self.clock()),
            by=note.by,
            why=note.why,
            lost=tuple(sorted(lost)),
            unheard=known if known > before.number else 0,
        )
        return self._write(after, "attribute_not_exists(pk)", {})

    def highest(self, others: Mapping[str, Epochs], lost: Collection[str]) -> tuple[Epoch, list[str]]:
        """Of all regions but those that are lost, with the reasons why it may not be the highest one; of its
        state its own region knows most.

        Raises: UnknownFormat.
        """
        problems = [f"{region} is no other region of the stage" for region in lost if region not in others]
        found = {self.region: self.current()}
        for region, epochs in others.items():
            if region in lost:
                continue
            try:
                found[region] = epochs.current()
            except (ClientError, BotoCoreError) as error:
                problems.append(f"{region} does not answer, and may have been switched to: {error}"[:300])
        highest = max(found.values(), key=lambda epoch: epoch.term.rank)
        own = found.get(highest.region, highest)
        return own if own.term == highest.term else highest, problems

    def _write(self, epoch: Epoch, condition: str, states: Mapping[str, str]) -> Epoch:
        values = {
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {name: {"S": state} for name, state in states.items()},
        }
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item_of(epoch),
                ConditionExpression=condition,
                **(values if states else {}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # The answer to an earlier attempt may have been lost.
            if self.current() != epoch:
                raise SwitchRefused(
                    "somebody else changed the active region at the same time: look at it again"
                ) from error
        return epoch

    def _newest_first(self, **limit: int) -> Iterator[Epoch]:
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": ACTIVE_REGION}},
            ScanIndexForward=False,
            ConsistentRead=True,
            **limit,
        )
        for item in answer["Items"]:
            yield epoch_of(item)
