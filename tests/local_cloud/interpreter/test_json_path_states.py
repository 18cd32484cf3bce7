"""States that use JSONPath: what paths find, choices, intrinsic functions and their escapes."""

import json
from typing import Any

import pytest

from tests.local_cloud.support.local_aws import LocalAws

DATA = {
    "list": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
    "one": [7],
    "empty": [],
    "o": {"Payload": {"response": {"X": 5}}},
    "null": None,
    "name": "it's",
}


def computed(aws: LocalAws, template: dict[str, Any]) -> dict[str, Any]:
    """The description of an execution of one Pass state with these parameters."""
    states = {"A": {"Type": "Pass", "Parameters": template, "End": True}}
    return aws.run(states, DATA, QueryLanguage="JSONPath")


def test_a_path_to_one_place_is_its_value_and_any_other_a_list(aws: LocalAws) -> None:
    expected = {
        "$.list[0].a": 1,
        "$.one[0]": 7,
        "$.null": None,
        "$['o'].Payload.response.X": 5,
        "$.list[*].a": [1, 2],
        "$.one[*]": [7],
        "$.list[0:1]": [DATA["list"][0]],  # type: ignore[index]
        "$..X": [5],
        "$.list[?(@.a == 2)].b": ["y"],
        "$.list[?(@.a == 2 && @.b == 'y')].a": [2],
        "$.list[?(@.a == 3)]": [],
        "$..nope": [],
        "$.empty[*].a": [],
        "$..[?(@.Payload)].Payload.response.Y": [],
    }
    paths = list(expected)
    described = computed(aws, {f"p{index}.$": path for index, path in enumerate(paths)})
    output = json.loads(described["output"])
    assert {path: output[f"p{index}"] for index, path in enumerate(paths)} == expected


@pytest.mark.parametrize("path", ["$.nope", "$.list[0].c", "$.o.nope.X"])
def test_a_path_to_one_place_that_is_not_there_fails(aws: LocalAws, path: str) -> None:
    failed = computed(aws, {"a.$": path})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.Runtime")
    assert f"The JSONPath '{path}' specified for the field 'a.$' could not be found" in failed["cause"]


def test_intrinsic_functions_take_the_escapes_of_the_language(aws: LocalAws) -> None:
    expected = {
        r"States.Format('it\'s {}', $.name)": "it's it's",
        r"States.Format('\{\} {} \\', 1)": "{} 1 \\",
        "States.Format('{a} {}', 1)": "{a} 1",
        "States.Format('{}, {}', 'a, b', 'c')": "a, b, c",
        r"States.Array('a\'b', 'c')": ["a'b", "c"],
        r"States.StringSplit('a\\b', '\\')": ["a", "b"],
        "States.Array('Foo', 2.5, -3, true, null)": ["Foo", 2.5, -3, True, None],
        "States.MathAdd(1, -2)": -1,
    }
    functions = list(expected)
    described = computed(aws, {f"f{index}.$": function for index, function in enumerate(functions)})
    assert described["status"] == "SUCCEEDED", described
    output = json.loads(described["output"])
    assert {function: output[f"f{index}"] for index, function in enumerate(functions)} == expected


@pytest.mark.parametrize(
    "function", ["States.Format('{}')", "States.Format('{}', 1, 2)", "States.StringToJson('{')"]
)
def test_a_function_that_cannot_be_evaluated_fails_by_name(aws: LocalAws, function: str) -> None:
    failed = computed(aws, {"a.$": function})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.IntrinsicFailure")


def chosen(aws: LocalAws, rule: dict[str, Any]) -> dict[str, Any]:
    states = {
        "Choose": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Pass", "Result": "no", "End": True},
    }
    return aws.run(states, DATA, QueryLanguage="JSONPath")


@pytest.mark.parametrize(
    "comparison",
    [{"NumericEquals": 1}, {"IsNull": True}, {"StringMatches": "*"}, {"NumericEqualsPath": "$.one[0]"}],
)
def test_a_choice_on_a_variable_that_is_not_there_fails(aws: LocalAws, comparison: Any) -> None:
    for rule in ({"Variable": "$.nope", **comparison}, {"Not": {"Variable": "$.nope", **comparison}}):
        failed = chosen(aws, rule)
        assert (failed["status"], failed["error"]) == ("FAILED", "States.Runtime")
        assert "Invalid path '$.nope'" in failed["cause"]


def test_a_choice_may_ask_first_whether_the_variable_is_there(aws: LocalAws) -> None:
    there = {"And": [{"Variable": "$.nope", "IsPresent": True}, {"Variable": "$.nope", "NumericEquals": 1}]}
    assert json.loads(chosen(aws, there)["output"]) == "no"
    assert json.loads(chosen(aws, {"Variable": "$.nope", "IsPresent": False})["output"]) == "yes"
    assert json.loads(chosen(aws, {"Variable": "$.null", "IsNull": True})["output"]) == "yes"
