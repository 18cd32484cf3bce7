"""SNS, SQS and SES.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html, for topics that a key encrypts
"""

from collections.abc import Iterator

from moto.sns.models import sns_backends

from local_cloud.judge.actions.need import Need, Needs, Table, arn, everywhere, key_need, member, on
from local_cloud.judge.actions.requests import Asked


def _published(asked: Asked) -> Iterator[Need]:
    target = asked.members.get("TopicArn") or asked.members.get("TargetArn")
    yield Need(action="sns:Publish", resource=str(target) if target else "*")
    if target:
        yield from to_encrypt(str(target), asked.account)


def to_encrypt(topic_arn: str, account: str) -> Iterator[Need]:
    """What a publisher needs of the key of a topic, if it has one of the customer's."""
    region = topic_arn.split(":")[3]
    topic = sns_backends[account][region].topics.get(topic_arn)
    key = str(topic.kms_master_key_id or "") if topic else ""
    if key and not key.startswith("alias/aws/"):
        resource = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"
        yield key_need("GenerateDataKey", resource)
        yield key_need("Decrypt", resource)


def _queue(asked: Asked) -> str:
    url = asked.members.get("QueueUrl")
    return arn(asked, "sqs", url.rpartition("/")[2] if url else asked.members["QueueName"])


def _of_queue(action: str) -> Needs:
    return on(f"sqs:{action}", _queue)


def _emailed(asked: Asked) -> Iterator[Need]:
    """SendEmail of version 2, on everything that it names."""
    members = asked.members
    named = [f"identity/{str(members.get('FromEmailAddress')).rpartition('@')[2].rstrip('>')}"]
    template = members.get("Content", {}).get("Template", {}).get("TemplateName")
    if template:
        named.append(f"template/{template}")
    if settings := members.get("ConfigurationSetName"):
        named.append(f"configuration-set/{settings}")
    for name in named:
        yield Need(action="ses:SendEmail", resource=arn(asked, "ses", name))


SNS: Table = {
    "Publish": _published,
    "CreatePlatformEndpoint": on("sns:CreatePlatformEndpoint", member("PlatformApplicationArn")),
    "SetEndpointAttributes": on("sns:SetEndpointAttributes", member("EndpointArn")),
    "GetEndpointAttributes": on("sns:GetEndpointAttributes", member("EndpointArn")),
    "DeleteEndpoint": on("sns:DeleteEndpoint", member("EndpointArn")),
}
SQS: Table = {
    "SendMessage": _of_queue("SendMessage"),
    "SendMessageBatch": _of_queue("SendMessage"),
    "ReceiveMessage": _of_queue("ReceiveMessage"),
    "DeleteMessage": _of_queue("DeleteMessage"),
    "DeleteMessageBatch": _of_queue("DeleteMessage"),
    "ChangeMessageVisibility": _of_queue("ChangeMessageVisibility"),
    "GetQueueUrl": _of_queue("GetQueueUrl"),
    "GetQueueAttributes": _of_queue("GetQueueAttributes"),
}
SES: Table = {
    "SendEmail": _emailed,
    "ListSuppressedDestinations": everywhere("ses:ListSuppressedDestinations"),
}
