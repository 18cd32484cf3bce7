"""SNS subscriptions: stock moto sends no e-mail and calls functions in the publisher's thread."""

import json
from datetime import UTC, datetime
from typing import Any

from moto.sns.models import SNSBackend, Subscription

from local_cloud import outbox
from local_cloud.events.confirmations import BY_EMAIL, ask, pending
from local_cloud.events.permissions import may_notify
from local_cloud.functions import invoker
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.ground.times import iso_text
from local_cloud.judge.refusals import Refused

_PROTOCOLS = {"email", "email-json", "lambda", "sqs", "http", "https", "application"}


class UnsupportedProtocol(NotImplementedError):
    """The local cloud delivers no messages this way."""


def _for_protocol(message: str, structure: str | None, protocol: str) -> str:
    if structure != "json":
        return message
    texts = json.loads(message)
    return str(texts.get(protocol, texts["default"]))


def _record(subscription: Any, notification: dict[str, Any], attributes: Any) -> dict[str, Any]:
    """The event that a subscribed function gets."""
    simple = {name: {"Type": a["Type"], "Value": a["Value"]} for name, a in (attributes or {}).items()}
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {"Type": "Notification", **notification, "MessageAttributes": simple},
    }


def install(settings: Settings) -> None:
    stock_publish = Subscription.publish
    stock_subscribe = SNSBackend.subscribe

    def publish(
        self: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: Any = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        if pending(self):
            return
        if self.protocol in ("lambda", "sqs"):
            try:
                may_notify(self.endpoint, self.topic_arn)
            except Refused:
                # SNS tries for days and tells nobody.
                return
        if self.protocol not in {*BY_EMAIL, "lambda"}:
            stock_publish(
                self,
                message,
                message_id,
                subject,
                message_attributes,
                group_id,
                deduplication_id,
                message_structure,
            )
            return
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        text = _for_protocol(message, message_structure, self.protocol)
        sent_at = iso_text(datetime.now(tz=UTC))
        if self.protocol == "lambda":
            notification = {
                "MessageId": message_id,
                "TopicArn": self.topic_arn,
                "Subject": subject,
                "Message": text,
                "Timestamp": sent_at,
            }
            event = {"Records": [_record(self, notification, message_attributes)]}
            invoker.invoke_async(self.endpoint, json.dumps(event).encode())
            return
        outbox.put(
            settings.state_dir,
            outbox.Email(
                sent_at=sent_at,
                to=self.endpoint,
                subject=subject or "AWS Notification Message",
                text=text,
                topic=self.topic_arn,
            ),
        )

    def subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        if protocol not in _PROTOCOLS:
            raise UnsupportedProtocol(f"the local cloud does not deliver SNS messages by {protocol}")
        known = set(self.subscriptions)
        subscription = stock_subscribe(self, topic_arn, endpoint, protocol)
        if protocol in BY_EMAIL and subscription.arn not in known:
            ask(settings, subscription)
        return subscription

    replace(Subscription, "publish", publish)
    replace(SNSBackend, "subscribe", subscribe)
