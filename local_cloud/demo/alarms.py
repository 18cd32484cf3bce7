"""An alarm that is set off on purpose: who is subscribed hears of it, and then it is over."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from local_cloud import outbox
from local_cloud.demo.report import Check
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

_ASKED = re.compile(r"--topic-arn (\S+) --token (\S+)")
_LONGEST_SECONDS = 5.0
_PATIENCE_SECONDS = 30.0
_METRIC = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible"}


@dataclass(frozen=True)
class SetOff:
    """`queue`: the URL of what the alarm watches, in which a message waits that nobody handles."""

    settings: Settings
    alarm: str
    queue: str


def set_off(settings: Settings) -> SetOff | None:
    """None, if no alarm of a queue is at rest, or if its periods last too long to wait for."""
    cloudwatch = client(settings, "cloudwatch")
    alarms = [
        alarm
        for page in cloudwatch.get_paginator("describe_alarms").paginate()
        for alarm in page["MetricAlarms"]
        if {name: alarm.get(name) for name in _METRIC} == _METRIC
        and alarm["StateValue"] == "OK"
        and alarm["Period"] / settings.time_scale <= _LONGEST_SECONDS
    ]
    if not alarms:
        return None
    alarm = min(alarms, key=lambda each: each["AlarmName"])
    [name] = [each["Value"] for each in alarm["Dimensions"] if each["Name"] == "QueueName"]
    _confirm(settings)
    sqs = client(settings, "sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="of the demo")
    return SetOff(settings, alarm["AlarmName"], url)


def checks(off: SetOff | None, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Check]:
    """It has told who is subscribed, and is at rest again once the message is gone."""
    if off is None:
        return
    title = f'ALARM: "{off.alarm}"'
    told = _eventually(lambda: _mails(off.settings, title), sleep)
    sqs = client(off.settings, "sqs")
    for message in sqs.receive_message(QueueUrl=off.queue, MaxNumberOfMessages=10).get("Messages", ()):
        if message["Body"] == "of the demo":
            sqs.delete_message(QueueUrl=off.queue, ReceiptHandle=message["ReceiptHandle"])
    rests = _eventually(lambda: _state(off) == "OK", sleep)
    states = "OK, ALARM" + (", OK" if rests else "")
    detail = f"{off.alarm}: {states}; {told} e-mail{'' if told == 1 else 's'}"
    yield Check("alarms: a dead letter sets one off, which is told and ends", bool(told and rests), detail)


def _confirm(settings: Settings) -> None:
    """Subscriptions, as whoever reads the outbox does."""
    for email in outbox.emails(settings.state_dir):
        if email.topic and (asked := _ASKED.search(email.text)):
            client(settings, "sns").confirm_subscription(TopicArn=asked[1], Token=asked[2])


def _mails(settings: Settings, title: str) -> int:
    return sum(mail.subject.startswith(title) for mail in outbox.emails(settings.state_dir))


def _state(off: SetOff) -> str:
    [alarm] = client(off.settings, "cloudwatch").describe_alarms(AlarmNames=[off.alarm])["MetricAlarms"]
    return str(alarm["StateValue"])


def _eventually(look: Callable[[], Any], sleep: Callable[[float], None]) -> Any:
    """The first answer that says something, or the last one."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < deadline:
        sleep(0.05)
    return found
