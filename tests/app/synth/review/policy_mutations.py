"""Policies of resources that let in others, refuse callers of today, or leave a key to nobody."""

import json
from typing import Any

from tests.app.synth.review.mutating import HOME, Resources, Table, ids, one, remove

POLICIES = Table()
STRANGER = "999999999999"
OWN_ROOT = {"AWS": "arn:aws:iam::333333333333:root"}


def bus_policy(resources: Resources, **properties: Any) -> None:
    resources["BusPolicy"] = {
        "Type": "AWS::Events::EventBusPolicy",
        "Properties": {"StatementId": "Others", "Action": "events:PutEvents", **properties},
    }


def another_account_puts_events(resources: Resources) -> None:
    bus_policy(resources, Principal=STRANGER)


def organisation_puts_events(resources: Resources) -> None:
    member = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    bus_policy(resources, Principal="*", Condition=member)


POLICIES.of("Training", "ACCESS-006")(another_account_puts_events)
POLICIES.of("Training", "ACCESS-006")(organisation_puts_events)


@POLICIES.of("Training", "ACCESS-006", given=organisation_puts_events)
def everybody_puts_events(resources: Resources) -> None:
    del resources["BusPolicy"]["Properties"]["Condition"]


@POLICIES.of("Training", "ACCESS-021", given=another_account_puts_events)
def another_account_no_longer_puts_events(resources: Resources) -> None:
    del resources["BusPolicy"]


@POLICIES.of("Training", "ACCESS-006")
def another_account_puts_events_by_a_statement_as_text(resources: Resources) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Resource": "arn:aws:events:eu-west-1:333333333333:event-bus/default",
    }
    properties = {"StatementId": "Others", "Statement": json.dumps(statement)}
    resources["BusPolicy"] = {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}


@POLICIES.of("Data", "DATA-019", "ACCESS-021")
def nobody_may_administer_the_key(resources: Resources) -> None:
    policy = one(resources, "KMS::Key")["KeyPolicy"]
    policy["Statement"] = [each for each in policy["Statement"] if each["Principal"] != OWN_ROOT]


@POLICIES.of("Data", "DATA-019")
def the_account_may_only_use_the_key(resources: Resources) -> None:
    for each in one(resources, "KMS::Key")["KeyPolicy"]["Statement"]:
        if each["Principal"] == OWN_ROOT:
            each["Action"] = ["kms:Decrypt", "kms:GenerateDataKey*"]


@POLICIES.of("Data", "DATA-019", "ACCESS-021")
def administering_the_key_is_denied_to_everybody(resources: Resources) -> None:
    each = {"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"}
    one(resources, "KMS::Key")["KeyPolicy"]["Statement"].append(each)


@POLICIES.of("Data", "DATA-019")
def a_key_is_added_that_nobody_may_administer(resources: Resources) -> None:
    each = {**one(resources, "KMS::Key")["KeyPolicy"]["Statement"][-1]}
    policy = {"Version": "2012-10-17", "Statement": [each]}
    resources["New"] = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


@POLICIES.of("Serving", "ACCESS-021")
def a_route_may_no_longer_call_its_function(resources: Resources) -> None:
    remove(resources, "Lambda::Permission")


def called_by_a_topic(resources: Resources) -> None:
    function, topic = ids(resources, "Lambda::Function")[0], ids(resources, "SNS::Topic")[0]
    resources["Called"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": "sns.amazonaws.com",
            "SourceArn": {"Ref": topic},
        },
    }


@POLICIES.of("Training", "ACCESS-021", given=called_by_a_topic)
def a_topic_may_no_longer_call_its_function(resources: Resources) -> None:
    del resources["Called"]


@POLICIES.of("Training", "ACCESS-021", "ACCESS-006", given=called_by_a_topic)
def a_function_is_called_by_another_topic(resources: Resources) -> None:
    resources["Called"]["Properties"]["SourceArn"] = "arn:aws:sns:eu-west-1:333333333333:other"


@POLICIES.of("Training", "ACCESS-018", given=called_by_a_topic)
def a_topic_goes_with_its_leave_to_call(resources: Resources) -> None:
    del resources["Called"]
    remove(resources, "SNS::Topic")


@POLICIES.of("Training", "ACCESS-021")
def a_topic_refuses_alarms(resources: Resources) -> None:
    document = one(resources, "SNS::TopicPolicy")["PolicyDocument"]
    document["Statement"] = [each for each in document["Statement"] if each.get("Sid") != "Alarms"]


@POLICIES.of("Training", "ACCESS-021", "ACCESS-009")
def the_policy_of_a_topic_is_removed(resources: Resources) -> None:
    remove(resources, "SNS::TopicPolicy")


@POLICIES.of("Training", "ACCESS-021", "ACCESS-009")
def the_policy_of_a_queue_is_removed(resources: Resources) -> None:
    remove(resources, "SQS::QueuePolicy")


@POLICIES.of("Data", "ACCESS-021")
def a_bucket_refuses_personalize(resources: Resources) -> None:
    for name in ids(resources, "S3::BucketPolicy"):
        document = resources[name]["Properties"]["PolicyDocument"]
        document["Statement"] = [each for each in document["Statement"] if each.get("Sid") is None]


@POLICIES.of("Data", "ACCESS-021")
def a_bucket_denies_everything(resources: Resources) -> None:
    bucket = one(resources, "S3::BucketPolicy")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    bucket["PolicyDocument"]["Statement"].append(deny)


def rules_may_publish(resources: Resources) -> None:
    statements = one(resources, "SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    [known] = [each for each in statements if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    rules = {**known, "Principal": {"Service": "events.amazonaws.com"}}
    del rules["Condition"]
    statements.append(rules)


@POLICIES.of("Training", "ACCESS-018", given=rules_may_publish)
def a_topic_lets_in_on_a_condition(resources: Resources) -> None:
    for each in one(resources, "SNS::TopicPolicy")["PolicyDocument"]["Statement"]:
        if each["Principal"] == {"Service": "events.amazonaws.com"}:
            each["Condition"] = {"StringEquals": {"aws:SourceAccount": "333333333333"}}


def endpoint(resources: Resources) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    resources["Endpoint"] = {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "ServiceName": f"com.amazonaws.{HOME.partition('-')[2]}.s3",
            "VpcId": "vpc-1",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


@POLICIES.of("Training", "ACCESS-006", given=endpoint)
def an_endpoint_has_no_policy_any_more(resources: Resources) -> None:
    del resources["Endpoint"]["Properties"]["PolicyDocument"]
