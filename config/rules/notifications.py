"""What notifications, and the stages that send them, must obey."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from config.rules.queries import broken_rules
from config.rules.time_zones import time_zones
from config.types.errors import Problem
from config.types.notification import PLATFORMS, EmailSender, Language, Notification, PushApplication
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}")
_ADDRESS = re.compile(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")
_APPLICATION = re.compile(
    r"arn:aws:sns:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):app/(?P<kind>\w+)/[\w.\-]+"
)
_WEEK_MINUTES = 7 * 24 * 60
_LONGEST_NAME = 32
"""So that the names of state machine and templates stay within 64 and 80 characters."""


def notification_problems(
    notifications: Sequence[Notification], use_cases: Sequence[UseCase]
) -> Iterator[Problem]:
    names = [notification.name for notification in notifications]
    for notification in notifications:
        about = partial(Problem, f"notification {notification.name}")
        if not _NAME.fullmatch(notification.name) or len(notification.name) > _LONGEST_NAME:
            rule = "must be lower-case words of letters and digits joined by _"
            yield about("name", notification.name, f"{rule}, {_LONGEST_NAME} characters at most")
        if names.count(notification.name) > 1:
            yield about("name", notification.name, "must be the name of one notification only")
        if notification.name in {use_case.name for use_case in use_cases}:
            rule = "must not be the name of a use case: their state machines would be one"
            yield about("name", notification.name, rule)
        yield from _content_problems(notification, use_cases)
        yield from _language_problems(notification)
        yield from _query_problems(notification)


def _content_problems(notification: Notification, use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    about = partial(Problem, f"notification {notification.name}")
    stored = {use_case.name: use_case.recommendations for use_case in use_cases}
    if notification.use_case not in stored:
        yield about("use_case", notification.use_case, f"must be one of {', '.join(sorted(stored))}")
    elif not 1 <= notification.email_items <= stored[notification.use_case]:
        rule = f"must be from 1 to the {stored[notification.use_case]} recommendations that are stored"
        yield about("email_items", notification.email_items, rule)
    if not notification.item_url.startswith("https://") or "{item}" not in notification.item_url:
        yield about("item_url", notification.item_url, "must begin with https:// and have {item} in it")
    for field, value, most in (
        ("users_per_shard", notification.users_per_shard, 10_000),
        ("concurrency", notification.concurrency, 1_000),
        ("inbox_days", notification.inbox_days, 365),
    ):
        least = 14 if field == "inbox_days" else 1
        if not least <= value <= most:
            yield about(field, value, f"must be from {least} to {most}")


def _language_problems(notification: Notification) -> Iterator[Problem]:
    about = partial(Problem, f"notification {notification.name}")
    if notification.default_language not in notification.languages:
        rule = f"must be one of the languages: {', '.join(notification.languages) or 'there are none'}"
        yield about("default_language", notification.default_language, rule)
    for code, language in notification.languages.items():
        if not _LANGUAGE.fullmatch(code):
            yield about("languages", code, "must be a code of ISO 639-1, two lower-case letters")
        yield from _text_problems(notification, code, language)


def _text_problems(notification: Notification, code: str, language: Language) -> Iterator[Problem]:
    about = partial(Problem, f"notification {notification.name}")
    for field in ("push_title", "push_body", "inbox_title", "inbox_body", "subject"):
        text = getattr(language, field)
        unknown = set(re.findall(r"\{[^}]*\}?", text)) - {"{title}"}
        if not text.strip() or unknown:
            rule = "must not be empty, and may have no other placeholder than {title}"
            yield about(f"languages.{code}.{field}", text, rule)
    for field in ("html", "text"):
        path = getattr(language, field)
        try:
            body = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            yield about(f"languages.{code}.{field}", str(path), "must be a readable file of UTF-8 text")
            continue
        for needed in ("{{#each items}}", "{{/each}}", "{{url}}", "{{unsubscribeUrl}}"):
            if needed not in body:
                yield about(f"languages.{code}.{field}", path.name, f"must have {needed} in it")


def _query_problems(notification: Notification) -> Iterator[Problem]:
    for name, dataset in notification.datasets.items():
        about = partial(
            Problem, f"notification {notification.name}", f"{name}.sql", str(dataset.sql and dataset.sql.name)
        )
        try:
            query = dataset.query
        except (OSError, UnicodeDecodeError):
            yield about("must be a readable file of UTF-8 text")
            continue
        for rule in broken_rules(query, dataset):
            yield about(rule)


def notifying_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    notifying = stage.notifications
    if notifying is None:
        return
    if stage.database is None:
        rule = "must be None in a stage without a database: who is to be told is asked of it before each run"
        yield about("notifications", "Notifying(...)", rule)
    if notifying.time_zone not in time_zones():
        yield about(
            "notifications.time_zone", notifying.time_zone, "must be a time zone of the IANA database"
        )
    try:
        shortest = notifying.gaps.shortest_minutes
    except ValueError as error:
        yield about("notifications.expression", notifying.expression, str(error))
    else:
        if shortest < _WEEK_MINUTES:
            rule = "runs must be at least a week apart: a user is told once per week"
            yield about("notifications.expression", notifying.expression, rule)
    yield from sender_problems(stage, notifying.sender, "notifications.sender")
    yield from push_problems(stage, notifying.push, stage.region, "notifications.push")


def sender_problems(stage: StageConfig, sender: EmailSender | None, field: str) -> Iterator[Problem]:
    """field: where it stands in the stage."""
    about = partial(Problem, f"stage {stage.name}")
    if sender and not _ADDRESS.fullmatch(sender.address):
        yield about(f"{field}.address", sender.address, "must be an e-mail address")
    if sender and not re.fullmatch(r"[\w .\-]{1,64}", sender.name):
        rule = "must be 1 to 64 letters, digits, blanks and _.-"
        yield about(f"{field}.name", sender.name, rule)


def push_problems(
    stage: StageConfig, push: Sequence[PushApplication], region: str, field: str
) -> Iterator[Problem]:
    """field: where they stand in the stage."""
    about = partial(Problem, f"stage {stage.name}")
    platforms = [application.platform for application in push]
    for application in push:
        kinds = PLATFORMS.get(application.platform)
        if kinds is None:
            rule = f"must be one of {', '.join(PLATFORMS)}"
            yield about(f"{field}.platform", application.platform, rule)
        elif platforms.count(application.platform) > 1:
            yield about(f"{field}.platform", application.platform, "must not be named twice")
        match = _APPLICATION.fullmatch(application.arn)
        if not match or match["account"] != stage.account or match["region"] != region:
            rule = f"must be the ARN of a platform application of {stage.account} in {region}"
            yield about(f"{field}.arn", application.arn, rule)
        elif kinds and match["kind"] not in kinds:
            yield about(f"{field}.arn", application.arn, f"must be of {' or '.join(kinds)}")
