"""Subscriptions by e-mail: nobody gets a message before having confirmed. API reference of SNS, Subscribe."""

import secrets
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter, SNSNotFoundError
from moto.sns.models import Subscription
from moto.sns.responses import SNSResponse

from local_cloud import outbox
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.ground.times import iso_text

BY_EMAIL = frozenset({"email", "email-json"})


def install() -> None:
    """moto takes every subscription for confirmed, answers a made-up ARN to a token, and counts none."""

    def subscribe(self: Any) -> Any:
        answer = stock_subscribe(self)
        made = self.backend.subscriptions[answer.result["SubscriptionArn"]]
        asked = str(self._get_param("ReturnSubscriptionArn")).lower() == "true"
        return (
            answer
            if asked or not pending(made)
            else ActionResult({"SubscriptionArn": "pending confirmation"})
        )

    def told(name: str) -> None:
        def listed(self: Any) -> Any:
            result = stock(self).result
            return ActionResult(
                {**result, "Subscriptions": [_summary(each) for each in result["Subscriptions"]]}
            )

        stock = replace(SNSResponse, name, listed)

    stock_subscribe = replace(SNSResponse, "subscribe", subscribe)
    told("list_subscriptions")
    told("list_subscriptions_by_topic")
    replace(SNSResponse, "confirm_subscription", _confirm)


def pending(subscription: Any) -> bool:
    return bool(subscription.attributes.get("PendingConfirmation"))


def ask(settings: Settings, subscription: Any) -> None:
    """Makes a subscription wait for its endpoint's owner, who finds the token in the outbox."""
    subscription.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
    subscription.token = secrets.token_hex(32)
    text = (
        f"You have chosen to subscribe to the topic {subscription.topic_arn}. To confirm:\n\n"
        f"aws sns confirm-subscription --topic-arn {subscription.topic_arn} --token {subscription.token}\n"
    )
    outbox.put(
        settings.state_dir,
        outbox.Email(
            sent_at=iso_text(datetime.now(tz=UTC)),
            to=subscription.endpoint,
            subject="AWS Notification - Subscription Confirmation",
            text=text,
            topic=subscription.topic_arn,
        ),
    )


def _summary(subscription: Subscription) -> dict[str, Any]:
    arn = "PendingConfirmation" if pending(subscription) else subscription.arn
    return {
        "SubscriptionArn": arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


def _confirm(self: Any) -> Any:
    topic, token = self._get_param("TopicArn"), self._get_param("Token")
    if topic not in self.backend.topics:
        raise SNSNotFoundError("Topic does not exist")
    for subscription in self.backend.subscriptions.values():
        if subscription.topic_arn == topic and getattr(subscription, "token", None) == token:
            if pending(subscription):
                authenticated = str(self._get_param("AuthenticateOnUnsubscribe")).lower() == "true"
                subscription.attributes |= {
                    "PendingConfirmation": False,
                    "ConfirmationWasAuthenticated": authenticated,
                }
            return ActionResult({"SubscriptionArn": subscription.arn})
    raise SNSInvalidParameter("Invalid parameter: Token")
