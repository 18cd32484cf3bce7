"""Where events and messages get to: rules, their inputs, subscriptions and the outbox."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_cloud import outbox
from tests.local_cloud.support.confirmations import confirm
from tests.local_cloud.support.local_aws import ROLE, LocalAws
from tests.support.waiting import eventually

TELL_QUEUE = """
import boto3, json

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody=json.dumps(event))
"""


def rule(aws: LocalAws, *targets: dict[str, Any], **more: Any) -> str:
    """A rule for events of a source of its own, which is returned."""
    name, events = f"test-{uuid4().hex[:12]}", aws.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}), **more)
    numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    events.put_targets(Rule=name, Targets=numbered)
    return name


def emit(aws: LocalAws, source: str, **detail: Any) -> None:
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail), "Resources": ["arn:r"]}
    assert aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.fixture(scope="module")
def teller(aws: LocalAws) -> tuple[str, str]:
    """A function that puts its event into a queue: its ARN and the queue's URL."""
    url, _ = aws.queue()
    return aws.function(f"QUEUE = {url!r}\n{TELL_QUEUE}"), url


def test_an_event_reaches_every_kind_of_target(aws: LocalAws, teller: tuple[str, str]) -> None:
    function, told = teller
    url, queue = aws.queue()
    topic_url, topic_queue = aws.queue()
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"test-{uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=topic_queue, Attributes={"RawMessageDelivery": "true"}
    )
    machine = aws.machine({"Say": {"Type": "Succeed", "Output": "{% $states.input.detail.n %}"}})
    group = f"/test/{uuid4().hex}"
    aws.client("logs").create_log_group(logGroupName=group)
    log = f"arn:aws:logs:{aws.settings.region}:{aws.settings.account}:log-group:{group}"
    source = rule(
        aws,
        {"Arn": queue},
        {"Arn": topic},
        {"Arn": function},
        {"Arn": machine, "RoleArn": ROLE},
        {"Arn": log},
    )
    emit(aws, source, n=7)
    for body in (*aws.received(url), *aws.received(topic_url), *aws.received(told)):
        event = json.loads(body)
        assert (event["source"], event["detail"], event["resources"]) == (source, {"n": 7}, ["arn:r"])
        assert (event["account"], event["region"]) == (aws.settings.account, aws.settings.region)
        assert event["time"].endswith("Z")
    states = aws.client("stepfunctions")
    [execution] = eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    assert aws.ended(execution["executionArn"])["output"] == "7"
    logged = eventually(lambda: aws.client("logs").filter_log_events(logGroupName=group)["events"])
    assert json.loads(logged[0]["message"])["detail"] == {"n": 7}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"Input": '{"constant": true}'}, {"constant": True}),
        ({"InputPath": "$.detail.list"}, [1, 'two "2"']),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {
                        "name": "$.detail.name",
                        "list": "$.detail.list",
                        "none": "$.detail.none",
                    },
                    "InputTemplate": '{"text": "<name> of <aws.events.rule-name>", "list": <list>, '
                    '"name": <name>, "none": "<none>"}',
                }
            },
            {"text": 'a "b" of RULE', "list": [1, 'two "2"'], "name": 'a "b"', "none": ""},
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"name": "$.detail.name"},
                    "InputTemplate": '"It was <name>"',
                }
            },
            'It was a "b"',
        ),
    ],
)
def test_a_target_gets_the_input_that_the_rule_says(
    aws: LocalAws, how: dict[str, Any], expected: Any
) -> None:
    url, queue = aws.queue()
    source = rule(aws, {"Arn": queue, **how})
    emit(aws, source, name='a "b"', list=[1, 'two "2"'])
    [body] = aws.received(url)
    assert json.loads(body.replace(source, "RULE")) == expected


def test_a_disabled_rule_and_a_pattern_that_does_not_match_deliver_nothing(aws: LocalAws) -> None:
    silent_url, silent = aws.queue()
    url, queue = aws.queue()
    disabled = rule(aws, {"Arn": silent}, State="DISABLED")
    other = rule(aws, {"Arn": silent})
    enabled = rule(aws, {"Arn": queue})
    emit(aws, disabled)
    emit(aws, f"{other}-not")
    emit(aws, enabled)
    aws.received(url)
    assert "Messages" not in aws.client("sqs").receive_message(QueueUrl=silent_url)


def test_a_target_that_cannot_be_served_is_refused_by_name(aws: LocalAws) -> None:
    stream = f"arn:aws:kinesis:{aws.settings.region}:{aws.settings.account}:stream/s"
    with pytest.raises(ClientError, match="delivers no events to kinesis"):
        rule(aws, {"Arn": stream})


def test_what_a_rule_cannot_deliver_is_kept_with_the_reason(aws: LocalAws) -> None:
    url, queue = aws.queue()
    gone = f"arn:aws:sns:{aws.settings.region}:{aws.settings.account}:gone"
    source = rule(aws, {"Arn": gone, "DeadLetterConfig": {"Arn": queue}, "Input": '"changed"'})
    emit(aws, source, n=1)

    def received() -> Any:
        answer = aws.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        return answer.get("Messages")

    [message] = eventually(received)
    event = json.loads(message["Body"])
    assert (event["source"], event["detail"]) == (source, {"n": 1})
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told["TARGET_ARN"] == gone and told["RULE_ARN"].endswith(f":rule/{source}")
    assert told["ERROR_CODE"] and "does not exist" in told["ERROR_MESSAGE"]


def test_a_message_calls_a_subscribed_function_in_the_background(
    aws: LocalAws, teller: tuple[str, str]
) -> None:
    function, told = teller
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"test-{uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    attributes = {"kind": {"DataType": "String", "StringValue": "failure"}}
    sent = sns.publish(TopicArn=topic, Subject="S", Message="M", MessageAttributes=attributes)
    [record] = json.loads(aws.received(told)[0])["Records"]
    assert record["EventSource"] == "aws:sns"
    notification = record["Sns"]
    assert (notification["Subject"], notification["Message"]) == ("S", "M")
    assert (notification["TopicArn"], notification["MessageId"]) == (topic, sent["MessageId"])
    assert notification["MessageAttributes"]["kind"] == {"Type": "String", "Value": "failure"}


def test_nobody_gets_a_topics_emails_before_having_confirmed(aws: LocalAws) -> None:
    sns, address = aws.client("sns"), f"{uuid4().hex}@example.com"
    topic = sns.create_topic(Name=f"test-{uuid4().hex[:12]}")["TopicArn"]

    def seen() -> tuple[str, str, str]:
        [listed] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        told = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        return listed["SubscriptionArn"], told["SubscriptionsPending"], told["SubscriptionsConfirmed"]

    subscribed = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)["SubscriptionArn"]
    again = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address, ReturnSubscriptionArn=True)
    subscription = again["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert (subscribed, attributes["PendingConfirmation"]) == ("pending confirmation", "true")
    sns.publish(TopicArn=topic, Message="too early")
    with pytest.raises(ClientError, match="Token"):
        sns.confirm_subscription(TopicArn=topic, Token="0" * 64)
    assert seen() == ("PendingConfirmation", "1", "0")

    assert subscription in confirm(aws.settings)

    assert seen() == (subscription, "0", "1")
    sns.publish(TopicArn=topic, Subject="recs-local failed", Message="because\nof ü")
    _, email = [email for email in outbox.emails(aws.settings.state_dir) if email.to == address]
    assert (email.subject, email.text, email.topic) == ("recs-local failed", "because\nof ü", topic)


def test_a_subscription_that_cannot_be_served_is_refused_by_name(aws: LocalAws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"test-{uuid4().hex[:12]}")["TopicArn"]
    with pytest.raises(ClientError, match="does not deliver SNS messages by sms"):
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15555550100")
