"""Executions as the API shows them: names, ends, history, lists and the events about them."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws
from tests.support.waiting import eventually

LONG = {"Wait": {"Type": "Wait", "Seconds": 30_000, "End": True}}
SHORT = {"Say": {"Type": "Pass", "Output": {"done": True}, "End": True}}
FAILING = {"Fail": {"Type": "Fail", "Error": "Boom", "Cause": "because"}}


def test_executions_without_a_name_get_different_ones(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(SHORT)
    first, second = (states.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2))
    assert first != second
    assert aws.ended(second)["name"] == second.rpartition(":")[2]


def test_a_name_is_used_once(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(SHORT)
    aws.ended(states.start_execution(stateMachineArn=machine, name="once", input="1")["executionArn"])
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="once", input="2")
    with pytest.raises(ClientError, match="InvalidName"):
        states.start_execution(stateMachineArn=machine, name="not a name")


def test_a_stopped_execution_is_aborted_at_once_with_error_and_cause(aws: LocalAws) -> None:
    states, execution = aws.client("stepfunctions"), aws.start(LONG)
    stopped = states.stop_execution(executionArn=execution, error="Enough", cause="it is late")
    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "it is late",
    )
    assert described["stopDate"] == stopped["stopDate"]
    eventually(partial(_aborted, aws, execution))


def test_a_stop_that_comes_as_an_execution_begins_is_in_its_history(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(LONG)

    def stopped_at_once(_: int) -> str:
        execution = str(states.start_execution(stateMachineArn=machine)["executionArn"])
        states.stop_execution(executionArn=execution)
        return execution

    with ThreadPoolExecutor(8) as threads:
        executions = list(threads.map(stopped_at_once, range(24)))

    for execution in executions:
        eventually(partial(_aborted, aws, execution))


def test_a_task_that_fails_after_the_stop_does_not_make_it_a_failure(aws: LocalAws) -> None:
    slow = aws.function("import time\ndef handler(event, context):\n    time.sleep(1)\n    raise ValueError")
    states = aws.client("stepfunctions")
    execution = aws.start({"Call": {"Type": "Task", "Resource": slow, "Arguments": {}, "End": True}})
    eventually(lambda: "LambdaFunctionStarted" in _types(aws, execution))
    states.stop_execution(executionArn=execution)
    eventually(lambda: "LambdaFunctionFailed" in _types(aws, execution))
    eventually(partial(_aborted, aws, execution))
    assert "ExecutionFailed" not in _types(aws, execution)
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_an_execution_times_out(aws: LocalAws) -> None:
    execution = aws.start(LONG, TimeoutSeconds=1)
    described = aws.ended(execution)
    assert described["status"] == "TIMED_OUT"
    assert described["stopDate"] > described["startDate"]
    machine = described["stateMachineArn"]
    [listed] = aws.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert listed["stopDate"] == described["stopDate"]
    eventually(lambda: "ExecutionTimedOut" in _types(aws, execution))


def test_a_failed_execution_tells_error_and_cause(aws: LocalAws) -> None:
    described = aws.run(FAILING)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "Boom", "because")


def test_lists_are_filtered_by_status_and_newest_first(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(LONG)
    older, newer = (states.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2))

    def listed(status: str) -> list[str]:
        answer = states.list_executions(stateMachineArn=machine, statusFilter=status)
        return [execution["executionArn"] for execution in answer["executions"]]

    assert listed("RUNNING") == [newer, older]
    states.stop_execution(executionArn=older)
    assert (listed("RUNNING"), listed("ABORTED"), listed("SUCCEEDED")) == ([newer], [older], [])
    states.stop_execution(executionArn=newer)


def test_executions_may_be_listed_while_others_start(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(SHORT)

    def start(_: int) -> str:
        return str(states.start_execution(stateMachineArn=machine)["executionArn"])

    with ThreadPoolExecutor(max_workers=4) as threads:
        starting = threads.map(start, range(40))
        for _ in range(20):
            states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
        assert len(set(starting)) == 40


def test_the_history_comes_in_pages_and_backwards(aws: LocalAws) -> None:
    states, execution = aws.client("stepfunctions"), aws.start(SHORT)
    aws.ended(execution)
    ids = [event["id"] for event in states.get_execution_history(executionArn=execution)["events"]]
    assert ids == sorted(ids)
    newest = states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)
    assert [event["type"] for event in newest["events"]] == ["ExecutionSucceeded"]
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 2}
    )
    assert [event["id"] for page in pages for event in page["events"]] == ids[::-1]


def test_starts_and_ends_of_executions_are_events(aws: LocalAws) -> None:
    url, queue = aws.queue()
    machine = aws.machine(FAILING)
    rule, events = f"test-{uuid4().hex[:12]}", aws.client("events")
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine]},
    }
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])
    states = aws.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]
    seen = {event["detail"]["status"]: event for event in map(json.loads, aws.received(url, most=2))}
    assert set(seen) == {"RUNNING", "FAILED"}
    detail = seen["FAILED"]["detail"]
    assert (detail["executionArn"], detail["error"], detail["cause"]) == (execution, "Boom", "because")
    assert json.loads(detail["input"]) == {"a": 1}
    assert detail["stopDate"] >= detail["startDate"] > 1_600_000_000_000
    assert seen["FAILED"]["resources"] == [execution]


def test_logging_and_tracing_are_accepted_and_described(aws: LocalAws) -> None:
    group = f"arn:aws:logs:{aws.settings.region}:{aws.settings.account}:log-group:workflow:*"
    logging = {
        "level": "ALL", "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }  # fmt: skip
    states = aws.client("stepfunctions")
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Say", "States": SHORT})
    arn = states.create_state_machine(
        name=f"test-{uuid4().hex[:12]}",
        definition=definition,
        roleArn="arn:aws:iam::123456789012:role/test",
        loggingConfiguration=logging,
        tracingConfiguration={"enabled": True},
    )["stateMachineArn"]
    assert states.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"] == logging


def test_an_update_counts_for_the_next_execution_only(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), aws.machine(SHORT)
    first = states.start_execution(stateMachineArn=machine)["executionArn"]
    changed = {"Say": {"Type": "Pass", "Output": {"done": "again"}, "End": True}}
    definition = {"QueryLanguage": "JSONata", "StartAt": "Say", "States": changed}
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    second = states.start_execution(stateMachineArn=machine)["executionArn"]
    outputs = [json.loads(aws.ended(execution)["output"]) for execution in (first, second)]
    assert outputs == [{"done": True}, {"done": "again"}]


def _aborted(aws: LocalAws, execution: str) -> bool:
    return "ExecutionAborted" in _types(aws, execution)


def _types(aws: LocalAws, execution: str) -> set[Any]:
    events = aws.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return {event["type"] for event in events}
