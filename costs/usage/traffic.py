"""What readers, events and notifications of a stage take, in the region that they come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from config.schema import Notification, StageConfig, UseCase
from config.types.schedule_expressions import firings_per_day
from costs.prices.items import Item
from costs.usage.line import Group, Line, Where, lines_of
from costs.usage.volumes import DAYS, EVENTS_PER_REQUEST, GB, HOURS, Volumes

ANSWER_GB_SECONDS = 1769 / 1024 * 0.01
"""10 ms of the serving function; the gateway's benchmark has 1.2 ms at its 99th percentile."""
POST_GB_SECONDS = 0.5 * 0.02
CONSUMED_GB_SECONDS = 1.0 * 0.004
"""Of an event, in batches."""
LOG_BYTES, LOG_DAYS = 1_000, 30
"""Of a call, and how long they are kept by constructs/ground: counted whole, though they are kept packed."""
REALTIME_SECONDS = 0.005
"""Of an answer by a stored model: docs/variants.md has 4.2 ms of processor time at the 99th percentile."""
EVENT_WRITES = 3.0
"""Write units of an event: its claim in a transaction (two), its share of the counters and of the batch."""
ENTRY_BYTES = 1_000
"""Of a claim or an inbox entry: at most one write unit."""
READ_BYTES = 4_096
"""Of a read unit; of lists that are full, by each of the use cases as often."""
MINUTES = HOURS * 60


def serving_lines(stage: StageConfig, use_cases: Sequence[UseCase], volumes: Volumes) -> Iterator[Line]:
    """All reads come to the region that is active; who reads elsewhere pays about the same there."""
    asked = [use_case for use_case in use_cases if use_case.endpoint]
    if not asked:
        return
    where = Where(stage=stage.name, account=stage.account, region=stage.region)
    number = volumes.people * volumes.active_share * volumes.requests_per_day * DAYS
    notes = volumes.said("people", "active_share", "requests_per_day")
    cause = f"stage {stage.name}: api; use cases: endpoint, list_bytes"
    units = sum(-(-use_case.list_bytes // READ_BYTES) for use_case in asked) / len(asked)
    amounts = (
        (Item.API_REQUEST, number, "requests"),
        (Item.LAMBDA_REQUEST, number, "calls of functions"),
        (Item.LAMBDA_GB_SECOND, number * ANSWER_GB_SECONDS, "answers"),
        (Item.READ_UNIT, number * units, "reads of the table"),
        *_logs(number),
    )
    yield from lines_of(amounts, where=where, group=Group.SERVING, cause=cause, notes=notes)


def realtime_lines(stage: StageConfig, use_cases: Sequence[UseCase], volumes: Volumes) -> Iterator[Line]:
    """Stored models that answer in functions of their own; and servers at a URL, which no template has."""
    where = Where(stage=stage.name, account=stage.account, region=stage.region)
    asked = [use_case for use_case in use_cases if use_case.endpoint]
    for use_case in asked:
        if realtime := use_case.own_realtime_in(stage.name):
            share = volumes.people * volumes.active_share * volumes.requests_per_day * DAYS / len(asked)
            seconds = share * REALTIME_SECONDS
            yield from lines_of(
                (
                    (Item.LAMBDA_REQUEST, share, "calls of the stored model"),
                    (
                        Item.LAMBDA_GB_SECOND,
                        seconds * realtime.memory_mb / 1024,
                        "answers by the stored model",
                    ),
                ),
                where=replace(where, use_case=use_case.name, variant="own"),
                group=Group.SERVING,
                cause=f"use case {use_case.name}: variants, Own.realtime",
                notes=volumes.said("people", "active_share", "requests_per_day"),
            )
    urls = {server.url for use_case in asked for server in use_case.servers_in(stage.name).values()}
    for url in sorted(urls):
        yield from lines_of(
            (
                (Item.PROCESSOR_HOUR, volumes.server_processors * HOURS, "server at a URL, processors"),
                (Item.MEMORY_GB_HOUR, volumes.server_gb * HOURS, "server at a URL, memory"),
            ),
            where=where,
            group=Group.FIXED,
            cause=f"use cases: variants, Server.url {url}",
            notes=(
                *volumes.said("server_processors", "server_gb"),
                "a server as a container of AWS Fargate all month; nothing, if it is there already",
            ),
        )


def event_lines(stage: StageConfig, use_cases: Sequence[UseCase], volumes: Volumes) -> Iterator[Line]:
    """Posted, queued, counted once, kept in S3."""
    tracked = [use_case for use_case in use_cases if use_case.tracking]
    if not tracked:
        return
    where = Where(stage=stage.name, account=stage.account, region=stage.region)
    events = volumes.people * volumes.active_share * volumes.events_per_day * DAYS
    posts = events / EVENTS_PER_REQUEST
    notes = volumes.said("people", "active_share", "events_per_day")
    cause = "use cases: tracking"
    amounts = (
        (Item.API_REQUEST, posts, "requests with events"),
        (Item.LAMBDA_REQUEST, posts * 1.2, "calls of functions"),
        (
            Item.LAMBDA_GB_SECOND,
            posts * POST_GB_SECONDS + events * CONSUMED_GB_SECONDS,
            "taking and counting",
        ),
        (Item.QUEUE_REQUEST, 3 * posts, "sent, received, deleted"),
        (Item.WRITE_UNIT, events * EVENT_WRITES, "events counted once"),
        (Item.PUT, posts, "files of events"),
        *_logs(posts * 2),
        (Item.TABLE_GB, events / DAYS * 35 * 200 / GB, "claims and newest events of 35 days"),
        (Item.RECOVERY_GB, events / DAYS * 35 * 200 / GB, "recovery of them"),
    )
    yield from lines_of(amounts, where=where, group=Group.EVENTS, cause=cause, notes=notes)


def notification_lines(
    stage: StageConfig, notifications: Sequence[Notification], volumes: Volumes
) -> Iterator[Line]:
    """Inbox entries, push messages and e-mails; none where nothing is sent."""
    notifying = stage.notifications
    if notifying is None or not notifying.enabled:
        return
    where = Where(stage=stage.name, account=stage.account, region=stage.region)
    rounds = firings_per_day(notifying.expression) * DAYS
    for notification in notifications:
        told = volumes.people * rounds
        cause = f"stage {stage.name}: notifications; notification {notification.name}"
        notes = volumes.said("people", "push_share", "mail_share")
        sent = 0.0 if notifying.dry_run else 1.0
        shards = rounds * max(1, -(-volumes.people // notification.users_per_shard))
        copies = len(stage.other_regions)
        amounts = (
            (Item.WRITE_UNIT, told * 4 * sent, "claims and inbox entries"),
            (Item.REPLICATED_WRITE_UNIT, told * 8 * sent * copies, "copied, and their deletions"),
            (Item.TRANSFER_GB, told * 4 * sent * copies * ENTRY_BYTES / GB, "bytes of the copies"),
            (Item.PUSH, told * volumes.push_share * sent * bool(notifying.push), "push messages"),
            (Item.MAIL, told * volumes.mail_share * sent * bool(notifying.sender), "e-mails"),
            (Item.LAMBDA_GB_SECOND, told * 0.05 * 0.5 + shards, "functions, 50 ms a person"),
            (Item.LAMBDA_REQUEST, shards, "calls of functions"),
            (Item.TRANSITION, shards * 2 + rounds * 30, "transitions"),
        )
        yield from lines_of(amounts, where=where, group=Group.NOTIFICATIONS, cause=cause, notes=notes)


def canary_lines(stage: StageConfig, region: str) -> Iterator[Line]:
    """Each region asks every one of them."""
    if not stage.api.canary.enabled or len(stage.regions) < 2:
        return
    looks = MINUTES / stage.api.canary.minutes
    asked = looks * 6 * len(stage.regions)
    where = Where(stage=stage.name, account=stage.account, region=region)
    cause = f"stage {stage.name}: api, canary.minutes"
    amounts = (
        (Item.SCHEDULED_CALL, looks, "canary begun"),
        (Item.LAMBDA_REQUEST, looks + asked, "canary and what it asks"),
        (Item.LAMBDA_GB_SECOND, looks * 0.5 * 5 + asked * ANSWER_GB_SECONDS, "canary and its answers"),
        (Item.API_REQUEST, asked, "requests of the canary"),
        *_logs(looks + asked, " of the canary"),
    )
    yield from lines_of(amounts, where=where, group=Group.FIXED, cause=cause)


def _logs(calls: float, whose: str = "") -> Iterator[tuple[Item, float, str]]:
    """Of so many calls a month."""
    gb = calls * LOG_BYTES / GB
    yield Item.LOGS_IN_GB, gb, f"logs{whose}"
    yield Item.LOGS_KEPT_GB, gb * LOG_DAYS / DAYS, f"logs{whose} of {LOG_DAYS} days"
