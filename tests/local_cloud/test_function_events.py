"""Event invocations of functions of the local cloud: accepted at once, retried, and where they end."""

import json
from typing import Any

from tests.local_cloud.support.functions import invoke, with_function
from tests.local_cloud.support.stacks import Stacks, get, ref, resource


def test_an_event_invocation_is_accepted_at_once_retried_twice_and_ends_in_its_destination(
    stacks: Stacks,
) -> None:
    stack = stacks.create(
        {
            **with_function(DeadLetterConfig={"TargetArn": get("Letters", "Arn")}),
            "Queue": resource("AWS::SQS::Queue"),
            "Letters": resource("AWS::SQS::Queue"),
            "Async": resource(
                "AWS::Lambda::EventInvokeConfig",
                FunctionName=ref("Function"),
                Qualifier="$LATEST",
                DestinationConfig={"OnFailure": {"Destination": get("Queue", "Arn")}},
            ),
        }
    )

    answer = invoke(stack, {"do": "raise"}, InvocationType="Event")

    assert answer["StatusCode"] == 202
    record = json.loads(stacks.aws.received(stack.id_of("Queue"))[0])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"] == {"do": "raise"}
    assert record["responsePayload"]["errorType"] == "NotToday"
    assert json.loads(stacks.aws.received(stack.id_of("Letters"))[0]) == {"do": "raise"}


def test_changed_retries_of_event_invocations_hold(stacks: Stacks) -> None:
    def asynchronous(retries: int) -> dict[str, Any]:
        return {
            **with_function(),
            "Queue": resource("AWS::SQS::Queue"),
            "Async": resource(
                "AWS::Lambda::EventInvokeConfig",
                FunctionName=ref("Function"),
                Qualifier="$LATEST",
                MaximumRetryAttempts=retries,
                DestinationConfig={"OnFailure": {"Destination": get("Queue", "Arn")}},
            ),
        }

    stack = stacks.create(asynchronous(1))
    stack.update(asynchronous(0))

    invoke(stack, {"do": "raise"}, InvocationType="Event")

    record = json.loads(stacks.aws.received(stack.id_of("Queue"))[0])
    assert record["requestContext"]["approximateInvokeCount"] == 1
