"""The template language: functions, conditions, parameters, dynamic references, change sets."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.stacks import Stacks, get, parameter, ref, resource, template

MAPPINGS = {"Sizes": {"eu-west-1": {"Small": "two"}}}
CONDITIONS = {
    "Yes": {"Fn::Equals": ["a", "a"]},
    "No": {"Fn::Not": [{"Condition": "Yes"}]},
    "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
    "Either": {"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]},
}
VALUES: list[tuple[Any, str]] = [
    ({"Fn::Join": ["-", ["a", 1, True]]}, "a-1-true"),
    ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b,c"]}]}, "b"),
    ({"Fn::Sub": "${AWS::Region} ${!Kept} ${Base}"}, "eu-west-1 ${Kept} base"),
    ({"Fn::Sub": ["${Own}/${Base.Value}", {"Own": ref("AWS::AccountId")}]}, "123456789012/text"),
    ({"Fn::FindInMap": ["Sizes", ref("AWS::Region"), "Small"]}, "two"),
    ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
    ({"Fn::If": ["Both", "yes", "no"]}, "no"),
    ({"Fn::Base64": "text"}, "dGV4dA=="),
    ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "eu-west-1a"),
    ({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}, "10.0.1.0/24"),
    ({"Fn::ToJsonString": {"a": ref("AWS::Partition")}}, '{"a":"aws"}'),
    (ref("AWS::URLSuffix"), "amazonaws.com"),
]


def test_intrinsic_functions_have_their_values(stacks: Stacks) -> None:
    outputs = {f"Value{number}": value for number, (value, _) in enumerate(VALUES)}
    stack = stacks.create(
        {"Base": parameter("text", Name="base")}, outputs, Mappings=MAPPINGS, Conditions=CONDITIONS
    )

    assert [stack.outputs[f"Value{number}"] for number in range(len(VALUES))] == [text for _, text in VALUES]


def test_what_its_condition_forbids_is_not_made_and_no_value_drops_the_property(stacks: Stacks) -> None:
    stack = stacks.create(
        {
            "Made": parameter("x", Description={"Fn::If": ["No", "described", ref("AWS::NoValue")]}),
            "Unmade": {**parameter("x"), "Condition": "No"},
            "Chooses": parameter({"Fn::If": ["No", get("Unmade", "Value"), "other"]}),
        },
        Conditions=CONDITIONS,
    )

    names = stacks.api.describe_stack_resources(StackName=stack.name)["StackResources"]
    assert {each["LogicalResourceId"] for each in names} == {"Made", "Chooses"}
    filters = [{"Key": "Name", "Values": [stack.id_of("Made")]}]
    described = stacks.aws.client("ssm").describe_parameters(ParameterFilters=filters)["Parameters"][0]
    assert "Description" not in described


def test_a_function_that_is_not_implemented_fails_by_name(stacks: Stacks) -> None:
    stack = stacks.create({"A": parameter({"Fn::Transform": {"Name": "AWS::Include"}})})

    assert "does not implement the function Fn::Transform" in stack.reason("A")


def test_an_attribute_that_a_type_does_not_have_fails_by_name(stacks: Stacks) -> None:
    stack = stacks.create({"A": parameter("x"), "B": parameter(get("A", "Colour"))})

    assert "resource A (AWS::SSM::Parameter) has no attribute Colour" in stack.reason("B")


def test_an_update_keeps_previous_and_default_parameters(stacks: Stacks) -> None:
    declared = {"Given": {"Type": "String"}, "Defaulted": {"Type": "String", "Default": "default"}}
    shown = {"Both": {"Fn::Sub": "${Given} ${Defaulted}"}}
    name = "test-previous-values"
    stacks.names.append(name)
    stacks.api.create_stack(
        StackName=name,
        TemplateBody=template({"A": parameter("x")}, shown, Parameters=declared),
        Parameters=[{"ParameterKey": "Given", "ParameterValue": "given"}],
    )

    stacks.api.update_stack(
        StackName=name,
        TemplateBody=template({"A": parameter("y")}, shown, Parameters=declared),
        Parameters=[{"ParameterKey": key, "UsePreviousValue": True} for key in declared],
    )

    output = stacks.api.describe_stacks(StackName=name)["Stacks"][0]["Outputs"][0]
    assert output["OutputValue"] == "given default"


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ({"Type": "String"}, [], r"Parameters: \[P\] must have values"),
        ({"Type": "String"}, [("P", "x"), ("Q", "x")], r"\[Q\] do not exist in the template"),
        ({"Type": "String", "AllowedValues": ["a"]}, [("P", "b")], r"'P' must be one of \[a\]"),
        ({"Type": "String", "AllowedPattern": "[0-9]+"}, [("P", "b")], r"'P' must match pattern \[0-9\]\+"),
        ({"Type": "Number", "MaxValue": 3}, [("P", "4")], "'P' must be a number not greater than 3"),
        ({"Type": "String", "MinLength": 2}, [("P", "b")], "'P' must contain at least 2 characters"),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>"},
            [("P", "/absent")],
            "Unable to fetch parameter /absent",
        ),
    ],
)
def test_parameters_are_checked(
    stacks: Stacks, declared: dict[str, Any], given: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        stacks.api.create_stack(
            StackName="test-parameters",
            TemplateBody=template({"A": parameter("x")}, Parameters={"P": declared}),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given],
        )


def test_values_come_from_parameter_store_and_secrets(stacks: Stacks) -> None:
    stacks.aws.client("ssm").put_parameter(
        Name="/source", Value="from the store", Type="String", Overwrite=True
    )
    secrets = stacks.aws.client("secretsmanager")
    secrets.create_secret(Name="test-secret", SecretString=json.dumps({"user": "ada"}))
    typed = {"Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/source"}}
    stack = stacks.create(
        {
            "A": parameter("{{resolve:ssm:/source}}!"),
            "B": parameter(
                {"Fn::Sub": "{{resolve:secretsmanager:test-secret:SecretString:user}}@${AWS::Region}"}
            ),
        },
        {"A": get("A", "Value"), "B": get("B", "Value"), "Typed": ref("Stored")},
        Parameters=typed,
    )
    secrets.delete_secret(SecretId="test-secret", ForceDeleteWithoutRecovery=True)

    assert stack.outputs == {"A": "from the store!", "B": "ada@eu-west-1", "Typed": "from the store"}
    assert stack.described["Parameters"][0]["ResolvedValue"] == "from the store"


def test_a_rule_of_the_template_is_asserted(stacks: Stacks) -> None:
    assertion = {"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], "2"]}]}, "AssertDescription": "too old"}

    with pytest.raises(ClientError, match="too old"):
        stacks.create({"A": parameter("x")}, Rules={"Version": {"Assertions": [assertion]}})


def test_yaml_with_short_forms_and_dates_is_read_as_cloudformation_does(stacks: Stacks) -> None:
    body = """
Resources:
  A:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: 2012-10-17}
  B:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Join ['', [!GetAtt A.Value, !Sub ' ${AWS::Region}', !Ref Nothing]]
Parameters:
  Nothing: {Type: String, Default: .}
Outputs:
  B: {Value: !GetAtt B.Value}
"""
    stacks.names.append("test-yaml")
    stacks.api.create_stack(StackName="test-yaml", TemplateBody=body)

    outputs = stacks.api.describe_stacks(StackName="test-yaml")["Stacks"][0]["Outputs"]
    assert outputs[0]["OutputValue"] == "2012-10-17 eu-west-1."
    assert stacks.api.get_template(StackName="test-yaml")["TemplateBody"] == body


def test_a_change_set_shows_what_would_change_and_does_it_when_executed(stacks: Stacks) -> None:
    stack = stacks.create(
        {
            "Changed": parameter("old"),
            "Renamed": parameter("x", Name="/change-set/old"),
            "Follows": parameter(ref("Renamed")),
            "Removed": parameter("x"),
            "Same": parameter("x"),
        }
    )
    body = template(
        {
            "Changed": parameter("new"),
            "Renamed": parameter("x", Name="/change-set/new"),
            "Follows": parameter(ref("Renamed")),
            "Added": parameter(get("Changed", "Value")),
            "Same": parameter("x"),
        }
    )
    made = stacks.api.create_change_set(StackName=stack.name, ChangeSetName="next", TemplateBody=body)

    described = stacks.api.describe_change_set(ChangeSetName=made["Id"])
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in described["Changes"]
    }
    assert {name: change["Action"] for name, change in changes.items()} == {
        "Changed": "Modify", "Renamed": "Modify", "Follows": "Modify", "Added": "Add", "Removed": "Remove",
    }  # fmt: skip
    assert changes["Renamed"]["Replacement"] == "True"
    assert changes["Changed"]["Replacement"] == "False"
    assert stack.status == "CREATE_COMPLETE"
    stacks.api.execute_change_set(ChangeSetName=made["Id"])
    assert stack.status == "UPDATE_COMPLETE"
    assert stack.id_of("Renamed") == "/change-set/new"


def test_a_change_set_without_changes_fails_in_cloudformations_words(stacks: Stacks) -> None:
    stack = stacks.create({"A": parameter("x")})
    body = template({"A": parameter("x")})
    stacks.api.create_change_set(StackName=stack.name, ChangeSetName="none", TemplateBody=body)

    described = stacks.api.describe_change_set(StackName=stack.name, ChangeSetName="none")
    assert described["Status"] == "FAILED"
    assert "didn't contain changes" in described["StatusReason"]
    stacks.api.delete_change_set(StackName=stack.name, ChangeSetName="none")
    assert stacks.api.list_change_sets(StackName=stack.name)["Summaries"] == []


def test_a_change_set_can_create_a_stack(stacks: Stacks) -> None:
    name = "test-by-change-set"
    stacks.names.append(name)
    body = template({"A": resource("AWS::SNS::Topic")})
    stacks.api.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=body
    )

    assert stacks.api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    stacks.api.execute_change_set(StackName=name, ChangeSetName="first")
    assert stacks.api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_deleting_an_unknown_change_set_is_no_error(stacks: Stacks) -> None:
    stack = stacks.create({"A": parameter("x")})

    stacks.api.delete_change_set(StackName=stack.name, ChangeSetName="never-made")
