"""Who must have been told of what, by plain SQL, and who was, by what lies in inboxes and in the outbox."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from config.derived.names import notifications_table_name
from local_cloud import outbox
from local_cloud.ground.clients import client
from local_cloud.lifecycle.cloud import Cloud
from tests.app.support.business.stages import LOCAL
from tests.app.support.function_processes import running

CHANNELS = ("in_app", "push", "email")
TABLE = notifications_table_name(LOCAL.name)
_PEOPLE = """
SELECT contact.user_id::text AS user, contact.email, contact.in_app_consent AS in_app,
       contact.push_consent AS push, contact.email_consent AND contact.email IS NOT NULL AS mail,
       contact.quiet,
       EXISTS (SELECT FROM program_events AS joining
               WHERE joining.user_id = contact.user_id AND joining.event_type = 'join'
                 AND joining.occurred_at > (SELECT max(occurred_at) FROM program_events) - interval '84 days'
                 AND NOT EXISTS (SELECT FROM program_events AS done
                                 WHERE done.user_id = joining.user_id
                                   AND done.program_id = joining.program_id
                                   AND done.event_type = 'complete')) AS active
FROM contacts AS contact
"""


@dataclass(frozen=True)
class Eligible:
    """Users by channel; with devices, and without those who may get no e-mail."""

    of: dict[str, set[str]]
    addresses: dict[str, str]


@dataclass
class Line:
    """What became of a channel."""

    eligible: int
    once: int
    missing: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)


def people(cloud: Cloud) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(cloud.database().dsn)
        try:
            return list(await connection.fetch(_PEOPLE))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def eligible(rows: Iterable[Any], *, devices: set[str], no_mail: set[str]) -> Eligible:
    told = [row for row in rows if not row["quiet"]]
    return Eligible(
        {
            "in_app": {row["user"] for row in told if row["in_app"]},
            "push": {row["user"] for row in told if row["push"]} & devices,
            "email": {row["user"] for row in told if row["mail"] and not row["active"]} - no_mail,
        },
        {row["email"]: row["user"] for row in rows if row["email"]},
    )


def received(cloud: Cloud, expected: Eligible) -> dict[str, Counter[str]]:
    """Messages by channel and user; SNS's own e-mails, of alarms and failures, are not counted."""
    pages = (
        client(cloud.settings, "dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=TABLE,
            FilterExpression="begins_with(sk, :inbox)",
            ExpressionAttributeValues={":inbox": {"S": "inbox#"}},
            ProjectionExpression="pk",
        )
    )
    entries = Counter(item["pk"]["S"].removeprefix("user#") for page in pages for item in page["Items"])
    mails = (mail for mail in outbox.emails(cloud.state.path) if mail.template)
    return {
        "in_app": entries,
        "push": Counter(push.user_data for push in outbox.pushes(cloud.state.path)),
        "email": Counter(expected.addresses.get(mail.to, mail.to) for mail in mails),
    }


def audit(expected: Eligible, got: dict[str, Counter[str]]) -> dict[str, Line]:
    lines = {}
    for channel in CHANNELS:
        users, counts = expected.of[channel], got[channel]
        lines[channel] = Line(
            eligible=len(users),
            once=sum(counts[user] == 1 for user in users),
            missing={user for user in users if not counts[user]},
            twice={user for user, count in counts.items() if count > 1},
            strangers=set(counts) - users,
        )
    return lines


def uncertain(cloud: Cloud) -> dict[str, set[str]]:
    """By channel: users with a claim of which nobody knows whether the message left."""
    pages = (
        client(cloud.settings, "dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=TABLE,
            FilterExpression="begins_with(sk, :claim)",
            ExpressionAttributeValues={":claim": {"S": "claim#"}},
        )
    )
    found: dict[str, set[str]] = {channel: set() for channel in CHANNELS}
    for item in (item for page in pages for item in page["Items"]):
        for channel in CHANNELS:
            if item.get(f"{channel}_state", {}).get("S") in ("claimed", "uncertain"):
                found[channel].add(item["pk"]["S"].removeprefix("user#"))
    return found


def register_devices(cloud: Cloud, users: Sequence[str]) -> None:
    """As the API does, one phone for each, one after the other: moto's SNS cannot do otherwise."""
    from pipeline.notifications.devices import Devices, Registration
    from pipeline.notifications.table import NotificationTable

    assert LOCAL.notifications
    applications = {application.platform: application.arn for application in LOCAL.notifications.push}
    table = NotificationTable(client(cloud.settings, "dynamodb"), TABLE)
    devices = Devices(table, client(cloud.settings, "sns"), applications)

    for number, user in enumerate(users):
        platform = ("android", "ios")[number % 2]
        devices.register(
            Registration(user=user, device="phone", platform=platform, token=f"token-of-{user:0>20}"),
            now=1_767_225_600,
        )


def suppress_addresses(cloud: Cloud, addresses: Iterable[str]) -> None:
    ses = client(cloud.settings, "sesv2")
    for address in addresses:
        ses.put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")


def unsubscribe_users(cloud: Cloud, users: Iterable[str]) -> None:
    from pipeline.notifications.table import NotificationTable
    from pipeline.notifications.unsubscribing import unsubscribe

    table = NotificationTable(client(cloud.settings, "dynamodb"), TABLE)
    for user in users:
        unsubscribe(table, user, now=1_767_225_600)


def kill_functions(cloud: Cloud, most: int) -> int:
    """kill -9 of processes in which the function notify runs; how many it were."""
    killed = 0
    for process in running(cloud.state.path, "steps.notify.lambda_handler")[:most]:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
    return killed


def machine_of(cloud: Cloud, name: str) -> str:
    machines = client(cloud.settings, "stepfunctions").list_state_machines()["stateMachines"]
    [arn] = [machine["stateMachineArn"] for machine in machines if machine["name"] == name]
    return str(arn)


def start(cloud: Cloud, machine: str, **payload: Any) -> str:
    answer = client(cloud.settings, "stepfunctions").start_execution(
        stateMachineArn=machine_of(cloud, machine), input=json.dumps(payload)
    )
    return str(answer["executionArn"])


def shards_done(cloud: Cloud, execution: str) -> int:
    states = client(cloud.settings, "stepfunctions")
    runs = states.list_map_runs(executionArn=execution)["mapRuns"]
    if not runs:
        return 0
    described = states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])
    return int(described["executionCounts"]["succeeded"])
