"""What Lambda hands to a consumer of SQS, and what it makes of the answer."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from local_cloud.functions.results import InvokeResult


def record(message: Any, source_arn: str, region: str) -> dict[str, Any]:
    """`message` is moto's, as received."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {
            name: _attribute(value) for name, value in (message.message_attributes or {}).items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": source_arn,
        "awsRegion": region,
    }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        binary = value["BinaryValue"]
        shown["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else str(binary)
    return shown


def failed_ids(result: InvokeResult, ids: Sequence[str], *, partial: bool) -> set[str]:
    """Which messages count as not processed: with `partial`, those that the answer names.

    An answer that cannot be understood fails the whole batch, as with Lambda.
    """
    everything = set(ids)
    if result.function_error:
        return everything
    if not partial:
        return set()
    answer = json.loads(result.payload)
    if not answer:
        return set()
    try:
        named = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return everything
    return named if named <= everything else everything
