"""Functions of the local cloud, seen through the Lambda API."""

import base64
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.functions import CODE, invoke, with_function
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stack, Stacks, ref, resource
from tests.support.waiting import eventually


def log_lines(stack: Stack, group: str) -> list[str]:
    events = stack.stacks.aws.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_an_answer_carries_what_the_handler_returned_and_saw(stacks: Stacks) -> None:
    stack = stacks.create(
        with_function(MemorySize=256, Timeout=7, Environment={"Variables": {"MARK": "here"}})
    )

    answer = invoke(stack, {"a": [1, "ü"]}, LogType="Tail")

    assert "FunctionError" not in answer
    payload = answer["Payload"]
    assert payload["event"] == {"a": [1, "ü"]}
    assert (payload["mark"], payload["region"], payload["memory"]) == ("here", "eu-west-1", "256")
    assert payload["function"].endswith(f":function:{stack.id_of('Function')}")
    assert f"START RequestId: {payload['request']}" in base64.b64decode(answer["LogResult"]).decode()
    assert 1000 < payload["left"] <= 7000


def test_a_process_serves_one_event_after_another(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    assert [invoke(stack)["Payload"]["calls"] for _ in range(3)] == [1, 2, 3]


def test_an_exception_is_answered_as_lambda_does_and_the_process_goes_on(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    answer = invoke(stack, {"do": "raise"})

    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "NotToday"
    assert answer["Payload"]["errorMessage"] == "come back later"
    assert "index.py" in answer["Payload"]["stackTrace"][0]
    assert invoke(stack)["Payload"]["calls"] == 2


def test_a_function_that_takes_too_long_is_killed(stacks: Stacks) -> None:
    stack = stacks.create(with_function(Timeout=1))
    begin = time.monotonic()

    answer = invoke(stack, {"do": "sleep"})

    assert time.monotonic() - begin < 60
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "Sandbox.Timedout"
    assert answer["Payload"]["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert invoke(stack)["Payload"]["calls"] == 1


def test_a_process_that_ends_is_answered_as_an_exit(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    answer = invoke(stack, {"do": "exit"})

    assert answer["Payload"]["errorType"] == "Runtime.ExitError"
    assert answer["Payload"]["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert invoke(stack)["Payload"]["calls"] == 1


def test_a_result_that_is_no_json_is_a_marshalling_error(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    assert invoke(stack, {"do": "object"})["Payload"]["errorType"] == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("code", "handler", "error", "message"),
    [
        ("import nowhere", "index.handler", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("def handler(:", "index.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index'"),
        ("x = 1", "index.absent", "Runtime.HandlerNotFound", "Handler 'absent' missing on module 'index'"),
        ("x = {}['key']", "index.handler", "KeyError", "'key'"),
    ],
)
def test_code_that_cannot_be_loaded_is_answered_as_lambda_does(
    stacks: Stacks, code: str, handler: str, error: str, message: str
) -> None:
    stack = stacks.create(with_function(code, Handler=handler))

    for _ in range(2):
        answer = invoke(stack)
        assert answer["Payload"]["errorType"] == error
        assert message in answer["Payload"]["errorMessage"]


def test_what_it_prints_is_in_its_log_group_between_start_and_report(stacks: Stacks) -> None:
    body = with_function(LoggingConfig={"LogGroup": ref("Logs")})
    stack = stacks.create({**body, "Logs": resource("AWS::Logs::LogGroup", LogGroupName="/test/own-group")})

    answer = invoke(stack, {"do": "print"}, LogType="Tail")

    lines = log_lines(stack, "/test/own-group")
    assert lines[0].startswith("START RequestId: ")
    assert lines[1:3] == ["a line", "a warning"]
    assert lines[3].startswith("END RequestId: ")
    assert "Duration:" in lines[4]
    assert "Memory Size: 128 MB" in lines[4]
    assert base64.b64decode(answer["LogResult"]).decode().splitlines() == lines


def test_without_a_group_of_its_own_it_logs_under_its_name(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    invoke(stack, {"do": "print"})

    group = f"/aws/lambda/{stack.id_of('Function')}"
    assert "a line" in log_lines(stack, group)
    stacks.aws.client("logs").delete_log_group(logGroupName=group)


def test_metrics_embedded_in_the_log_are_published(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    invoke(stack, {"do": "metrics"})

    now = time.time()
    statistics = stacks.aws.client("cloudwatch").get_metric_statistics(
        Namespace="Test", MetricName="Rows", Dimensions=[{"Name": "stage", "Value": "x"}],
        StartTime=now - 120, EndTime=now + 120, Period=300, Statistics=["Sum", "SampleCount"],
    )  # fmt: skip
    assert sum(point["Sum"] for point in statistics["Datapoints"]) == 7


def test_new_code_and_new_environment_take_effect_at_once(stacks: Stacks) -> None:
    stack = stacks.create(with_function("def handler(event, context): return 'old'"))
    assert invoke(stack)["Payload"] == "old"

    stack.update(with_function(CODE))
    assert invoke(stack)["Payload"]["mark"] is None
    stack.update(with_function(CODE, Environment={"Variables": {"MARK": "new"}}))
    payload = invoke(stack)["Payload"]
    assert (payload["mark"], payload["calls"]) == ("new", 1)


def test_changed_settings_are_kept_and_removed_ones_return_to_their_defaults(stacks: Stacks) -> None:
    lambda_ = stacks.aws.client("lambda")
    stack = stacks.create(with_function())
    name = stack.id_of("Function")

    stack.update(
        with_function(
            EphemeralStorage={"Size": 1024},
            TracingConfig={"Mode": "Active"},
            LoggingConfig={"LogGroup": "/test/changed"},
        )
    )
    changed = lambda_.get_function_configuration(FunctionName=name)
    stack.update(with_function(Description="plain again"))
    removed = lambda_.get_function_configuration(FunctionName=name)

    assert changed["EphemeralStorage"] == {"Size": 1024}
    assert changed["TracingConfig"] == {"Mode": "Active"}
    assert changed["LoggingConfig"]["LogGroup"] == "/test/changed"
    assert removed["EphemeralStorage"] == {"Size": 512}
    assert removed["TracingConfig"] == {"Mode": "PassThrough"}
    assert removed["LoggingConfig"]["LogGroup"] == f"/aws/lambda/{name}"


def test_a_function_reaches_the_local_cloud_without_being_told_where(stacks: Stacks) -> None:
    code = "import boto3\ndef handler(e, c): return boto3.client('sts').get_caller_identity()['Account']"
    stack = stacks.create(with_function(code))

    assert invoke(stack)["Payload"] == "123456789012"


def test_an_event_that_is_no_json_is_refused(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    with pytest.raises(ClientError, match="Could not parse request body into json"):
        stacks.aws.client("lambda").invoke(FunctionName=stack.id_of("Function"), Payload=b"{")


def test_an_unknown_function_is_not_found(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("lambda").invoke(FunctionName="nobody")


def test_a_dry_run_runs_nothing(stacks: Stacks) -> None:
    stack = stacks.create(with_function())

    assert invoke(stack, InvocationType="DryRun")["StatusCode"] == 204
    assert invoke(stack)["Payload"]["calls"] == 1


def test_functions_run_side_by_side(stacks: Stacks) -> None:
    code = "import time\ndef handler(e, c):\n    time.sleep(0.5)\n    return time.time()"
    stack = stacks.create(with_function(code))
    name, lambda_ = stack.id_of("Function"), stacks.aws.client("lambda")

    with ThreadPoolExecutor(4) as threads:
        begin = time.monotonic()
        answers = list(threads.map(lambda _: lambda_.invoke(FunctionName=name)["Payload"].read(), range(4)))
    assert len(answers) == 4
    assert max(map(float, answers)) - min(map(float, answers)) < time.monotonic() - begin


def test_a_deleted_function_leaves_no_process(stacks: Stacks) -> None:
    code = "import os\ndef handler(e, c): return os.getpid()"
    stack = stacks.create(with_function(code))
    process = invoke(stack)["Payload"]

    stack.delete()

    eventually(lambda: not alive(process))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
