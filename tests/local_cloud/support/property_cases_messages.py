"""Queues, topics, rules, schedules, e-mail: properties that come and go.

Defaults are those of the API references: SQS SetQueueAttributes, SNS SetTopicAttributes and
SetSubscriptionAttributes, EventBridge PutRule, EventBridge Scheduler CreateSchedule.
"""

from typing import Any

from tests.local_cloud.support.property_case import PropertyCase, tags_of
from tests.local_cloud.support.resource_case import TAGS
from tests.local_cloud.support.stacks import get, ref, resource, role


def queue(client: Any, url: str) -> dict[str, Any]:
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**attributes, "Tags": client.list_queue_tags(QueueUrl=url).get("Tags")}


def topic(client: Any, arn: str) -> dict[str, Any]:
    attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    return {**attributes, "Tags": client.list_tags_for_resource(ResourceArn=arn)["Tags"]}


def subscription(client: Any, arn: str) -> dict[str, Any]:
    attributes = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {"FilterPolicyScope": "MessageAttributes", **attributes}


def rule(client: Any, name: str) -> dict[str, Any]:
    described = client.describe_rule(Name=name)
    targets = client.list_targets_by_rule(Rule=name)["Targets"]
    tags = client.list_tags_for_resource(ResourceARN=described["Arn"])["Tags"]
    return {**described, "Targets": targets, "Tags": tags}


def schedule(client: Any, name: str) -> dict[str, Any]:
    described: dict[str, Any] = client.get_schedule(Name=name)
    return described


def schedule_group(client: Any, name: str) -> dict[str, Any]:
    arn = client.get_schedule_group(Name=name)["Arn"]
    return {"Tags": tags_of(client.list_tags_for_resource(ResourceArn=arn)["Tags"])}


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:ses:eu-west-1:123456789012:{kind}/{name}"


def configuration_set(client: Any, name: str) -> dict[str, Any]:
    tags = client.list_tags_for_resource(ResourceArn=_arn("configuration-set", name))["Tags"]
    described = client.get_configuration_set(ConfigurationSetName=name)
    unsaid = {
        "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
        "ReputationOptions": {"ReputationMetricsEnabled": False},
    }
    said = {option: described.get(option) or default for option, default in unsaid.items()}
    return {**described, **said, "Tags": tags_of(tags)}


def identity(client: Any, name: str) -> dict[str, Any]:
    described = client.get_email_identity(EmailIdentity=name)
    return {
        "ConfigurationSetAttributes": described.get("ConfigurationSetName"),
        "FeedbackAttributes": described["FeedbackForwardingStatus"],
        "Tags": tags_of(client.list_tags_for_resource(ResourceArn=_arn("identity", name))["Tags"]),
    }


def email_template(client: Any, name: str) -> dict[str, Any]:
    return {"Tags": tags_of(client.list_tags_for_resource(ResourceArn=_arn("template", name))["Tags"])}


DEAD = {"Dead": resource("AWS::SQS::Queue")}
REDRIVE = {"deadLetterTargetArn": get("Dead", "Arn"), "maxReceiveCount": 3}
TOPIC_AND_QUEUE = {"Topic": resource("AWS::SNS::Topic"), "Queue": resource("AWS::SQS::Queue")}

CASES = [
    PropertyCase(
        "AWS::SQS::Queue",
        "sqs",
        queue,
        {},
        {
            "DelaySeconds": 5,
            "KmsDataKeyReusePeriodSeconds": 600,
            "KmsMasterKeyId": "alias/aws/sqs",
            "MaximumMessageSize": 2048,
            "MessageRetentionPeriod": "1000",
            "ReceiveMessageWaitTimeSeconds": 3,
            "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
            "RedrivePolicy": REDRIVE,
            "SqsManagedSseEnabled": False,
            "VisibilityTimeout": 40,
            "Tags": TAGS,
        },
        {
            "DelaySeconds": "0",
            "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "0",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "30",
        },
        DEAD,
    ),
    PropertyCase(
        "AWS::SQS::Queue",
        "sqs",
        queue,
        {"FifoQueue": True},
        {
            "ContentBasedDeduplication": True,
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        },
        {
            "ContentBasedDeduplication": "false",
            "DeduplicationScope": "queue",
            "FifoThroughputLimit": "perQueue",
        },
    ),
    PropertyCase(
        "AWS::SNS::Topic",
        "sns",
        topic,
        {},
        {
            "DisplayName": "one",
            "KmsMasterKeyId": "alias/aws/sns",
            "Tags": TAGS,
        },
        {"DisplayName": ""},
    ),
    PropertyCase(
        "AWS::SNS::Topic",
        "sns",
        topic,
        {"FifoTopic": True},
        {"ContentBasedDeduplication": True},
        {"ContentBasedDeduplication": "false"},
    ),
    PropertyCase(
        "AWS::SNS::Subscription",
        "sns",
        subscription,
        {"TopicArn": ref("Topic"), "Protocol": "sqs", "Endpoint": get("Queue", "Arn")},
        {
            "FilterPolicy": {"a": ["1"]},
            "FilterPolicyScope": "MessageBody",
            "RawMessageDelivery": True,
            "RedrivePolicy": {"deadLetterTargetArn": get("Dead", "Arn")},
        },
        {"RawMessageDelivery": "false"},
        TOPIC_AND_QUEUE | DEAD,
    ),
    PropertyCase(
        "AWS::Events::Rule",
        "events",
        rule,
        {"ScheduleExpression": "rate(1 day)"},
        {
            "Description": "one",
            "EventPattern": {"source": ["x"]},
            "RoleArn": get("Role", "Arn"),
            "State": "DISABLED",
            "Tags": TAGS,
            "Targets": [{"Id": "a", "Arn": get("Dead", "Arn")}],
        },
        {"State": "ENABLED"},
        {**DEAD, "Role": role("events.amazonaws.com")},
    ),
    PropertyCase(
        "AWS::Events::Rule",
        "events",
        rule,
        {"EventPattern": {"source": ["x"]}},
        {"ScheduleExpression": "rate(1 day)"},
    ),
    PropertyCase(
        "AWS::Scheduler::Schedule",
        "scheduler",
        schedule,
        {
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "rate(1 day)",
            "Target": {"Arn": get("Dead", "Arn"), "RoleArn": get("Role", "Arn")},
        },
        {
            "Description": "one",
            "EndDate": "2099-01-02T00:00:00Z",
            "KmsKeyArn": get("Key", "Arn"),
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "StartDate": "2099-01-01T00:00:00Z",
            "State": "DISABLED",
        },
        {"ScheduleExpressionTimezone": "UTC", "State": "ENABLED"},
        {**DEAD, "Role": role("scheduler.amazonaws.com"), "Key": resource("AWS::KMS::Key")},
    ),
    PropertyCase("AWS::Scheduler::ScheduleGroup", "scheduler", schedule_group, {}, {"Tags": TAGS}),
    PropertyCase(
        "AWS::SES::ConfigurationSet",
        "sesv2",
        configuration_set,
        {},
        {
            "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
            "ReputationOptions": {"ReputationMetricsEnabled": True},
            "SendingOptions": {"SendingEnabled": False},
            "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
            "Tags": TAGS,
            "TrackingOptions": {"CustomRedirectDomain": "click.example.com"},
        },
    ),
    PropertyCase(
        "AWS::SES::EmailIdentity",
        "sesv2",
        identity,
        {"EmailIdentity": "comes-and-goes.example.com"},
        {
            "ConfigurationSetAttributes": {"ConfigurationSetName": ref("Set")},
            "FeedbackAttributes": {"EmailForwardingEnabled": False},
            "Tags": TAGS,
        },
        {"FeedbackAttributes": True},
        {"Set": resource("AWS::SES::ConfigurationSet")},
    ),
    PropertyCase(
        "AWS::SES::Template",
        "sesv2",
        email_template,
        {"Template": {"SubjectPart": "Hello", "TextPart": "you"}},
        {"Tags": TAGS},
    ),
]
