"""Optimised integrations: what they send, what they answer and how they wait."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.local_cloud.support.local_aws import LocalAws
from tests.support.waiting import eventually

STATES = "arn:aws:states:::states:startExecution"
RESULT = "{% $states.result %}"


def call(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": resource,
        "Arguments": arguments,
        "Output": RESULT,
        "End": True,
        **more,
    }


@pytest.fixture(scope="module")
def inner(aws: LocalAws) -> str:
    return aws.machine({"Say": {"Type": "Pass", "Output": {"got": "{% $states.input %}"}, "End": True}})


def test_an_execution_is_started_and_not_waited_for(aws: LocalAws, inner: str) -> None:
    output = aws.output(
        {"Start": call(STATES, {"StateMachineArn": inner, "Input": {"a": 1}, "Name": "mine"})}
    )
    assert output["ExecutionArn"].endswith(":mine")
    assert output.keys() == {"ExecutionArn", "StartDate"}
    assert json.loads(aws.ended(output["ExecutionArn"])["output"]) == {"got": {"a": 1}}


@pytest.mark.parametrize(("pattern", "got"), [(".sync", '{"got": {"a": 1}}'), (".sync:2", {"got": {"a": 1}})])
def test_an_execution_is_waited_for_and_answers_what_describe_execution_does(
    aws: LocalAws, inner: str, pattern: str, got: Any
) -> None:
    arguments = {"StateMachineArn": inner, "Input": {"a": "{% $states.input.b %}"}}
    output = aws.output({"Start": call(STATES + pattern, arguments)}, {"b": 1})
    assert (output["Status"], output["StateMachineArn"], output["Output"]) == ("SUCCEEDED", inner, got)


def test_an_execution_is_started_by_a_state_that_uses_json_path(aws: LocalAws, inner: str) -> None:
    parameters = {"StateMachineArn": inner, "Input": {"a.$": "$.b"}}
    task = {"Type": "Task", "Resource": STATES + ".sync:2", "Parameters": parameters, "End": True}
    described = aws.run({"Start": task}, {"b": 1}, QueryLanguage="JSONPath")
    assert json.loads(described["output"])["Output"] == {"got": {"a": 1}}


def test_a_failed_execution_fails_the_task_that_waits_for_it(aws: LocalAws) -> None:
    failing = aws.machine({"Fail": {"Type": "Fail", "Error": "Mine", "Cause": "why"}})
    failed = aws.run({"Start": call(STATES + ".sync:2", {"StateMachineArn": failing})})
    assert failed["error"] == "States.TaskFailed"
    assert (cause := json.loads(failed["cause"]))["Error"] == "Mine" and cause["Status"] == "FAILED"


def test_an_execution_does_not_outlive_the_task_that_waits_for_it(aws: LocalAws) -> None:
    waiting = aws.machine({"Wait": {"Type": "Wait", "Seconds": 36_000, "End": True}})
    arguments = {"StateMachineArn": waiting, "Name": "waits"}
    failed = aws.run({"Start": call(STATES + ".sync", arguments, TimeoutSeconds=1)})
    assert failed["error"] == "States.Timeout"
    execution = waiting.replace(":stateMachine:", ":execution:") + ":waits"
    assert aws.ended(execution)["status"] == "ABORTED"


def test_a_machine_that_is_not_there_is_named(aws: LocalAws) -> None:
    missing = f"arn:aws:states:{aws.settings.region}:{aws.settings.account}:stateMachine:missing"
    failed = aws.run({"Start": call(STATES, {"StateMachineArn": missing})})
    assert failed["error"] == "StepFunctions.StateMachineDoesNotExistException"


def test_a_task_waits_for_its_token(aws: LocalAws) -> None:
    url, _ = aws.queue()
    arguments = {"QueueUrl": url, "MessageBody": {"token": "{% $states.context.Task.Token %}"}}
    execution = aws.start({"Ask": call("arn:aws:states:::sqs:sendMessage.waitForTaskToken", arguments)})
    [body] = aws.received(url)
    aws.client("stepfunctions").send_task_success(
        taskToken=json.loads(body)["token"], output='{"said": "yes"}'
    )
    assert json.loads(aws.ended(execution)["output"]) == {"said": "yes"}


def test_a_token_may_fail_with_an_error_of_step_functions(aws: LocalAws) -> None:
    url, _ = aws.queue()
    arguments = {"QueueUrl": url, "MessageBody": "{% $states.context.Task.Token %}"}
    execution = aws.start({"Ask": call("arn:aws:states:::sqs:sendMessage.waitForTaskToken", arguments)})
    [token] = aws.received(url)
    aws.client("stepfunctions").send_task_failure(taskToken=token, error="States.Mine", cause="why")
    assert aws.ended(execution)["error"] == "States.Mine"


def test_a_message_is_sent_to_a_queue(aws: LocalAws) -> None:
    url, _ = aws.queue()
    output = aws.output(
        {"Send": call("arn:aws:states:::sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"a": 1}})}
    )
    assert {"MessageId", "MD5OfMessageBody"} <= output.keys()
    assert json.loads(aws.received(url)[0]) == {"a": 1}


def test_an_event_carries_the_execution_and_its_machine(aws: LocalAws) -> None:
    url, arn = aws.queue()
    events, source = aws.client("events"), f"test.{uuid4().hex[:8]}"
    rule = source.replace(".", "-")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    entry = {"Source": source, "DetailType": "Done", "Detail": {"a": "{% $states.input %}"}}
    execution = aws.start({"Tell": call("arn:aws:states:::events:putEvents", {"Entries": [entry]})}, 5)
    assert json.loads(aws.ended(execution)["output"])["FailedEntryCount"] == 0
    event = json.loads(aws.received(url)[0])
    assert event["detail"] == {"a": 5}
    assert execution in event["resources"] and len(event["resources"]) == 2


def test_an_item_is_put_updated_read_and_deleted(aws: LocalAws) -> None:
    table, dynamodb = f"test-{uuid4().hex[:12]}", aws.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    key = {"TableName": table, "Key": {"pk": {"S": "a"}}}
    update = {
        "UpdateExpression": "SET n = n + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    steps = {
        "putItem": {"TableName": table, "Item": {"pk": {"S": "a"}, "n": {"N": "1"}}},
        "updateItem": {**key, **update},
        "getItem": key,
        "deleteItem": {**key, "ConditionExpression": "attribute_exists(pk)"},
    }
    states = {name: call(f"arn:aws:states:::dynamodb:{name}", arguments) for name, arguments in steps.items()}
    for name, following in zip(steps, list(steps)[1:], strict=False):
        states[name] = {**states[name], "Next": following}
        del states[name]["End"]
    states["getItem"]["Assign"] = {"item": "{% $states.result.Item %}"}
    states["deleteItem"]["Output"] = "{% $item %}"
    assert aws.output(states) == {"pk": {"S": "a"}, "n": {"N": "2"}}
    again = aws.run({"Delete": call("arn:aws:states:::dynamodb:deleteItem", steps["deleteItem"])})
    assert again["error"] == "DynamoDB.ConditionalCheckFailedException"


def test_a_stopped_workflow_stops_the_execution_that_it_waits_for(aws: LocalAws) -> None:
    waiting = aws.machine({"Wait": {"Type": "Wait", "Seconds": 36_000, "End": True}})
    execution = aws.start({"Start": call(STATES + ".sync", {"StateMachineArn": waiting, "Name": "waits"})})
    started = waiting.replace(":stateMachine:", ":execution:") + ":waits"
    states = aws.client("stepfunctions")
    eventually(lambda: states.list_executions(stateMachineArn=waiting)["executions"])
    time.sleep(0.3)
    states.stop_execution(executionArn=execution)
    assert aws.ended(started)["status"] == "ABORTED"
