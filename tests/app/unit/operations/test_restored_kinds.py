"""Every kind of item that the product writes is known to whoever restores it, and is in the docs."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from operations.restoring.kinds import KINDS, Item, kind_of
from pipeline.experiments.items import current_key, version_key
from pipeline.notifications.table import (
    EMAIL_CONSENT,
    claim_sk,
    device_sk,
    entry_id,
    inbox_sk,
    key,
    owner_key,
    user_pk,
)
from pipeline.regions.epoch import epoch_key, first_epoch
from pipeline.serving_items import catalogue_key, pointer_key, popular_key, user_key
from pipeline.switching.marks import Marks
from pipeline.tracking.event import Event
from pipeline.tracking.ledger import Ledger
from pipeline.tracking.recent import RecentEvents
from pipeline.tracking.use_cases import TrackedUseCase
from pipeline.withholding.items import DENIED, Change, Denial, change_item, denied_item
from pipeline.withholding.opt_outs import opt_out_key

PAGE = Path(__file__).parents[4] / "docs" / "restore.md"
ROW = re.compile(r"^\| (notifications|tracking|serving|all) \| ([\w -]+) \| (.*?) \|", re.MULTILINE)
USER = user_pk("ann")


class Written:
    """Stands in for a client, and keeps the keys of what is written."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put_item(self, *, Item: Any, **_: Any) -> None:
        self.items.append(Item)

    def transact_write_items(self, *, TransactItems: Any) -> None:
        for write in TransactItems:
            for details in write.values():
                self.items.append(details.get("Item") or details["Key"])

    def batch_write_item(self, *, RequestItems: Any) -> dict[str, Any]:
        for requests in RequestItems.values():
            self.items += [request["PutRequest"]["Item"] for request in requests]
        return {}


def names(table: str, *items: Item) -> list[str]:
    found = [kind_of(item, KINDS[table]) for item in items]
    return [kind.name if kind else "unknown" for kind in found]


def test_what_notifications_write_is_known() -> None:
    sks = (
        EMAIL_CONSENT,
        claim_sk("2026-W48", "weekly"),
        device_sk("phone"),
        inbox_sk(entry_id("2026-W48", "weekly")),
    )

    assert names("notifications", *(key(USER, sk) for sk in sks), owner_key("arn:aws:sns:x")) == [
        "opt-outs",
        "claims",
        "devices",
        "inbox",
        "owners of endpoints",
    ]
    whose = [kind.whose(key(USER, "-")) for kind in KINDS["notifications"][:4]]
    assert whose == ["ann"] * 4


def test_what_tracking_writes_is_known() -> None:
    client = Written()
    event = Event(
        event_id="1",
        use_case="posts",
        user_id="ann",
        type="view",
        item_id="i",
        timestamp=1_764_400_000,
        received_at=1_764_400_000,
        source="model",
        variant="own",
    )
    rng = random.Random(1)
    use_case = TrackedUseCase(name="posts", event_types=("view",), actions=("view",))
    Ledger(client, "t", rng).claim(use_case, [event])
    RecentEvents(client, "t", rng).remember([event], {"view"})

    assert names("tracking", *client.items) == [
        "counted events",
        "batches under way",
        "counters",
        "recent events",
    ]
    recent = kind_of(client.items[-1], KINDS["tracking"])
    assert recent is not None
    assert recent.whose(client.items[-1]) == "ann"


def test_what_is_served_is_known() -> None:
    client = Written()
    now = datetime(2026, 11, 29, tzinfo=UTC).timestamp()
    Marks(client, ("serving",), number=1).write("r", now)
    lists = key(user_key("posts", "ann"), "own#1")
    keys = (
        popular_key("posts", "own", "1"),
        catalogue_key("posts", "own", "1", 0),
        pointer_key("posts", "own"),
    )

    denial = Denial(item="1", until=None, reason="", by="ann", at="")
    change = change_item("posts", Change(what=DENIED, denial=denial), 0, now)

    assert names(
        "serving",
        version_key("posts", 1),
        current_key("posts"),
        denied_item("posts", denial),
        change,
        opt_out_key("ann"),
        epoch_key(first_epoch("eu-west-1")),
        lists,
        *keys,
        *client.items,
    ) == [kind.name for kind in KINDS["serving"]]
    assert KINDS["serving"][6].whose(lists) == "ann"


def test_the_docs_say_of_every_kind_what_becomes_of_it() -> None:
    rows = {(table, name): missing for table, name, missing in ROW.findall(PAGE.read_text(encoding="utf-8"))}

    for table, kinds in KINDS.items():
        for kind in kinds:
            said = rows.get((table, kind.name)) or rows[("all", kind.name)]
            assert said.startswith("never" if kind.why else "put back"), (table, kind.name)
    assert len(rows) == sum(map(len, KINDS.values())) - len(KINDS) + 1
