"""Distributed Map: items out of S3, batches, tolerated failures, results into S3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws

GET, LIST, PUT = (f"arn:aws:states:::s3:{action}" for action in ("getObject", "listObjectsV2", "putObject"))
ECHO = {"Echo": {"Type": "Pass", "Output": "{% $states.input %}", "End": True}}
FAIL_AT_3 = {
    "Three?": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input = 3 %}", "Next": "Fail"}],
        "Default": "Echo",
    },
    "Fail": {"Type": "Fail", "Error": "ShardIncomplete", "Cause": "3 is short"},
    **ECHO,
}  # fmt: skip


def each(inside: dict[str, Any] = ECHO, **fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": next(iter(inside)),
        "States": inside,
    }
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def reader(bucket: str, key: str, **config: Any) -> dict[str, Any]:
    return {"Resource": GET, "Arguments": {"Bucket": bucket, "Key": key}, "ReaderConfig": config}


@pytest.mark.parametrize(
    ("name", "body", "config", "items"),
    [
        ("a.json", '[{"a": 1}, 2]', {"InputType": "JSON"}, [{"a": 1}, 2]),
        ("b.json", '{"in": {"here": [1, 2]}}', {"InputType": "JSON", "ItemsPointer": "/in/here"}, [1, 2]),
        ("a.jsonl", '{"a": 1}\n\n{"a": 2}\n', {"InputType": "JSONL"}, [{"a": 1}, {"a": 2}]),
        ("a.csv", 'a,b\n1,"x,y"\n2\n', {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
         [{"a": "1", "b": "x,y"}, {"a": "2", "b": ""}]),
        ("b.csv", "1|2\n", {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"],
         "CSVDelimiter": "PIPE"}, [{"x": "1", "y": "2"}]),
        ("c.json", "[1, 2, 3, 4]", {"InputType": "JSON", "MaxItems": 2}, [1, 2]),
    ],
)  # fmt: skip
def test_items_are_read_from_an_object(
    aws: LocalAws, name: str, body: str, config: dict[str, Any], items: list[Any]
) -> None:
    bucket = aws.bucket({name: body})
    assert aws.output({"Each": each(ItemReader=reader(bucket, name, **config))}) == items


def test_items_are_the_objects_of_a_bucket(aws: LocalAws) -> None:
    bucket = aws.bucket({"in/a": "1", "in/b": "22", "out/c": "3"})
    listing = {"Resource": LIST, "Arguments": {"Bucket": "{% $states.input %}", "Prefix": "in/"}}
    output = aws.output({"Each": each(ItemReader=listing)}, bucket)
    assert [(item["Key"], item["Size"]) for item in output] == [("in/a", 1), ("in/b", 2)]


def test_the_selector_combines_an_item_with_variables_and_the_state_s_input(aws: LocalAws) -> None:
    bucket = aws.bucket({"shards.json": '[{"key": "k0"}, {"key": "k1"}]'})
    selector = {
        "shard": "{% $states.context.Map.Item.Value %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "generation": "{% $generation %}",
        "use_case": "{% $states.input.useCase %}",
    }
    states = {
        "Begin": {"Type": "Pass", "Assign": {"generation": "g1"}, "Next": "Each"},
        "Each": each(
            ItemReader=reader("{% $states.input.bucket %}", "shards.json", InputType="JSON"),
            ItemSelector=selector,
            MaxConcurrency=1,
        ),
    }
    output = aws.output(states, {"bucket": bucket, "useCase": "posts"})
    assert output == [
        {"shard": {"key": f"k{index}"}, "index": index, "generation": "g1", "use_case": "posts"}
        for index in (0, 1)
    ]


def test_children_do_not_see_the_variables_of_their_parent(aws: LocalAws) -> None:
    inside = {"Say": {"Type": "Pass", "Output": "{% $exists($generation) %}", "End": True}}
    states = {
        "Begin": {"Type": "Pass", "Assign": {"generation": "g1"}, "Next": "Each"},
        "Each": each(inside, Items=[1]),
    }
    assert aws.output(states) == [False]


def test_the_results_may_be_assigned_and_summed(aws: LocalAws) -> None:
    fields = {"Assign": {"all": "{% $states.result %}"}, "Output": {"sum": "{% $sum($states.result) %}"}}
    assert aws.output({"Each": each(Items="{% [1..50] %}", **fields)}) == {"sum": 1275}


def test_items_travel_in_batches(aws: LocalAws) -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"same": "{% $states.input %}"}}
    output = aws.output({"Each": each(Items=[1, 2, 3], ItemBatcher=batcher)}, "for all")
    assert output == [
        {"BatchInput": {"same": "for all"}, "Items": [1, 2]},
        {"BatchInput": {"same": "for all"}, "Items": [3]},
    ]


def test_batches_are_limited_in_bytes(aws: LocalAws) -> None:
    output = aws.output({"Each": each(Items=["x" * 100] * 5, ItemBatcher={"MaxInputBytesPerBatch": 250})})
    assert [len(batch["Items"]) for batch in output] == [2, 2, 1]


def test_one_failure_fails_the_map_with_an_error_that_can_be_caught(aws: LocalAws) -> None:
    catch = [
        {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Assign": {"step": "Each"}, "Next": "Say"}
    ]
    states = {
        "Each": each(FAIL_AT_3, Items=[1, 2, 3, 4], Catch=catch),
        "Say": {"Type": "Succeed", "Output": ["{% $step %}", "{% $states.input.Cause %}"]},
    }
    assert aws.output(states) == ["Each", "The specified tolerated failure threshold was exceeded"]


@pytest.mark.parametrize(
    ("tolerance", "status"),
    [
        ({"ToleratedFailureCount": 1}, "SUCCEEDED"),
        ({"ToleratedFailureCount": "{% $states.input %}"}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 0}, "FAILED"),
        ({"ToleratedFailurePercentage": 25}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 24.9}, "FAILED"),
        ({"ToleratedFailurePercentage": 100, "ToleratedFailureCount": 0}, "FAILED"),
    ],
)
def test_failures_are_tolerated_as_far_as_the_map_says(aws: LocalAws, tolerance: Any, status: str) -> None:
    ended = aws.run({"Each": each(FAIL_AT_3, Items=[1, 2, 3, 4], **tolerance)}, 1)
    assert ended["status"] == status


def test_a_missing_object_is_a_failure_of_the_reader(aws: LocalAws) -> None:
    failed = aws.run({"Each": each(ItemReader=reader(aws.bucket({}), "none.json", InputType="JSON"))})
    assert failed["error"] == "States.ItemReaderFailed"
    assert "NoSuchKey" in failed["cause"]


def test_an_object_that_is_no_list_is_a_failure_of_the_reader(aws: LocalAws) -> None:
    bucket = aws.bucket({"a.json": '{"a": 1}'})
    failed = aws.run({"Each": each(ItemReader=reader(bucket, "a.json", InputType="JSON"))})
    assert (failed["error"], failed["cause"]) == (
        "States.ItemReaderFailed",
        "Attempting to map over non-iterable node.",
    )


def test_results_are_written_with_a_manifest(aws: LocalAws) -> None:
    bucket, s3 = aws.bucket({}), aws.client("s3")
    writer = {"Resource": PUT, "Arguments": {"Bucket": "{% $states.input %}", "Prefix": "results"}}
    states = {"Each": each(FAIL_AT_3, Items=[1, 3], ToleratedFailureCount=1, ResultWriter=writer)}
    details = aws.output(states, bucket)["ResultWriterDetails"]

    def read(key: str) -> Any:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    files = read(details["Key"])["ResultFiles"]
    [success] = read(files["SUCCEEDED"][0]["Key"])
    [failure] = read(files["FAILED"][0]["Key"])
    assert (success["Status"], json.loads(success["Output"])) == ("SUCCEEDED", 1)
    assert (failure["Error"], failure["Cause"]) == ("ShardIncomplete", "3 is short")
    assert files["PENDING"] == []


def test_the_map_run_counts_what_happened(aws: LocalAws) -> None:
    states, execution = (
        aws.client("stepfunctions"),
        aws.start({"Each": each(FAIL_AT_3, Items=[1, 2, 3, 4], ToleratedFailureCount=2, MaxConcurrency=1)}),
    )
    aws.ended(execution)
    [listed] = states.list_map_runs(executionArn=execution)["mapRuns"]
    run = states.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert (run["status"], run["itemCounts"]["succeeded"], run["itemCounts"]["failed"]) == ("SUCCEEDED", 3, 1)
    assert run["itemCounts"]["total"] == 4


def test_a_stop_ends_the_children_too(aws: LocalAws) -> None:
    inside = {"Wait": {"Type": "Wait", "Seconds": 30_000, "End": True}}
    states, execution = aws.client("stepfunctions"), aws.start({"Each": each(inside, Items=[1, 2])})
    states.stop_execution(executionArn=execution)
    assert aws.ended(execution)["status"] == "ABORTED"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ItemReader": {"Resource": "arn:aws:states:::s3:headObject"}}, "ItemReader.Resource"),
        ({"ItemReader": {"Resource": GET, "ReaderConfig": {"InputType": "MANIFEST"}}}, "MANIFEST"),
        ({"ItemBatcher": {"Surprise": 1}}, "ItemBatcher.*Surprise"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(aws: LocalAws, fields: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        aws.machine({"Each": each(**fields)})
