"""Event invocations: accepted at once, retried, and sent to a destination in the end."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from local_cloud.functions.executor import Executor, role_keys
from local_cloud.functions.pool import PoolClosed
from local_cloud.functions.results import InvokeResult
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.regions.reach import Reach, RegionDown

DEFAULT_RETRIES = 2
FIRST_RETRY_SECONDS = 60.0


class BackgroundInvocations:
    """What a region has accepted it keeps while it is down, and goes on with when it is back."""

    def __init__(self, settings: Settings, executor: Executor, reach: Reach) -> None:
        self._settings = settings
        self._executor = executor
        self._reach = reach

    def submit(self, function: Any, payload: bytes, request_id: str) -> None:
        Thread(target=self._run, args=(function, payload, request_id), name=request_id, daemon=True).start()

    def _run(self, function: Any, payload: bytes, request_id: str) -> None:
        with suppress(PoolClosed):
            self._try(function, payload, request_id)

    def _try(self, function: Any, payload: bytes, request_id: str) -> None:
        configuration = function.event_invoke_config[-1].config if function.event_invoke_config else {}
        retries = configuration.get("MaximumRetryAttempts", DEFAULT_RETRIES)
        for attempt in range(1 + retries):
            if attempt:
                time.sleep(FIRST_RETRY_SECONDS * attempt / self._settings.time_scale)
            result = self._invoked(function, payload, request_id)
            if not result.function_error:
                break
        outcome = "OnFailure" if result.function_error else "OnSuccess"
        destination = configuration.get("DestinationConfig", {}).get(outcome, {}).get("Destination")
        if destination:
            self._send(function, destination, _record(function, payload, result, attempts=attempt + 1))
        dead_letters = function.further_configuration.get("DeadLetterConfig", {}).get("TargetArn")
        if result.function_error and dead_letters:
            self._send_dead_letter(function, dead_letters, payload, result)

    def _invoked(self, function: Any, payload: bytes, request_id: str) -> InvokeResult:
        while True:
            self._reach.wait(function.region)
            with suppress(RegionDown):
                return self._executor.invoke(function, payload, request_id)

    def _send(self, function: Any, destination: str, record: dict[str, Any]) -> None:
        service, region, name = (
            destination.split(":")[2],
            destination.split(":")[3],
            destination.split(":")[-1],
        )
        target = client(self._settings, service, region, role_keys(function))
        body = json.dumps(record)
        if service == "sqs":
            target.send_message(QueueUrl=target.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=body)
        elif service == "sns":
            target.publish(TopicArn=destination, Message=body)
        elif service == "lambda":
            target.invoke(FunctionName=destination, InvocationType="Event", Payload=body)
        elif service == "events":
            success = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
            entry = {
                "Source": "lambda",
                "DetailType": f"Lambda Function Invocation Result - {success}",
                "Resources": [destination, function.function_arn],
                "Detail": body,
                "EventBusName": destination,
            }
            target.put_events(Entries=[entry])
        else:
            raise NotImplementedError(f"a function's destination at {service}: {destination}")

    def _send_dead_letter(self, function: Any, target_arn: str, payload: bytes, result: InvokeResult) -> None:
        region, name = target_arn.split(":")[3], target_arn.split(":")[-1]
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": result.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {
                "DataType": "String",
                "StringValue": json.loads(result.payload)["errorMessage"][:1024] or "-",
            },
        }
        if target_arn.split(":")[2] == "sqs":
            sqs = client(self._settings, "sqs", region, role_keys(function))
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=payload.decode(), MessageAttributes=attributes)
        else:
            client(self._settings, "sns", region, role_keys(function)).publish(
                TopicArn=target_arn, Message=payload.decode(), MessageAttributes=attributes
            )


def _record(function: Any, payload: bytes, result: InvokeResult, *, attempts: int) -> dict[str, Any]:
    """An invocation record as Lambda sends it to destinations, version 1.0."""
    failure = {"functionError": result.function_error} if result.function_error else {}
    return {
        "version": "1.0",
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "requestContext": {
            "requestId": result.request_id,
            "functionArn": f"{function.function_arn}:$LATEST",
            "condition": "RetriesExhausted" if result.function_error else "Success",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload or b"{}"),
        "responseContext": {"statusCode": 200, "executedVersion": result.executed_version, **failure},
        "responsePayload": json.loads(result.payload),
    }
