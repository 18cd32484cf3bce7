"""What goes, or is otherwise, by conditions, parameters and mappings; its own words are as they were."""

from typing import Any

from review.reading.assemblies import Stack
from tests.app.synth.review.mutating import Table, ids, one, with_property

CONDITIONS = Table()
NEVER = {"Fn::Equals": ["a", "b"]}
ALWAYS = {"Fn::Equals": ["a", "a"]}
OPEN = {"Fn::Equals": [{"Ref": "Mode"}, "calm"]}
BUCKET_POLICY, ALARM, TABLE = "S3::BucketPolicy", "CloudWatch::Alarm", "DynamoDB::GlobalTable"
SCHEDULE, FUNCTION, ROUTE = "Scheduler::Schedule", "Lambda::Function", "ApiGatewayV2::Route"
TURNED_ROUND = {"Condition": "One"}


def conditions(stack: Stack, **by_name: Any) -> None:
    stack.template.setdefault("Conditions", {}).update(by_name)
    stack.template.setdefault("Parameters", {})["Mode"] = {"Type": "String"}


def only(stack: Stack, type_: str, condition: Any, **having: Any) -> None:
    resources = stack.template["Resources"]
    conditions(stack, Sometimes=condition)
    resources[ids(resources, type_, **having)[0]]["Condition"] = "Sometimes"


def either(stack: Stack, type_: str, name: str, value: Any, other: Any, condition: Any = OPEN) -> None:
    """The one if the condition holds, else the other."""
    conditions(stack, Sometimes=condition)
    one(stack.template["Resources"], type_)[name] = {"Fn::If": ["Sometimes", value, other]}


@CONDITIONS.whole("Data", "ACCESS-009")
def a_policy_of_a_bucket_never(stack: Stack) -> None:
    only(stack, BUCKET_POLICY, NEVER)


@CONDITIONS.whole("Data", "ACCESS-009")
def a_policy_of_a_bucket_perhaps(stack: Stack) -> None:
    only(stack, BUCKET_POLICY, OPEN)


@CONDITIONS.whole("Data", "DATA-003")
def a_table_never(stack: Stack) -> None:
    only(stack, TABLE, {"Fn::Not": [ALWAYS]})


@CONDITIONS.whole("Training", "FLOW-010")
def a_schedule_never(stack: Stack) -> None:
    only(stack, SCHEDULE, {"Fn::And": [ALWAYS, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-2"]}]})


@CONDITIONS.whole("Training", "FLOW-013")
def a_function_only_elsewhere(stack: Stack) -> None:
    only(stack, FUNCTION, {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "444444444444"]})


@CONDITIONS.whole("Observability", "WATCH-001")
def an_alarm_by_a_condition_of_a_condition(stack: Stack) -> None:
    conditions(stack, One=NEVER)
    only(stack, ALARM, {"Fn::Or": [TURNED_ROUND, {"Fn::Not": [{"Fn::Not": [TURNED_ROUND]}]}]})


@CONDITIONS.whole("Observability", "WATCH-001")
def an_alarm_by_a_condition_that_is_not_there(stack: Stack) -> None:
    resources = stack.template["Resources"]
    resources[ids(resources, ALARM)[0]]["Condition"] = "Nowhere"


def always_watched(stack: Stack) -> None:
    only(stack, ALARM, ALWAYS)


@CONDITIONS.whole("Observability", "WATCH-001", given=always_watched)
def a_condition_is_defined_otherwise(stack: Stack) -> None:
    stack.template["Conditions"]["Sometimes"] = NEVER


@CONDITIONS.whole("Observability", "WATCH-001", given=always_watched)
def a_condition_is_left_open(stack: Stack) -> None:
    stack.template["Conditions"]["Sometimes"] = OPEN


def watched_by_default(stack: Stack) -> None:
    only(stack, ALARM, OPEN)
    stack.template["Parameters"]["Mode"]["Default"] = "calm"


@CONDITIONS.whole("Observability", "WATCH-001", given=watched_by_default)
def the_default_of_a_parameter_turns_a_condition(stack: Stack) -> None:
    stack.template["Parameters"]["Mode"]["Default"] = "wild"


@CONDITIONS.whole("Observability", "WATCH-001", given=watched_by_default)
def the_value_that_a_stack_is_deployed_with_turns_a_condition(stack: Stack) -> None:
    assert isinstance(stack.parameters, dict)
    stack.parameters["Mode"] = "wild"


def watched_by_a_mapping(stack: Stack) -> None:
    stack.template["Mappings"] = {"By": {stack.region: {"Mode": "calm"}}}
    mode = {"Fn::FindInMap": ["By", {"Ref": "AWS::Region"}, "Mode"]}
    only(stack, ALARM, {"Fn::Equals": [mode, "calm"]})


@CONDITIONS.whole("Observability", "WATCH-001", given=watched_by_a_mapping)
def a_mapping_turns_a_condition(stack: Stack) -> None:
    stack.template["Mappings"]["By"][stack.region]["Mode"] = "wild"


@CONDITIONS.whole("Serving", "ACCESS-007")
def a_route_that_may_answer_everybody(stack: Stack) -> None:
    either(stack, ROUTE, "AuthorizationType", "AWS_IAM", "NONE")


@CONDITIONS.whole("Serving", "ACCESS-007")
def a_route_that_answers_everybody_by_a_condition(stack: Stack) -> None:
    either(stack, ROUTE, "AuthorizationType", "AWS_IAM", "NONE", NEVER)


@CONDITIONS.whole("Serving", "ACCESS-007")
def a_route_that_asks_for_no_value(stack: Stack) -> None:
    either(stack, ROUTE, "AuthorizationType", {"Ref": "AWS::NoValue"}, "AWS_IAM")


def asked_by_a_parameter(stack: Stack) -> None:
    stack.template["Parameters"]["Auth"] = {"Type": "String", "Default": "AWS_IAM"}
    one(stack.template["Resources"], ROUTE)["AuthorizationType"] = {"Ref": "Auth"}


@CONDITIONS.whole("Serving", "ACCESS-007", given=asked_by_a_parameter)
def the_default_of_a_parameter_opens_a_route(stack: Stack) -> None:
    stack.template["Parameters"]["Auth"]["Default"] = "NONE"


@CONDITIONS.whole("Training", "FLOW-010")
def a_schedule_that_may_be_off(stack: Stack) -> None:
    either(stack, SCHEDULE, "State", "DISABLED", "ENABLED")


def on_by_a_mapping(stack: Stack) -> None:
    stack.template["Mappings"] = {"By": {stack.account: {"State": "ENABLED"}}}
    state = {"Fn::FindInMap": ["By", {"Ref": "AWS::AccountId"}, "State"]}
    one(stack.template["Resources"], SCHEDULE)["State"] = state


@CONDITIONS.whole("Training", "FLOW-010", given=on_by_a_mapping)
def a_mapping_turns_a_schedule_off(stack: Stack) -> None:
    stack.template["Mappings"]["By"][stack.account]["State"] = "DISABLED"


@CONDITIONS.whole("Data", "ACCESS-008")
def a_block_on_public_access_that_may_go(stack: Stack) -> None:
    block = with_property(stack.template["Resources"], "S3::Bucket", "PublicAccessBlockConfiguration")
    conditions(stack, Sometimes=OPEN)
    blocked = block["PublicAccessBlockConfiguration"]
    block["PublicAccessBlockConfiguration"] = {"Fn::If": ["Sometimes", blocked, {"Ref": "AWS::NoValue"}]}


@CONDITIONS.whole("Data", "DATA-010")
def encryption_that_may_go(stack: Stack) -> None:
    bucket = with_property(stack.template["Resources"], "S3::Bucket", "BucketEncryption")
    conditions(stack, Sometimes=OPEN)
    encryption = bucket["BucketEncryption"]
    bucket["BucketEncryption"] = {"Fn::If": ["Sometimes", encryption, {"Ref": "AWS::NoValue"}]}


@CONDITIONS.whole("Data", "DATA-006")
def tables_that_may_not_be_restored(stack: Stack) -> None:
    conditions(stack, Sometimes=OPEN)
    for replica in one(stack.template["Resources"], TABLE)["Replicas"]:
        recovery = replica["PointInTimeRecoverySpecification"]
        off = {"PointInTimeRecoveryEnabled": False}
        replica["PointInTimeRecoverySpecification"] = {"Fn::If": ["Sometimes", recovery, off]}


def protected(stack: Stack) -> None:
    for replica in one(stack.template["Resources"], TABLE)["Replicas"]:
        replica["DeletionProtectionEnabled"] = True


@CONDITIONS.whole("Data", "DATA-005", given=protected)
def protection_that_may_be_off(stack: Stack) -> None:
    conditions(stack, Sometimes=OPEN)
    for replica in one(stack.template["Resources"], TABLE)["Replicas"]:
        replica["DeletionProtectionEnabled"] = {"Fn::If": ["Sometimes", True, False]}


@CONDITIONS.whole("Serving", "ACCESS-004")
def a_statement_that_may_allow_everything(stack: Stack) -> None:
    conditions(stack, Sometimes=OPEN)
    every = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    document = one(stack.template["Resources"], "IAM::Policy")["PolicyDocument"]
    document["Statement"].append({"Fn::If": ["Sometimes", {"Ref": "AWS::NoValue"}, every]})
