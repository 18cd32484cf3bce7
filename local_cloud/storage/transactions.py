"""TransactWriteItems: all conditions first, then all writes; a write that fails undoes those before it."""

import copy
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models.dynamo_type import DynamoType

_MOST = 100
_Reason = tuple[str | None, str | None, dict[str, Any] | None]
_FINE: _Reason = (None, None, None)


@dataclass(frozen=True)
class _Write:
    kind: str
    details: dict[str, Any]
    table: Any
    hash_key: DynamoType
    range_key: DynamoType | None

    def current(self) -> Any:
        return self.table.get_item(self.hash_key, self.range_key)


def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
    """In place of moto's method; nobody else may write meanwhile.

    Raises: TooManyTransactionsException, MultipleTransactionsException, or what a refused write is told.
    """
    if len(transact_items) > _MOST:
        raise TooManyTransactionsException()
    writes = [_write(self, item) for item in transact_items]
    if len({(id(write.table), write.hash_key, write.range_key) for write in writes}) < len(writes):
        raise MultipleTransactionsException()
    _cancel_if([_refusal(write) for write in writes])
    before = [(write, copy.deepcopy(write.current())) for write in writes]
    reasons = []
    try:
        for write in writes:
            reasons.append(_apply(self, write))
    except MockValidationException:
        _undo(before)
        raise
    if any(code for code, _, _ in reasons):
        _undo(before)
        _cancel_if(reasons)


def _write(backend: Any, item: dict[str, Any]) -> _Write:
    if len(item) != 1:
        raise TransactWriteSingleOpException
    [(kind, details)] = item.items()
    table = backend.get_table(details["TableName"])
    key = details["Item"] if kind == "Put" else details["Key"]
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    return _Write(kind, details, table, DynamoType(key[table.hash_key_attr]), range_key)


def _refusal(write: _Write) -> _Reason:
    condition = write.details.get("ConditionExpression")
    if condition is None:
        return _FINE
    names = write.details.get("ExpressionAttributeNames")
    values = write.details.get("ExpressionAttributeValues")
    current = write.current()
    if get_filter_expression(condition, names, values).expr(current):
        return _FINE
    shown = write.details.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and current
    item = current.to_json()["Attributes"] if shown else None
    return ("ConditionalCheckFailed", str(ConditionalCheckFailed().message), item)


def _apply(backend: Any, write: _Write) -> _Reason:
    details = write.details
    names, values = (details.get(f"ExpressionAttribute{what}") for what in ("Names", "Values"))
    try:
        if write.kind == "Put":
            backend.put_item(details["TableName"], details["Item"])
        elif write.kind == "Delete":
            backend.delete_item(details["TableName"], details["Key"])
        elif write.kind == "Update":
            backend.update_item(
                details["TableName"],
                details["Key"],
                update_expression=details["UpdateExpression"],
                expression_attribute_names=names,
                expression_attribute_values=values,
            )
        elif write.kind != "ConditionCheck":
            raise NotImplementedError(f"a transaction with {write.kind}")
    except (MockValidationException, NotImplementedError):
        raise
    except Exception as error:  # moto's own way: any other failure is a reason of the cancellation
        return (type(error).__name__, str(error), None)
    return _FINE


def _cancel_if(reasons: list[_Reason]) -> None:
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)


def _undo(before: list[tuple[_Write, Any]]) -> None:
    for write, item in before:
        if item is None:
            write.table.delete_item(write.hash_key, write.range_key)
        elif write.range_key is not None:
            write.table.items[write.hash_key][write.range_key] = item
        else:
            write.table.items[write.hash_key] = item
