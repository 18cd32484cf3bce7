"""Whether EventBridge and SNS may deliver: by a target's own policy, or by the role that a rule names.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from collections.abc import Iterator
from typing import Any

from local_cloud.judge.actions.messages import to_encrypt
from local_cloud.judge.actions.need import Need
from local_cloud.judge.instance import installed

EVENTS, NOTIFICATIONS = "events.amazonaws.com", "sns.amazonaws.com"
_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "states": "states:StartExecution",
}


def may_deliver(target: dict[str, Any], rule_arn: str) -> None:
    """Raises: Refused, if neither the target's policy nor the role of the target allows it."""
    authority, arn = installed(), target["Arn"]
    if role := target.get("RoleArn"):
        name = rule_arn.rpartition("/")[2]
        authority.role_needs(authority.assume(role, EVENTS, name, rule_arn), needs_of_target(arn))
    else:
        authority.service_needs(EVENTS, needs_of_target(arn), rule_arn)


def may_send_dead_letter(queue_arn: str, rule_arn: str) -> None:
    """Raises: Refused, if the queue's policy does not allow it."""
    installed().service_needs(EVENTS, needs_of_target(queue_arn), rule_arn)


def may_notify(endpoint: str, topic_arn: str) -> None:
    """A queue or a function. Raises: Refused, if its policy does not allow it."""
    installed().service_needs(NOTIFICATIONS, needs_of_target(endpoint), topic_arn)


def needs_of_target(arn: str) -> Iterator[Need]:
    """Log groups are left out: their policies are not deployed but written by EventBridge's console."""
    service, account = arn.split(":")[2], arn.split(":")[4]
    if service in _ACTIONS:
        yield Need(action=_ACTIONS[service], resource=arn)
    if service == "sns":
        yield from to_encrypt(arn, account)
