"""JSONata, variables, choices and waits, as the deployed definitions use them."""

import json
import time
from typing import Any

import pytest

from tests.local_cloud.support.local_aws import LocalAws

NASTY = 'quo"te, back\\slash, line\nbreak, {% x %}, 😀'


def passing(output: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Output": output, "End": True, **more}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.a + 1", 3),
        ("$states.input.missing = null", False),
        ("$exists($states.input.nothing)", True),
        ("$states.input.nothing", None),
        ("5 / 2", 2.5),
        ("4 / 2", 2),
        ("[1..3]", [1, 2, 3]),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$range(1, 7, 3)", [1, 4, 7]),
        ("$parse('{\"a\": 1}').a", 1),
        ("$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("$length($uuid())", 36),
        ("$random() < 1 and $random() >= 0", True),
        ("$random(7) = $random(7)", True),
        ("$millis() > 1600000000000", True),
        ("$states.input.list[kind = 'b'].n", 2),
        ('$match(\'x "errorMessage": "no" y\', /"errorMessage": *"((?:\\\\.|[^\\\\"])*)"/).groups[0]', "no"),
    ],
)
def test_an_expression_has_the_value_that_jsonata_says(aws: LocalAws, expression: str, value: Any) -> None:
    payload = {"a": 2, "nothing": None, "list": [{"kind": "a", "n": 1}, {"kind": "b", "n": 2}]}
    assert aws.value(expression, payload) == value


@pytest.mark.parametrize("expression", ["$eval('1')", "1 + 'a'", "$string(1 / 0)", "$error('no')"])
def test_an_expression_that_cannot_be_evaluated_fails_the_execution(aws: LocalAws, expression: str) -> None:
    failed = aws.run({"Say": passing(f"{{% {expression} %}}")})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert expression in failed["cause"]


def test_an_undefined_value_is_a_failure_that_names_the_expression(aws: LocalAws) -> None:
    failed = aws.run({"Say": passing("{% $states.input.missing %}")}, {})
    assert "'$states.input.missing' returned nothing (undefined)" in failed["cause"]


def test_strings_survive_variables_whatever_is_in_them(aws: LocalAws) -> None:
    states = {
        "Keep": {
            "Type": "Pass",
            "Assign": {"kept": "{% $states.input %}", "literal": NASTY[:20]},
            "Next": "Say",
        },
        "Say": passing({"kept": "{% $kept %}", "literal": "{% $literal %}", "plain": "a/b 😀"}),
    }
    assert aws.output(states, NASTY) == {"kept": NASTY, "literal": NASTY[:20], "plain": "a/b 😀"}


def test_the_history_shows_assigned_variables_as_json(aws: LocalAws) -> None:
    execution = aws.start({"Keep": {"Type": "Pass", "Assign": {"kept": NASTY[:20]}, "End": True}})
    aws.ended(execution)
    events = aws.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    [exited] = [e["stateExitedEventDetails"] for e in events if e["type"] == "PassStateExited"]
    assert json.loads(exited["assignedVariables"]["kept"]) == NASTY[:20]


def test_a_definition_may_escape_characters_as_json_does(aws: LocalAws) -> None:
    definition = r'{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,'
    definition += r' "Output": {"literal": "a\/b \ud83d\ude00", "query": "{% \"a\\\\b \ud83d\ude00\" %}"}}}}'
    states = aws.client("stepfunctions")
    arn = states.create_state_machine(
        name="escapes", definition=definition, roleArn="arn:aws:iam::123456789012:role/r"
    )
    execution = states.start_execution(stateMachineArn=arn["stateMachineArn"])["executionArn"]
    assert json.loads(aws.ended(execution)["output"]) == {"literal": "a/b 😀", "query": "a\\b 😀"}


def test_a_character_outside_of_the_basic_plane_stays_one_character(aws: LocalAws) -> None:
    states = {
        "Say": {"Type": "Pass", "Output": "😀", "Assign": {"kept": "😀"}, "Next": "Count"},
        "Count": passing(["{% $length($states.input) %}", "{% $length($kept) %}", "{% $length('😀') %}"]),
    }
    assert aws.output(states) == [1, 1, 1]


def test_variables_work_in_states_that_use_json_path(aws: LocalAws) -> None:
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept.$": "$", "literal": NASTY[:20]}, "Next": "Say"},
        "Say": {"Type": "Pass", "Parameters": {"text.$": "$kept.text", "literal.$": "$literal"}, "End": True},
    }
    described = aws.run(states, {"text": NASTY}, QueryLanguage="JSONPath")
    assert json.loads(described["output"]) == {"text": NASTY, "literal": NASTY[:20]}


def test_the_execution_starts_at_a_time_written_with_milliseconds(aws: LocalAws) -> None:
    run = aws.value("$substring($replace($states.context.Execution.StartTime, /[-:.]/, ''), 0, 18)")
    assert len(run) == 18
    assert time.strftime("%Y%m%d") == run[:8]
    assert run[8] == "T"
    assert run[9:].isdigit()


def test_an_output_that_is_text_or_null_is_described_as_json(aws: LocalAws) -> None:
    assert aws.value("'text'") == "text"
    assert aws.value("null") is None


def test_a_rule_that_leads_where_the_default_leads_keeps_its_own_assignments(aws: LocalAws) -> None:
    states = {
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input > 1 %}", "Assign": {"way": "rule"}, "Next": "Say"}],
            "Default": "Say",
            "Assign": {"way": "default"},
        },
        "Say": passing("{% $way %}"),
    }
    assert aws.output(states, 2) == "rule"
    assert aws.output(states, 1) == "default"


def test_a_choice_without_match_and_default_fails_by_name(aws: LocalAws) -> None:
    states = {
        "Choose": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "Say"}]},
        "Say": passing(1),
    }
    assert aws.run(states)["error"] == "States.NoChoiceMatched"


def test_a_loop_waits_minutes_in_no_time(aws: LocalAws) -> None:
    states = {
        "Begin": {"Type": "Pass", "Assign": {"looks": 0}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": "{% 60 + $floor($random() * 15) %}", "Next": "Count"},
        "Count": {"Type": "Pass", "Assign": {"looks": "{% $looks + 1 %}"}, "Next": "Enough?"},
        "Enough?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $looks < 3 %}", "Next": "Wait"}],
            "Default": "Say",
        },
        "Say": passing("{% $looks %}"),
    }
    begin = time.monotonic()
    assert aws.output(states) == 3
    assert 0.3 <= time.monotonic() - begin < 60


@pytest.mark.parametrize("seconds", ["1.5", "'60'", "-1"])
def test_a_wait_of_no_whole_number_of_seconds_fails(aws: LocalAws, seconds: str) -> None:
    failed = aws.run({"Wait": {"Type": "Wait", "Seconds": f"{{% {seconds} %}}", "End": True}})
    assert failed["error"] == "States.QueryEvaluationError"
    assert "'Seconds'" in failed["cause"]


def test_branches_see_outer_variables_and_the_parallel_assigns_from_their_results(aws: LocalAws) -> None:
    branch = {"StartAt": "Add", "States": {"Add": passing("{% $base + $states.input %}")}}
    states = {
        "Begin": {"Type": "Pass", "Assign": {"base": 10}, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [branch, {"StartAt": "Ten", "States": {"Ten": passing("{% $base %}")}}],
            "Assign": {"sums": "{% $states.result %}"},
            "Next": "Say",
        },
        "Say": passing("{% $sums %}"),
    }
    assert aws.output(states, 5) == [15, 10]


def test_a_failed_branch_is_caught_with_its_error_and_cause(aws: LocalAws) -> None:
    fail = {"Type": "Fail", "Error": "{% 'Bo' & 'om' %}", "Cause": "{% 'because ' & $states.input %}"}
    states = {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Fail", "States": {"Fail": fail}},
                {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}},
            ],
            "Catch": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"step": "Both", "error": "{% $states.errorOutput.Error %}"},
                    "Output": "{% $states.errorOutput.Cause %}",
                    "Next": "Say",
                }
            ],
            "End": True,
        },
        "Say": passing({"step": "{% $step %}", "error": "{% $error %}", "cause": "{% $states.input %}"}),
    }
    assert aws.output(states, "why") == {"step": "Both", "error": "Boom", "cause": "because why"}


def test_an_inline_map_may_use_the_item_everywhere_inside(aws: LocalAws) -> None:
    states = {
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.items %}",
            "ItemSelector": {
                "value": "{% $states.context.Map.Item.Value %}",
                "factor": "{% $states.input.factor %}",
            },
            "ItemProcessor": {
                "StartAt": "Multiply",
                "States": {"Multiply": passing("{% $states.input.value * $states.input.factor %}")},
            },
            "End": True,
        }
    }
    assert aws.output(states, {"items": [1, 2, 3], "factor": 10}) == [10, 20, 30]


def test_the_definition_that_is_described_is_the_one_that_was_created(aws: LocalAws) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}
    arn = aws.machine(states)
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    assert json.loads(described["definition"])["States"] == states
