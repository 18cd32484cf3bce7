"""Errors by the names of Step Functions, what catches them, and how much variables may hold."""

from typing import Any

import pytest

from tests.local_cloud.support.local_aws import LocalAws

RAISES = """
def handler(event, context):
    raise type(event["error"], (Exception,), {})("why")
"""


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return aws.function(RAISES)


def handled(aws: LocalAws, function: str, error: str, caught: str) -> dict[str, Any]:
    catch = [{"ErrorEquals": [caught], "Output": "{% $states.errorOutput.Error %}", "Next": "Say"}]
    states = {
        "Call": {
            "Type": "Task",
            "Resource": function,
            "Arguments": {"error": error},
            "Catch": catch,
            "End": True,
        },
        "Say": {"Type": "Succeed"},
    }
    return aws.run(states)


@pytest.mark.parametrize(
    ("error", "caught", "status"),
    [
        ("States.Timeout", "States.Timeout", "SUCCEEDED"),
        ("States.Timeout", "States.ALL", "SUCCEEDED"),
        ("States.Timeout", "States.TaskFailed", "FAILED"),
        ("States.Permissions", "States.TaskFailed", "SUCCEEDED"),
        ("States.Mine", "States.Mine", "SUCCEEDED"),
        ("Mine", "States.TaskFailed", "SUCCEEDED"),
        ("Mine", "Yours", "FAILED"),
        ("States.Runtime", "States.ALL", "FAILED"),
        ("States.DataLimitExceeded", "States.ALL", "FAILED"),
    ],
)
def test_an_error_passes_through_by_its_name_and_is_caught_as_documented(
    aws: LocalAws, function: str, error: str, caught: str, status: str
) -> None:
    described = handled(aws, function, error, caught)
    assert described["status"] == status, described
    assert error in str(described.get("output", described.get("error")))


def test_a_fail_state_may_name_an_error_of_step_functions(aws: LocalAws) -> None:
    failed = aws.run({"Fail": {"Type": "Fail", "Error": "States.Mine", "Cause": "why"}})
    assert (failed["error"], failed["cause"]) == ("States.Mine", "why")


def assigning(*sizes: int) -> dict[str, Any]:
    """A machine that assigns variables whose JSON has these sizes in bytes."""
    texts = {f"v{index}": f"{{% $pad('', {size - 2}, 'x') %}}" for index, size in enumerate(sizes)}
    return {"Assign": {"Type": "Pass", "Assign": texts, "Output": "ok", "End": True}}


@pytest.mark.parametrize("sizes", [(262_144,), (131_072, 131_072)])
def test_an_assignment_holds_256_kib(aws: LocalAws, sizes: tuple[int, ...]) -> None:
    assert aws.run(assigning(*sizes))["status"] == "SUCCEEDED"


@pytest.mark.parametrize("sizes", [(262_145,), (131_072, 131_073)])
def test_an_assignment_of_more_fails_the_execution(aws: LocalAws, sizes: tuple[int, ...]) -> None:
    failed = aws.run(assigning(*sizes))
    assert failed["status"] == "FAILED"
    assert "262144 bytes" in failed["cause"]


def test_all_variables_of_an_execution_hold_ten_mebibytes(aws: LocalAws) -> None:
    text = "{% $pad('', 262142, 'x') %}"
    states: dict[str, Any] = {
        f"S{index}": {"Type": "Pass", "Assign": {f"v{index}": text}, "Next": f"S{index + 1}"}
        for index in range(41)
    }
    states["S41"] = {"Type": "Succeed", "Output": "too many"}
    failed = aws.run(states)
    assert failed["status"] == "FAILED"
    assert "10485760 bytes" in failed["cause"]
