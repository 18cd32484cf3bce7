"""Confirms subscriptions by e-mail, as whoever reads the outbox does."""

import re
from typing import Any

from local_cloud import outbox
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

_ASKED = re.compile(r"--topic-arn (\S+) --token (\S+)")


def confirm(settings: Settings) -> list[str]:
    """The ARNs of the subscriptions that the outbox asks to confirm."""
    sns: Any = client(settings, "sns")
    asked = [_ASKED.search(email.text) for email in outbox.emails(settings.state_dir) if email.topic]
    return [
        sns.confirm_subscription(TopicArn=each[1], Token=each[2])["SubscriptionArn"] for each in asked if each
    ]
