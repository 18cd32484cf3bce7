"""One user to be told, by providers and through a table that may fail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.notifications.choices import Rules
from pipeline.notifications.claims import Claims
from pipeline.notifications.messages import Content
from pipeline.notifications.sending import Sender
from pipeline.notifications.table import NotificationTable
from pipeline.notifications.telling import Mailing, Teller
from pipeline.notifications.unsubscribing import UnsubscribeLinks
from tests.app.support.notifying import ITEMS, NAME, TABLE, WEEK, WORDS, WRITES, Provider, add_device


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def table(dynamodb: Any) -> NotificationTable:
    return NotificationTable(dynamodb, TABLE)


@pytest.fixture
def lost_answers(table: NotificationTable) -> Iterator[None]:
    """The first answer to every write of a claim is lost, and botocore repeats the request."""
    events = table.client.meta.events

    def repeat(attempts: int, **_: Any) -> int | None:
        return 0 if attempts == 1 else None

    for write in WRITES:
        events.register(f"needs-retry.dynamodb.{write}", repeat)
    yield
    for write in WRITES:
        events.unregister(f"needs-retry.dynamodb.{write}", repeat)


@pytest.fixture
def teller(table: NotificationTable, provider: Provider) -> Teller:
    return Teller(
        claims=Claims(table, NAME, WEEK, "run-1", "g1", 2_000_000_000),
        sender=Sender(provider, provider, lambda _: None, random.Random(1)),
        content=Content(
            notification=NAME,
            use_case="programs",
            variant="personalize",
            generation="g1",
            entry=f"{WEEK}.{NAME}",
            titles={item: f"<Title> {item}" for item in ITEMS},
            item_url="https://app.example.com/{item}",
            languages={"de": WORDS, "en": WORDS},
            default_language="en",
        ),
        rules=Rules(email_items=3, has_push=True, has_email=True),
        mailing=Mailing(
            sender='"A" <a@example.com>',
            configuration_set="settings",
            api_address="https://api.example",
            links=UnsubscribeLinks("secret"),
        ),
        entry_expires=2_000_000_000,
        clock=lambda: 1_800_000_000.0,
        denied=lambda: (),
        opted_out=lambda _user: False,
    )


@pytest.fixture
def phone(table: NotificationTable) -> None:
    add_device(table, "phone")


@pytest.fixture
def put_off(table: NotificationTable, monkeypatch: pytest.MonkeyPatch) -> list[ClientError]:
    """Cancellations that come before DynamoDB writes anything, one for each transaction."""
    cancellations: list[ClientError] = []
    write = table.client.transact_write_items

    def transact_write_items(**request: Any) -> Any:
        if cancellations:
            raise cancellations.pop()
        return write(**request)

    monkeypatch.setattr(table.client, "transact_write_items", transact_write_items)
    return cancellations
