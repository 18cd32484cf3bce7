"""RedriveExecution: an execution goes on where it ended, and repeats nothing that succeeded."""

import json
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws
from tests.support.waiting import eventually


def reading(bucket: str, key: str, **fields: Any) -> dict[str, Any]:
    """A state that fails until the object is there."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": bucket, "Key": key},
        "Output": "{% $states.result.Body %}",
        **fields,
    }


def counting(aws: LocalAws, bucket: str) -> str:
    """A function that leaves an object per call, named after its argument, and fails for `bad` ones."""
    return aws.function(
        "import time, uuid, boto3\n"
        "def handler(event, context):\n"
        "    s3 = boto3.client('s3')\n"
        f"    bucket = {bucket!r}\n"
        "    s3.put_object(Bucket=bucket, Key=f'calls/{event}/{uuid.uuid4()}', Body=b'')\n"
        "    if event == 'slow':\n"
        "        time.sleep(3)\n"
        "    if s3.list_objects_v2(Bucket=bucket, Prefix=f'broken/{event}').get('KeyCount'):\n"
        "        raise RuntimeError(f'{event} is broken')\n"
        "    return event\n"
    )


def calls(aws: LocalAws, bucket: str) -> Counter[str]:
    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="calls/").get("Contents", [])
    return Counter(entry["Key"].split("/")[1] for entry in listed)


def each(function: str, **fields: Any) -> dict[str, Any]:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": "{% $states.input %}"},
        "Output": "{% $states.result.Payload %}",
        "End": True,
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Call",
        "States": {"Call": task},
    }
    return {"Type": "Map", "ItemProcessor": processor, "Items": "{% $states.input %}", "End": True, **fields}


def redrive(aws: LocalAws, execution: str) -> dict[str, Any]:
    aws.client("stepfunctions").redrive_execution(executionArn=execution)
    return aws.ended(execution)


def test_a_failed_execution_goes_on_at_the_failed_state_with_its_variables(aws: LocalAws) -> None:
    bucket = aws.bucket({})
    states = {
        "Begin": {"Type": "Pass", "Assign": {"word": "{% $uuid() %}"}, "Output": {"a": 1}, "Next": "Read"},
        "Read": reading(bucket, "late", Assign={"text": "{% $states.result.Body %}"}, Next="Say"),
        "Say": {"Type": "Pass", "Output": {"text": "{% $text %}", "word": "{% $word %}"}, "End": True},
    }
    execution = aws.start(states)
    failed = aws.ended(execution)
    assert (failed["status"], failed["redriveStatus"], failed["redriveCount"]) == ("FAILED", "REDRIVABLE", 0)
    aws.client("s3").put_object(Bucket=bucket, Key="late", Body=b"here")

    done = redrive(aws, execution)

    assert done["status"] == "SUCCEEDED" and "error" not in done
    assert (done["executionArn"], done["redriveCount"], done["redriveStatus"]) == (
        execution, 1, "NOT_REDRIVABLE",
    )  # fmt: skip
    assert json.loads(done["output"])["text"] == "here"
    history = aws.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    kinds = [event["type"] for event in history]
    assert kinds.count("ExecutionRedriven") == 1
    entered = [
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    ]
    assert entered == ["Begin", "Read", "Read", "Say"]


def test_of_a_distributed_map_only_children_that_failed_or_never_ran_are_run_again(aws: LocalAws) -> None:
    bucket = aws.bucket({"broken/b": ""})
    execution = aws.start({"Each": each(counting(aws, bucket), MaxConcurrency=1)}, ["a", "b", "c"])
    assert aws.ended(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    assert calls(aws, bucket) == {"a": 1, "b": 1}
    aws.client("s3").delete_object(Bucket=bucket, Key="broken/b")

    done = redrive(aws, execution)

    assert json.loads(done["output"]) == ["a", "b", "c"]
    assert calls(aws, bucket) == {"a": 1, "b": 2, "c": 1}
    [run] = aws.client("stepfunctions").list_map_runs(executionArn=execution)["mapRuns"]
    described = aws.client("stepfunctions").describe_map_run(mapRunArn=run["mapRunArn"])
    assert described["status"] == "SUCCEEDED"
    assert described["executionCounts"]["succeeded"] == described["executionCounts"]["total"] == 3


def test_a_stopped_execution_is_redriven_while_what_it_had_begun_still_runs(aws: LocalAws) -> None:
    bucket = aws.bucket({})
    execution = aws.start({"Each": each(counting(aws, bucket), MaxConcurrency=1)}, ["a", "slow", "c"])
    eventually(lambda: calls(aws, bucket)["slow"] or None)
    aws.client("stepfunctions").stop_execution(executionArn=execution, error="Enough")
    assert aws.ended(execution)["status"] == "ABORTED"

    done = redrive(aws, execution)

    assert done["status"] == "SUCCEEDED", done
    assert json.loads(done["output"]) == ["a", "slow", "c"]
    assert calls(aws, bucket) == {"a": 1, "slow": 2, "c": 1}


def test_a_child_goes_on_where_it_failed(aws: LocalAws) -> None:
    bucket = aws.bucket({})
    inside = {
        "Begin": {"Type": "Pass", "Assign": {"word": "{% $uuid() %}"}, "Next": "Read"},
        "Read": reading(bucket, "late", Next="Say"),
        "Say": {"Type": "Pass", "Output": "{% $states.input & ' ' & $string($length($word)) %}", "End": True},
    }
    one = each("unused")
    one["ItemProcessor"] |= {"StartAt": "Begin", "States": inside}
    execution = aws.start({"Each": one}, ["x"])
    assert aws.ended(execution)["status"] == "FAILED"
    aws.client("s3").put_object(Bucket=bucket, Key="late", Body=b"here")

    assert json.loads(redrive(aws, execution)["output"]) == ["here 36"]


def test_what_succeeded_or_still_runs_is_not_redriven(aws: LocalAws) -> None:
    states = aws.client("stepfunctions")
    done = aws.run({"Say": {"Type": "Pass", "End": True}})
    running = aws.start({"Wait": {"Type": "Wait", "Seconds": 36000, "End": True}})
    for execution in (done["executionArn"], running):
        with pytest.raises(ClientError) as refused:
            states.redrive_execution(executionArn=execution)
        assert refused.value.response["Error"]["Code"] == "ExecutionNotRedrivable"
    states.stop_execution(executionArn=running)


def test_an_execution_that_fails_again_can_be_redriven_again(aws: LocalAws) -> None:
    bucket = aws.bucket({})
    execution = aws.start({"Read": reading(bucket, "late", End=True)})
    assert aws.ended(execution)["status"] == "FAILED"
    assert redrive(aws, execution)["status"] == "FAILED"
    aws.client("s3").put_object(Bucket=bucket, Key="late", Body=b"here")
    done = redrive(aws, execution)
    assert (done["status"], done["redriveCount"]) == ("SUCCEEDED", 2)


def test_a_parallel_is_refused_by_name_instead_of_being_redriven_differently(aws: LocalAws) -> None:
    branch = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Bad"}}}
    failed = aws.run({"Both": {"Type": "Parallel", "Branches": [branch], "End": True}})
    with pytest.raises(ClientError, match="Both"):
        aws.client("stepfunctions").redrive_execution(executionArn=failed["executionArn"])
