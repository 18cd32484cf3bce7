"""Tasks that call AWS or a function: what they send, what they get back, and how failures are named."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from tests.local_cloud.support.local_aws import LocalAws

CODE = """
import os, time

def handler(event, context):
    if event.get("sleep"):
        time.sleep(event["sleep"])
    if event.get("boom"):
        raise type(event["boom"], (Exception,), {})(event.get("why", ""))
    return {"got": event, "region": os.environ["AWS_REGION"]}
"""
CATCH = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Say"}]
SAY = {"Type": "Succeed", "Output": "{% $states.input %}"}


def call(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **more}


def sdk(action: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return call(f"arn:aws:states:::aws-sdk:{action}", arguments, **more)


def caught(aws: LocalAws, task: dict[str, Any]) -> dict[str, str]:
    """Error and Cause as a Catch sees them."""
    error: dict[str, str] = aws.output({"Call": {**task, "Catch": CATCH}, "Say": SAY})
    return error


@contextmanager
def personalize(
    aws: LocalAws, *answers: tuple[int, dict[str, Any]]
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """A stand-in where the Personalize server would be; keeps (operation, body) of each request."""
    requests: list[tuple[str, dict[str, Any]]] = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.headers["X-Amz-Target"].rpartition(".")[2], body))
            status, answer = left.pop(0)
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", aws.settings.personalize_port), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return aws.function(CODE)


def test_calls_of_personalize_go_to_the_personalize_server_translated_both_ways(aws: LocalAws) -> None:
    version = {
        "solutionVersionArn": "arn:x",
        "status": "ACTIVE",
        "creationDateTime": 1700000000.5,
        "tunedHPOParams": None,
    }
    task = sdk(
        "personalize:describeSolutionVersion", {"SolutionVersionArn": "arn:x"}, Output="{% $states.result %}"
    )
    with personalize(aws, (200, {"solutionVersion": version})) as requests:
        output = aws.output({"Call": task})
    assert requests == [("DescribeSolutionVersion", {"solutionVersionArn": "arn:x"})]
    assert output == {
        "SolutionVersion": {
            "SolutionVersionArn": "arn:x",
            "Status": "ACTIVE",
            "CreationDateTime": "2023-11-14T22:13:20.500Z",
        }
    }


def test_nested_arguments_are_translated_by_the_shapes_of_the_service(aws: LocalAws) -> None:
    arguments = {
        "JobName": "job", "DatasetArn": "arn:d", "RoleArn": "arn:r", "ImportMode": "FULL",
        "DataSource": {"DataLocation": "s3://b/k"}, "Tags": [{"TagKey": "a", "TagValue": "b"}],
    }  # fmt: skip
    with personalize(aws, (200, {"datasetImportJobArn": "arn:j"})) as requests:
        output = aws.output({"Call": sdk("personalize:createDatasetImportJob", arguments)})
    assert output == {"DatasetImportJobArn": "arn:j"}
    assert requests[0][1]["dataSource"] == {"dataLocation": "s3://b/k"}
    assert requests[0][1]["tags"] == [{"tagKey": "a", "tagValue": "b"}]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceAlreadyExistsException", "Personalize.ResourceAlreadyExistsException"),
        ("LimitExceededException", "Personalize.LimitExceededException"),
        # CreateDatasetImportJob declares no throttling error.
        ("ThrottlingException", "Personalize.PersonalizeException"),
    ],
)
def test_an_error_of_personalize_is_named_as_step_functions_names_it(
    aws: LocalAws, code: str, error: str
) -> None:
    arguments = {
        "JobName": "job",
        "DatasetArn": "arn:d",
        "RoleArn": "arn:r",
        "DataSource": {"DataLocation": "s3://b/k"},
    }
    with personalize(aws, (400, {"__type": code, "message": "for a reason"})):
        output = caught(aws, sdk("personalize:createDatasetImportJob", arguments))
    assert output["Error"] == error
    assert output["Cause"].startswith("for a reason (Service: Personalize, Status Code: 400")


def test_a_service_that_cannot_be_reached_is_a_client_exception(aws: LocalAws) -> None:
    output = caught(aws, sdk("personalize:listDatasetGroups", {}))
    assert output["Error"] == "Personalize.SdkClientException"


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        (
            "dynamodb:getItem",
            {"TableName": "none", "Key": {"a": {"S": "b"}}},
            "DynamoDb.ResourceNotFoundException",
        ),
        ("s3:getObject", {"Bucket": "no-such-bucket-here", "Key": "k"}, "S3.NoSuchBucketException"),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:none", "Message": "x"},
            "Sns.NotFoundException",
        ),
        (
            "sfn:describeExecution",
            {"ExecutionArn": "arn:aws:states:eu-west-1:123456789012:execution:none:none"},
            "Sfn.ExecutionDoesNotExistException",
        ),
        (
            "secretsmanager:getSecretValue",
            {"SecretId": "none"},
            "SecretsManager.ResourceNotFoundException",
        ),
    ],
)
def test_errors_of_other_services_have_their_names_too(
    aws: LocalAws, action: str, arguments: Any, error: str
) -> None:
    assert caught(aws, sdk(action, arguments))["Error"] == error


def test_a_workflow_finds_its_own_running_execution(aws: LocalAws) -> None:
    task = sdk(
        "sfn:listExecutions",
        {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
        Output="{% $states.result.Executions[ExecutionArn = $states.context.Execution.Id].StartDate = "
        "$states.context.Execution.StartTime %}",
    )
    assert aws.output({"Look": task}) is True


def test_a_dynamodb_item_comes_back_with_its_attribute_types(aws: LocalAws) -> None:
    table = f"test-{uuid4().hex[:12]}"
    aws.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"pk": {"S": "{% 'a' & 'b' %}"}, "many": {"L": [{"N": "1"}, {"BOOL": True}]}}
    states = {
        "Put": {**sdk("dynamodb:putItem", {"TableName": table, "Item": item}), "End": False, "Next": "Get"},
        "Get": sdk("dynamodb:getItem", {"TableName": table, "Key": {"pk": {"S": "ab"}}}),
    }
    states["Put"].pop("End")
    assert aws.output(states)["Item"] == {"pk": {"S": "ab"}, "many": {"L": [{"N": "1"}, {"BOOL": True}]}}


def test_a_function_is_called_by_lambda_invoke(aws: LocalAws, function: str) -> None:
    arguments = {"FunctionName": function, "Payload": {"a": "{% $states.input.b %}"}}
    task = call("arn:aws:states:::lambda:invoke", arguments, Output="{% $states.result %}")
    result = aws.output({"Call": task}, {"b": 5})
    assert result["Payload"] == {"got": {"a": 5}, "region": aws.settings.region}
    assert (result["StatusCode"], result["ExecutedVersion"]) == (200, "$LATEST")


def test_a_function_is_called_by_its_arn(aws: LocalAws, function: str) -> None:
    assert aws.output({"Call": call(function, {"a": 1})})["got"] == {"a": 1}


def test_a_function_may_be_called_without_waiting(aws: LocalAws, function: str) -> None:
    arguments = {"FunctionName": function, "InvocationType": "Event", "Payload": {"sleep": 25}}
    task = call("arn:aws:states:::lambda:invoke", arguments, Output="{% $states.result.StatusCode %}")
    begin = time.monotonic()
    assert aws.output({"Call": task}) == 202
    assert time.monotonic() - begin < 24


@pytest.mark.parametrize("by", ["arn", "invoke"])
def test_an_exception_of_a_function_is_the_error_and_its_answer_the_cause(
    aws: LocalAws, function: str, by: str
) -> None:
    payload = {"boom": "DatasetRejected", "why": 'milliseconds "here"'}
    task = (
        call(function, payload)
        if by == "arn"
        else call("arn:aws:states:::lambda:invoke", {"FunctionName": function, "Payload": payload})
    )
    output = caught(aws, task)
    assert output["Error"] == "DatasetRejected"
    assert json.loads(output["Cause"])["errorMessage"] == 'milliseconds "here"'


@pytest.mark.parametrize("by", ["arn", "invoke"])
def test_a_function_that_does_not_exist_is_named(aws: LocalAws, by: str) -> None:
    missing = f"arn:aws:lambda:{aws.settings.region}:{aws.settings.account}:function:missing"
    task = (
        call(missing, {})
        if by == "arn"
        else call("arn:aws:states:::lambda:invoke", {"FunctionName": missing})
    )
    output = caught(aws, task)
    assert output["Error"] == "Lambda.ResourceNotFoundException"
    assert missing in output["Cause"]


def test_retries_back_off_by_minutes_in_no_time_and_then_give_up(aws: LocalAws) -> None:
    retry = [
        {"ErrorEquals": ["Personalize.PersonalizeException"], "IntervalSeconds": 60, "MaxAttempts": 3,
         "BackoffRate": 2, "MaxDelaySeconds": 90, "JitterStrategy": "FULL"}
    ]  # fmt: skip
    throttled = (400, {"__type": "ThrottlingException", "message": "slow down"})
    begin = time.monotonic()
    with personalize(aws, *[throttled] * 4) as requests:
        failed = aws.run({"Call": sdk("personalize:listSolutions", {}, Retry=retry)})
    assert failed["error"] == "Personalize.PersonalizeException"
    assert len(requests) == 4
    assert time.monotonic() - begin < 30


def test_a_retry_may_succeed_and_its_result_is_assigned(aws: LocalAws) -> None:
    task = sdk(
        "personalize:listSolutions", {}, Assign={"found": "{% $count($states.result.Solutions) %}"},
        Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}],
        Output="{% $states.result.Solutions[0].Name %}",
    )  # fmt: skip
    task.pop("End")
    states = {
        "Call": {**task, "Next": "Say"},
        "Say": {"Type": "Succeed", "Output": "{% [$found, $states.input] %}"},
    }
    full = (400, {"__type": "LimitExceededException", "message": "full"})
    with personalize(aws, full, (200, {"solutions": [{"name": "one"}]})):
        assert aws.output(states) == [1, "one"]


def test_a_task_that_takes_too_long_times_out_in_real_seconds(aws: LocalAws, function: str) -> None:
    begin = time.monotonic()
    output = caught(aws, call(function, {"sleep": 25}, TimeoutSeconds=1))
    assert output["Error"] == "States.Timeout"
    assert 0.9 < time.monotonic() - begin < 24


def test_a_message_is_published_to_a_topic(aws: LocalAws) -> None:
    topic = aws.client("sns").create_topic(Name=f"test-{uuid4().hex[:12]}")["TopicArn"]
    url, arn = aws.queue()
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    arguments = {"TopicArn": topic, "Subject": "Failed", "Message": "{% 'Step: ' & $states.input %}"}
    output = aws.output({"Tell": call("arn:aws:states:::sns:publish", arguments)}, "import")
    assert output["MessageId"]
    [body] = aws.received(url)
    assert json.loads(body)["Message"] == "Step: import"
