"""AWS::SNS."""

from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

_FIFO = ".fifo"

# Of topics and subscriptions that do not name them: API reference of SNS, Set...Attributes.
_TOPIC_DEFAULTS: dict[str, Any] = {
    "ArchivePolicy": {},
    "ContentBasedDeduplication": False,
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
_SUBSCRIPTION_DEFAULTS: dict[str, Any] = {
    "DeliveryPolicy": {},
    "FilterPolicy": {},
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": False,
    "RedrivePolicy": {},
    "ReplayPolicy": {},
    "SubscriptionRoleArn": "",
}


def _create_topic(request: Request) -> Physical:
    properties = request.properties
    fifo = str(properties.get("FifoTopic", False)).lower() == "true"
    name = request.name(properties.get("TopicName"), limit=256, suffix=_FIFO if fifo else "")
    if name.endswith(_FIFO) is not fifo:
        must = "must end with" if fifo else "without FifoTopic cannot end with"
        raise ResourceFailed(f"TopicName {name}: the name of a topic {must} {_FIFO}")
    attributes = request.some(*_TOPIC_DEFAULTS) | ({"FifoTopic": "true"} if fifo else {})
    arn = request.call("sns", "create_topic", request.some("Tags"), Name=name, Attributes=attributes)[
        "TopicArn"
    ]
    physical = Physical(arn, {"TopicArn": arn, "TopicName": name})
    request.began(physical)
    for subscription in properties.get("Subscription", []):
        request.call("sns", "subscribe", subscription, TopicArn=arn)
    return physical


def _update_topic(request: Request, physical: Physical) -> Physical:
    for name, default in _TOPIC_DEFAULTS.items():
        if request.changed(name):
            value = request.properties.get(name, default)
            request.call(
                "sns", "set_topic_attributes", TopicArn=physical.id, AttributeName=name, AttributeValue=value
            )
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("sns", "tag_resource", ResourceArn=physical.id, Tags=tags)
    if gone:
        request.call("sns", "untag_resource", ResourceArn=physical.id, TagKeys=gone)
    return physical


def _delete_topic(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sns", "delete_topic", TopicArn=physical.id)


def _put_topic_policy(request: Request) -> Physical:
    for arn in request.properties["Topics"]:
        _set_policy(request, arn, request.properties["PolicyDocument"])
    return Physical(request.name(None))


def _update_topic_policy(request: Request, physical: Physical) -> Physical:
    _put_topic_policy(request)
    for arn in set(request.old_properties["Topics"]) - set(request.properties["Topics"]):
        _reset_policy(request, arn)
    return physical


def _delete_topic_policy(request: Request, _physical: Physical) -> None:
    for arn in request.properties["Topics"]:
        _reset_policy(request, arn)


def _set_policy(request: Request, arn: str, document: Any) -> None:
    request.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)


def _reset_policy(request: Request, arn: str) -> None:
    """What SNS gives a new topic: its own account may do all."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": request.account}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    request.call_unless_absent(
        "sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document
    )


def _subscribe(request: Request) -> Physical:
    arn = request.call(
        "sns",
        "subscribe",
        request.some("TopicArn", "Protocol", "Endpoint"),
        Attributes=request.some(*_SUBSCRIPTION_DEFAULTS),
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Physical(arn, {"Arn": arn})


def _update_subscription(request: Request, physical: Physical) -> Physical:
    for name, default in _SUBSCRIPTION_DEFAULTS.items():
        if request.changed(name):
            value = request.properties.get(name, default)
            request.call(
                "sns",
                "set_subscription_attributes",
                SubscriptionArn=physical.id,
                AttributeName=name,
                AttributeValue=value,
            )
    return physical


def _unsubscribe(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sns", "unsubscribe", SubscriptionArn=physical.id)


TYPES = (
    ResourceType(
        name="AWS::SNS::Topic",
        create=_create_topic,
        update=_update_topic,
        delete=_delete_topic,
        properties=frozenset(_TOPIC_DEFAULTS) | {"Tags"},
        replacing=names("TopicName FifoTopic Subscription"),
        without_effect=names("DeliveryStatusLogging"),
    ),
    ResourceType(
        name="AWS::SNS::TopicPolicy",
        create=_put_topic_policy,
        update=_update_topic_policy,
        delete=_delete_topic_policy,
        properties=names("Topics PolicyDocument"),
    ),
    ResourceType(
        name="AWS::SNS::Subscription",
        create=_subscribe,
        update=_update_subscription,
        delete=_unsubscribe,
        properties=frozenset(_SUBSCRIPTION_DEFAULTS),
        replacing=names("TopicArn Protocol Endpoint"),
    ),
)
