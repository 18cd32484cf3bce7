"""Definitions that Step Functions refuses: all that is wrong, with its place, and nothing left behind."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import ROLE, LocalAws

END = {"Type": "Pass", "End": True}
SDK = "arn:aws:states:::aws-sdk:"
OPTIMISED = "arn:aws:states:::"


def machine(states: Any, language: str = "JSONata", **more: Any) -> dict[str, Any]:
    return {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states, **more}


def task(resource: str, **more: Any) -> dict[str, Any]:
    return machine({"A": {"Type": "Task", "Resource": resource, "End": True, **more}})


def path_state(**more: Any) -> dict[str, Any]:
    return machine({"A": {"Type": "Pass", "End": True, **more}}, "JSONPath")


def choice(rule: Any, language: str = "JSONPath") -> dict[str, Any]:
    return machine({"A": {"Type": "Choice", "Choices": [{"Next": "B", **rule}]}, "B": END}, language)


def say(output: Any) -> dict[str, Any]:
    return machine({"A": {"Type": "Pass", "Output": output, "End": True}})


# What AWS answers to these was measured and published; code, message and location are its own.
MEASURED: list[tuple[dict[str, Any], Sequence[tuple[str, str, str | None]]]] = [
    (
        machine({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}),
        [("MISSING_END_STATE", "Workflow has no terminal state", None)],
    ),
    (
        machine({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": END}),
        [("MISSING_TRANSITION_TARGET", 'State "C" is not reachable.', "/States/C")],
    ),
    (
        machine({"A": {"Type": "Pass", "Next": "NOPE"}}),
        [
            ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE", "/States/A/Next"),
            ("MISSING_END_STATE", "Workflow has no terminal state", None),
        ],
    ),
    (
        machine(
            {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "X"}], "Default": "B"}, "B": END}
        ),
        [("MISSING_TRANSITION_TARGET", "Missing 'Next' target: X", "/States/A/Choices[0]/Next")],
    ),
    (
        machine(
            {"P": {"Type": "Parallel", "Branches": [machine({"I": END})], "TimeoutSeconds": 3, "End": True}}
        ),
        [("SCHEMA_VALIDATION_FAILED", "Field 'TimeoutSeconds' is not supported", "/States/P")],
    ),
    (
        path_state(Output=1),
        [
            (
                "SCHEMA_VALIDATION_FAILED",
                "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the "
                "'JSONata' QueryLanguage",
                "/States/A",
            )
        ],
    ),
    (
        machine({"A": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}),
        [
            (
                "SCHEMA_VALIDATION_FAILED",
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
                "/States/A",
            )
        ],
    ),
    (
        machine({"M": {"Type": "Map", "ItemProcessor": machine({"P": END}), "End": True}}),
        [("SCHEMA_VALIDATION_FAILED", "Field 'QueryLanguage' is not supported", "/States/M/ItemProcessor")],
    ),
    *[
        (say(f"{{% {text} %}}"), [("INVALID_JSONATA_EXPRESSION", message, "/States/A/Output")])
        for text, message in [
            ("1 +", "Unexpected end of expression"),
            ("$x :=", "Unexpected end of expression"),
            ("a[1,2)", 'Expected "]", got ","'),
            ('"unterminated', "String literal must be terminated by a matching quote"),
            ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
            ('$match("a", /abc', "No terminating / in regular expression"),
        ]
    ],
    (
        say({"v": "{% phone %}"}),
        [
            (
                "UNSUPPORTED_JSONATA_EXPRESSION",
                "Reference to 'phone' at the top level is not supported.",
                "/States/A/Output/v",
            )
        ],
    ),
]


def diagnosed(aws: LocalAws, definition: str) -> list[tuple[str, str, str | None]]:
    answer = aws.client("stepfunctions").validate_state_machine_definition(definition=definition)
    assert answer["result"] == ("FAIL" if answer["diagnostics"] else "OK")
    return [(one["code"], one["message"], one.get("location")) for one in answer["diagnostics"]]


@pytest.mark.parametrize(("definition", "diagnostics"), MEASURED)
def test_the_diagnostics_are_those_that_were_measured_on_aws(
    aws: LocalAws, definition: dict[str, Any], diagnostics: Any
) -> None:
    assert diagnosed(aws, json.dumps(definition)) == diagnostics


# The language's specification and the service's documentation forbid these.
REFUSED: list[tuple[Any, str, str | None]] = [
    ({"StartAt": "A"}, "'States'", "/"),
    ({"States": {"A": END}}, "'StartAt'", "/"),
    ({"StartAt": "B", "States": {"A": END}}, "Missing 'StartAt' target: B", "/StartAt"),
    (machine({"A": {"Type": "Pass"}, "B": END}), "'Next' or 'End'", "/States/A"),
    (machine({"A": {"Type": "Dance", "End": True}}), "'Type'", "/States/A/Type"),
    (machine({"A" * 81: END}), "80 characters", f"/States/{'A' * 81}"),
    (machine({"A": {**END, "Assign": {"states": 1}}}), "'states'", "/States/A/Assign/states"),
    (machine({"A": {"Type": "Wait", "End": True}}), "exactly one of Seconds", "/States/A"),
    (machine({"A": {"Type": "Wait", "Seconds": -1, "End": True}}), "Seconds must be", "/States/A/Seconds"),
    (machine({"A": {"Type": "Pass", "Parameters": {}, "End": True}}), "'Parameters' is only", "/States/A"),
    (machine({"A": {"Type": "Succeed", "End": True}}), "'End' is not supported", "/States/A"),
    (machine({"A": {"Type": "Map", "End": True}}), "'ItemProcessor'", "/States/A"),
    (machine({"A": {"Type": "Parallel", "End": True}}), "'Branches'", "/States/A"),
    (
        machine({"A": {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": END}}, "End": True}}),
        "Another state of the machine has the name 'A'",
        "/States/A/ItemProcessor/States/A",
    ),
    (choice({"Condition": "{% true %}"}), "'Condition' is only supported", "/States/A/Choices[0]"),
    (choice({"Variable": "$.a"}, "JSONata"), "'Condition'", "/States/A/Choices[0]"),
    (choice({"Variable": "$.a"}), "exactly one comparison", "/States/A/Choices[0]"),
    (
        choice({"Variable": "$.a", "NumericEquals": "1"}),
        "must be a number",
        "/States/A/Choices[0]/NumericEquals",
    ),
    (
        choice({"Not": {"Variable": "$.a", "IsNull": 1}}),
        "must be a boolean",
        "/States/A/Choices[0]/Not/IsNull",
    ),
    (path_state(Parameters={"a.$": "b"}), "valid JSONPath", "/States/A/Parameters/a.$"),
    (path_state(Parameters={"l": [{"a.$": "$.a["}]}), "valid JSONPath", "/States/A/Parameters/l[0]/a.$"),
    (path_state(Parameters={"a.$": "States.Dance()"}), "valid intrinsic", "/States/A/Parameters/a.$"),
    (path_state(InputPath="a"), "valid JSONPath", "/States/A/InputPath"),
    (task("arn:aws:lambda:x"), "not recognized", "/States/A/Resource"),
    (task(f"{SDK}personalize:createDream"), "no action 'createDream'", "/States/A/Resource"),
    (task(f"{SDK}nowhere:list"), "no aws-sdk service 'nowhere'", "/States/A/Resource"),
    (task(f"{SDK}sfn:startExecution.sync"), "have no '.sync'", "/States/A/Resource"),
    (task(f"{SDK}sns:publish", Arguments={"Massage": "x"}), "'Massage'", "/States/A/Arguments/Massage"),
    (task(f"{SDK}sns:publish", Arguments={"message": "x"}), "'message'", "/States/A/Arguments/message"),
    (
        task(f"{SDK}personalize:createCampaign", Arguments={"Tags": [{"TagName": "x"}]}),
        "'TagName'",
        "/States/A/Arguments/Tags[0]/TagName",
    ),
    (
        task(f"{OPTIMISED}sqs:sendMessage", Arguments={"QueueUrl": "q"}),
        "'MessageBody'",
        "/States/A/Arguments",
    ),
    (task(f"{OPTIMISED}sqs:purgeQueue"), "no optimised integration", "/States/A/Resource"),
    (task(f"{OPTIMISED}dynamodb:getItem.sync"), "has no '.sync'", "/States/A/Resource"),
    *[
        (task(OPTIMISED + resource), f"does not run {OPTIMISED}{resource}", "/States/A/Resource")
        for resource in ("glue:startJobRun.sync", "ecs:runTask", "batch:submitJob", "http:invoke")
    ],
    *[
        (task(f"{SDK}sfn:listStateMachines", **{field: [handler]}), words, f"/States/A/{field}[0]{place}")
        for field, handler, words, place in [
            ("Retry", {}, "'ErrorEquals'", ""),
            ("Retry", {"ErrorEquals": ["States.ALL", "A"]}, "'States.ALL' must stand alone", ""),
            ("Retry", {"ErrorEquals": ["A"], "IntervalSeconds": 0}, "whole number", "/IntervalSeconds"),
            ("Retry", {"ErrorEquals": ["A"], "BackoffRate": 0.5}, "at least 1", "/BackoffRate"),
            ("Catch", {"ErrorEquals": ["A"]}, "'Next'", ""),
        ]
    ],
    ("{", "not JSON", None),
    ("[]", "JSON object", None),
    ('{"StartAt": "A", "States": {"A": {"Type": "Fail"}, "A": {"Type": "Fail"}}}', "twice", None),
    (say("{% $states.errorOutput.Error %}"), "only there in the fields of a Catch", "/States/A/Output"),
    (say("{% $$ %}"), "'$$'", "/States/A/Output"),
]


@pytest.mark.parametrize(("definition", "words", "location"), REFUSED)
def test_what_the_language_forbids_is_refused_with_its_place(
    aws: LocalAws, definition: Any, words: str, location: str | None
) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    found = diagnosed(aws, text)
    assert [place for _, message, place in found if words in message] == [location], found


@pytest.mark.parametrize(
    "definition",
    [
        say("{% $map([1], function($x) { $x.a })[b = 1] ~> $count() %}"),
        say("{% $states.input.list{ kind: $sum(n) } %}"),
        say("{% $states.input ~> |list|{'b': a}| %}"),
        path_state(
            Parameters={"a.$": r"States.Format('it\'s {}', $.a)", "b.$": "States.Array(1, 2.5, $$.State)"}
        ),
        path_state(InputPath=None, ResultPath=None, OutputPath="$.a[?(@.b > 1 && @.c)]"),
        machine({"A": {"Type": "Wait", "Seconds": "{% 1 %}", "End": True}}),
        task("arn:aws:lambda:eu-west-1:123456789012:function:f:live", TimeoutSeconds="{% 5 %}"),
        task(f"{OPTIMISED}lambda:invoke.waitForTaskToken", Arguments={"FunctionName": "f"}),
        choice(
            {"And": [{"Variable": "$.a", "IsPresent": True}, {"Not": {"Variable": "$.a", "IsNull": True}}]}
        ),
    ],
)
def test_what_the_language_allows_is_taken(aws: LocalAws, definition: dict[str, Any]) -> None:
    assert diagnosed(aws, json.dumps(definition)) == []


def test_all_problems_of_a_definition_are_told_at_once(aws: LocalAws) -> None:
    wrong = {
        "A": {
            "Type": "Task",
            "Resource": f"{SDK}sns:publish",
            "Arguments": {"Massage": "{% 1 + %}"},
            "Next": "X",
        },
        "B": {"Type": "Wait", "End": True},
    }
    places = {place for _, _, place in diagnosed(aws, json.dumps(machine(wrong)))}
    assert places == {"/States/A/Arguments/Massage", "/States/A/Next", "/States/B"}


def test_a_refused_definition_leaves_nothing_behind(aws: LocalAws) -> None:
    states, wrong = aws.client("stepfunctions"), json.dumps(machine({"A": {"Type": "Pass", "Next": "X"}}))
    before = {one["name"] for one in states.list_state_machines()["stateMachines"]}
    with pytest.raises(
        ClientError, match="Missing 'Next' target: X at /States/A/Next, MISSING_END_STATE"
    ) as refused:
        states.create_state_machine(name="refused", definition=wrong, roleArn=ROLE)
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    assert {one["name"] for one in states.list_state_machines()["stateMachines"]} == before
    arn = aws.machine({"A": END})
    with pytest.raises(ClientError, match="Missing 'Next' target: X at /States/A/Next"):
        states.update_state_machine(stateMachineArn=arn, definition=wrong)
    assert json.loads(aws.ended(aws.started(arn, 7))["output"]) == 7


def test_a_definition_of_more_than_a_megabyte_is_refused(aws: LocalAws) -> None:
    long = json.dumps(machine({"A": {**END, "Comment": "x" * 1_048_576}}))
    with pytest.raises(ClientError, match="1048576"):
        aws.client("stepfunctions").create_state_machine(name="long", definition=long, roleArn=ROLE)
