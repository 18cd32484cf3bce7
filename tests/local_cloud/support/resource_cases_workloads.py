"""Rules, schedules, alarms, tables, functions, state machines."""

import json

from tests.local_cloud.support import resource_looks as look
from tests.local_cloud.support.resource_case import CODE, NEW_TAGS, TAGS, Case
from tests.local_cloud.support.stacks import function, get, ref, resource, role

WAIT = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}


def lifecycle_text(priority: int) -> dict[str, str]:
    rule = {
        "rulePriority": priority,
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    return {"LifecyclePolicyText": json.dumps({"rules": [rule]})}


ALARM = {
    "Namespace": "Test",
    "MetricName": "Rows",
    "ComparisonOperator": "LessThanThreshold",
    "EvaluationPeriods": "1",
    "Period": 60,
    "Statistic": "Sum",
    "Dimensions": [{"Name": "stage", "Value": "local"}],
}
TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
SCHEDULE = {
    "GroupName": ref("Group"),
    "Name": "nightly",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ScheduleExpression": "rate(1 day)",
}
TARGET = {"Arn": "arn:aws:states:eu-west-1:123456789012:stateMachine:x", "RoleArn": get("Role", "Arn")}

CASES = [
    Case(
        "AWS::Events::Rule",
        "events",
        look.rule,
        {
            "EventPattern": {"source": ["x"]},
            "Targets": [
                {"Id": "a", "Arn": get("Queue", "Arn"), "Input": "1"},
                {"Id": "b", "Arn": get("Queue", "Arn")},
            ],
        },
        ("ENABLED", [("a", "1"), ("b", None)]),
        {
            "EventPattern": {"source": ["x"]},
            "State": "DISABLED",
            "Targets": [{"Id": "a", "Arn": get("Queue", "Arn"), "Input": "2"}],
        },
        ("DISABLED", [("a", "2")]),
        {"Queue": resource("AWS::SQS::Queue")},
        ("Arn",),
    ),
    Case(
        "AWS::Scheduler::Schedule",
        "scheduler",
        look.schedule,
        SCHEDULE | {"Target": TARGET | {"Input": '{"force": false}'}},
        ("rate(1 day)", "ENABLED", {"force": False}),
        SCHEDULE | {"Target": TARGET | {"Input": '{"force": true}'}, "State": "DISABLED"},
        ("rate(1 day)", "DISABLED", {"force": True}),
        {
            "Role": role("scheduler.amazonaws.com"),
            "Group": resource("AWS::Scheduler::ScheduleGroup", Name="schedule-test"),
        },
        ("Arn",),
    ),
    Case(
        "AWS::Scheduler::ScheduleGroup",
        "scheduler",
        look.schedule_group,
        {"Tags": TAGS},
        "ACTIVE",
        {"Tags": NEW_TAGS},
        "ACTIVE",
        attributes=("Arn",),
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        look.alarm,
        ALARM | {"Threshold": "1", "TreatMissingData": "breaching"},
        (1.0, "breaching", ALARM["Dimensions"]),
        ALARM | {"Threshold": 2.5, "TreatMissingData": "ignore"},
        (2.5, "ignore", ALARM["Dimensions"]),
        attributes=("Arn",),
    ),
    Case(
        "AWS::CloudWatch::CompositeAlarm",
        "cloudwatch",
        look.composite,
        {"AlarmRule": {"Fn::Sub": "ALARM(${One})"}},
        "ALARM(composite-one)",
        {"AlarmRule": {"Fn::Sub": "OK(${One})"}},
        "OK(composite-one)",
        {"One": resource("AWS::CloudWatch::Alarm", **ALARM, Threshold=1, AlarmName="composite-one")},
        ("Arn",),
    ),
    Case(
        "AWS::CloudWatch::Dashboard",
        "cloudwatch",
        look.dashboard,
        {"DashboardBody": '{"widgets": []}'},
        {"widgets": []},
        {"DashboardBody": '{"start": "-P1D", "widgets": []}'},
        {"start": "-P1D", "widgets": []},
    ),
    Case(
        "AWS::SSM::Parameter",
        "ssm",
        look.ssm_parameter,
        {"Type": "String", "Value": "one", "Tags": {"a": "b"}},
        "one",
        {"Type": "String", "Value": "two"},
        "two",
        attributes=("Type", "Value"),
    ),
    Case(
        "AWS::StepFunctions::StateMachine",
        "stepfunctions",
        look.machine,
        {
            "RoleArn": get("Role", "Arn"),
            "DefinitionString": json.dumps({"Comment": "${Word}", **WAIT}),
            "DefinitionSubstitutions": {"Word": "one"},
            "StateMachineType": "STANDARD",
        },
        ("one", "STANDARD"),
        {
            "RoleArn": get("Role", "Arn"),
            "DefinitionString": json.dumps({"Comment": "${Word}", **WAIT}),
            "DefinitionSubstitutions": {"Word": "two"},
            "StateMachineType": "STANDARD",
        },
        ("two", "STANDARD"),
        {"Role": role("states.amazonaws.com")},
        ("Arn", "Name"),
    ),
    Case(
        "AWS::DynamoDB::GlobalTable",
        "dynamodb",
        look.table,
        TABLE
        | {
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "Replicas": [
                {
                    "Region": ref("AWS::Region"),
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "Tags": TAGS,
                }
            ],
        },
        ("ENABLED", "ENABLED", "PAY_PER_REQUEST", {"stage": "one", "goes": "x"}),
        TABLE | {"Replicas": [{"Region": ref("AWS::Region"), "Tags": NEW_TAGS}]},
        ("DISABLED", "DISABLED", "PAY_PER_REQUEST", {"stage": "two"}),
        attributes=("Arn", "TableId"),
    ),
    Case(
        "AWS::DynamoDB::Table",
        "dynamodb",
        look.table,
        TABLE | {"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": "true"}, "Tags": TAGS},
        ("ENABLED", "DISABLED", "PAY_PER_REQUEST", {"stage": "one", "goes": "x"}),
        TABLE | {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}, "Tags": NEW_TAGS},
        ("DISABLED", "ENABLED", "PAY_PER_REQUEST", {"stage": "two"}),
        attributes=("Arn",),
    ),
    Case(
        "AWS::ECR::Repository",
        "ecr",
        look.repository,
        {"LifecyclePolicy": lifecycle_text(1)},
        1,
        {"LifecyclePolicy": lifecycle_text(2)},
        2,
        attributes=("Arn", "RepositoryUri"),
    ),
    Case(
        "AWS::Lambda::Function",
        "lambda",
        look.lambda_function,
        function(
            CODE,
            Architectures=["arm64"],
            Layers=[ref("Layer")],
            VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        )["Properties"],
        (128, 20, ["arm64"], 1, ["subnet-1"]),
        function(CODE, Architectures=["arm64"], MemorySize="512", Timeout=30)["Properties"],
        (512, 30, ["arm64"], 0, []),
        {
            "Role": role(),
            "Layer": resource("AWS::Lambda::LayerVersion", Content={"S3Bucket": "layers-test", "S3Key": "l"}),
        },
        ("Arn",),
    ),
    Case(
        "AWS::Lambda::LayerVersion",
        "lambda",
        look.layer,
        {"LayerName": "versions", "Description": "one", "Content": {"S3Bucket": "layers-test", "S3Key": "l"}},
        ("one", "1"),
        {"LayerName": "versions", "Description": "two", "Content": {"S3Bucket": "layers-test", "S3Key": "l"}},
        ("two", "2"),
    ),
    Case(
        "AWS::Lambda::Permission",
        "lambda",
        look.permission,
        {
            "FunctionName": ref("Function"),
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
        },
        {"Service": "events.amazonaws.com"},
        {
            "FunctionName": ref("Function"),
            "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com",
        },
        {"Service": "sns.amazonaws.com"},
        {"Role": role(), "Function": function(CODE, FunctionName="permission-test")},
    ),
]
