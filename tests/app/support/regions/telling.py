"""Who tells people in a region, with the real code and a provider of push messages in memory."""

from __future__ import annotations

import random

from pipeline.notifications.choices import Rules
from pipeline.notifications.claims import Claims
from pipeline.notifications.messages import Content
from pipeline.notifications.sending import Sender
from pipeline.notifications.table import NotificationTable
from pipeline.notifications.telling import Teller
from tests.app.support.notifying import WORDS, Provider
from tests.app.support.regions.copied_tables import Region

NOTIFICATION = "weekly"
_EXPIRES = 4_000_000_000


def teller(region: Region, run: str, week: str, *, now: float, variant: str) -> Teller:
    """Of one item per week, by push messages alone."""
    provider, item = Provider(), f"{week}-item"
    table = NotificationTable(region, region.table)
    return Teller(
        claims=Claims(table, NOTIFICATION, week, run, "g", _EXPIRES),
        sender=Sender(provider, provider, lambda _: None, random.Random(1)),
        content=Content(
            notification=NOTIFICATION,
            use_case="posts",
            variant=variant,
            generation="g",
            entry=f"{week}.{NOTIFICATION}",
            titles={item: "Title"},
            item_url="https://app.example.com/{item}",
            languages={"de": WORDS},
            default_language="de",
        ),
        rules=Rules(email_items=1, has_push=True, has_email=False),
        mailing=None,
        entry_expires=_EXPIRES,
        clock=lambda: now,
        denied=lambda: (),
        opted_out=lambda _user: False,
    )
