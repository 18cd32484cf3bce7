"""Once per user and week: a claim before a message is sent, a mark after it.

Neither SES nor SNS can tell a repeated request from a new one. So a channel is claimed by a conditional
write, the message is sent, and the claim is marked. Whoever dies in between leaves a claim without a mark, of
which nobody knows whether the message left: it counts as uncertain and is not sent again, unless a person
says so.
DynamoDB's client does repeat a write whose answer was lost, and the repetition meets what the first one
wrote: a nonce tells a claim of one's own from another's.
The entry of the inbox is written in one transaction with its mark, and is never in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from pipeline.notifications.table import Attributes, NotificationTable, claim_sk, key, user_pk

IN_APP, PUSH, EMAIL = "in_app", "push", "email"
CHANNELS = (IN_APP, PUSH, EMAIL)

CLAIMED, SENT, FAILED, UNCERTAIN = "claimed", "sent", "failed", "uncertain"


class ClaimLost(Exception):
    """Somebody else has claimed a channel since the claim was read."""


class ClaimBusy(Exception):
    """DynamoDB put a transaction off, for haste or for another one on the same items."""


@dataclass(frozen=True)
class Claim:
    """states, runs: by channel. items: what is recommended, decided when the first channel was claimed."""

    states: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()

    @classmethod
    def of(cls, item: Attributes) -> Claim:
        def texts(suffix: str) -> dict[str, str]:
            return {c: item[c + suffix]["S"] for c in CHANNELS if c + suffix in item}

        items = tuple(element["S"] for element in item.get("items", {}).get("L", ()))
        return cls(texts("_state"), texts("_run"), texts("_reason"), items)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One write to a claim. marks: (state, reason) of channels that are claimed. take: a channel to claim.

    doubts: channels whose claim somebody else has left without a mark, unless it is marked by now.
    entry: of the inbox, whose writing is itself the sending in the app.
    retake: take a channel also from another run's claim that was never marked.
    """

    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    doubts: Collection[str] = ()
    take: str | None = None
    entry: Attributes | None = None
    retake: bool = False


def _unique() -> str:
    return uuid4().hex


@dataclass(frozen=True)
class Claims:
    """Claims of one run; `expires` (epoch seconds) is when they may be forgotten. nonce: of one write."""

    table: NotificationTable
    notification: str
    week: str
    run: str
    generation: str
    expires: int
    nonce: Callable[[], str] = _unique

    def write(self, user: str, step: Step, items: Sequence[str]) -> None:
        """All or nothing. Raises: ClaimLost, ClaimBusy; then nothing was written."""
        nonce = {"S": self.nonce()}
        update = self._update(user, step, items, nonce)
        client = self.table.client
        try:
            if step.entry is None:
                client.update_item(**update)
                return
            put = {
                "TableName": self.table.name,
                "Item": step.entry,
                "ConditionExpression": "attribute_not_exists(pk)",
            }
            client.transact_write_items(TransactItems=[{"Update": update}, {"Put": put}])
        except ClientError as error:
            found = _unfulfilled(error)
            if found is None:
                raise
            if found.get("nonce") != nonce:
                raise ClaimLost("a claim changed while it was looked at") from error

    def _update(
        self, user: str, step: Step, items: Sequence[str], nonce: Mapping[str, str]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {
            ":nonce": nonce,
            ":run": {"S": self.run},
            ":items": {"L": [{"S": item} for item in items]},
            ":generation": {"S": self.generation},
            ":expires": {"N": str(self.expires)},
        }
        sets = [
            "nonce = :nonce",
            "#items = if_not_exists(#items, :items)",
            "generation = if_not_exists(generation, :generation)",
            "expires = :expires",
        ]
        conditions = []
        marks = {**step.marks, **dict.fromkeys(step.doubts, (UNCERTAIN, "died_while_sending"))}
        states = {channel: state for channel, (state, _) in marks.items()}
        if step.doubts:
            conditions += [f"{channel}_state = :claimed" for channel in step.doubts]
            values[":claimed"] = {"S": CLAIMED}
        if step.take:
            states[step.take] = CLAIMED
            conditions.append(_free(step.take, step.retake))
            values[":failed"] = {"S": FAILED}
            if step.retake:
                values |= {":claimed": {"S": CLAIMED}, ":uncertain": {"S": UNCERTAIN}}
        if step.entry is not None:
            states[IN_APP] = SENT
            conditions.append(f"attribute_not_exists({IN_APP}_state)")
        for channel, state in states.items():
            sets += [f"{channel}_state = :{channel}_state", f"{channel}_run = :run"]
            values[f":{channel}_state"] = {"S": state}
        for channel, (_, reason) in marks.items():
            if reason:
                sets.append(f"{channel}_reason = :{channel}_reason")
                values[f":{channel}_reason"] = {"S": reason[:200]}
        update = {
            "TableName": self.table.name,
            "Key": key(user_pk(user), claim_sk(self.week, self.notification)),
            "UpdateExpression": "SET " + ", ".join(sets),
            "ExpressionAttributeNames": {"#items": "items"},
            "ExpressionAttributeValues": values,
        }
        if conditions:
            update["ConditionExpression"] = " AND ".join(conditions)
            update["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return update


def _free(channel: str, retake: bool) -> str:
    name = f"{channel}_state"
    unmarked = f" OR ({name} IN (:claimed, :uncertain) AND {channel}_run <> :run)" if retake else ""
    return f"(attribute_not_exists({name}) OR {name} = :failed{unmarked})"


def _unfulfilled(error: ClientError) -> Attributes | None:
    """The claim that did not fulfil a write's condition; none if the error is another. Raises: ClaimBusy."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return dict(error.response.get("Item", {}))
    if code != "TransactionCanceledException":
        return None
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    codes = {str(reason.get("Code")) for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        # The claim's write is the first of the transaction.
        return dict(reasons[0].get("Item", {}))
    if codes & _PUT_OFF:
        raise ClaimBusy(", ".join(sorted(codes & _PUT_OFF))) from error
    return None


_PUT_OFF = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""Reasons of a cancellation: API reference of DynamoDB, TransactWriteItems."""
