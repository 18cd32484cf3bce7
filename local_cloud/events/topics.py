"""Attributes of SNS topics: how messages are delivered by HTTP, and how many subscriptions there are.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse

from local_cloud.events.confirmations import pending
from local_cloud.ground.patching import replace

_DEFAULT: Mapping[str, Any] = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}


def install() -> None:
    """moto answers a policy of its own form whatever is set, an empty one for none, and counts of 0."""

    def set_attribute(self: Any, topic_arn: str, attribute_name: str, attribute_value: str) -> None:
        if attribute_name == "delivery_policy":
            _policy(attribute_value)
        stock_set(self, topic_arn, attribute_name, attribute_value)

    def attributes(self: Any) -> Any:
        answer = stock_get(self).result
        told = answer["Attributes"]
        subscriptions = self.backend._get_topic_subscriptions(self.backend.get_topic(told["TopicArn"]))
        own = _policy(told.pop("DeliveryPolicy"))
        waiting = sum(map(pending, subscriptions))
        told |= {
            "EffectiveDeliveryPolicy": json.dumps(_over(_DEFAULT, own)),
            "SubscriptionsPending": waiting,
            "SubscriptionsConfirmed": len(subscriptions) - waiting,
            **({"DeliveryPolicy": json.dumps(own)} if own else {}),
        }
        return ActionResult({**answer, "Attributes": told})

    stock_set = replace(SNSBackend, "set_topic_attribute", set_attribute)
    stock_get = replace(SNSResponse, "get_topic_attributes", attributes)


def _policy(text: str) -> dict[str, Any]:
    """Raises: SNSInvalidParameter, if it is no JSON object."""
    try:
        policy = json.loads(text or "{}")
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise SNSInvalidParameter("Invalid parameter: DeliveryPolicy: no JSON object")
    return policy


def _over(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What is set, and the default of what is not."""
    return {
        **default,
        **{
            name: _over(default[name], value)
            if isinstance(value, Mapping) and isinstance(default.get(name), Mapping)
            else value
            for name, value in own.items()
        },
    }
