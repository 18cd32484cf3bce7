"""Whether stored lists have room, by the real lengths of a database's ids."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from config.schema import UseCase
from operations.checking.looking import Checked, Settings, check_use_case
from pipeline.extract.database import Database
from pipeline.serving_items import fitting, user_key
from tests.app.support.checked_shop import INTERACTIONS, ITEMS, shop
from tests.app.support.extraction import NOW

RUN = "20231114T221320000"


def checked(use_case: UseCase, database: Database) -> Checked:
    return check_use_case(use_case, database, Settings(now=NOW, seconds=60))


def test_lists_that_ids_leave_no_room_in_are_said_before_any_is_written(
    tmp_path: Path, database: Database
) -> None:
    """As many items fit into the `list_bytes` that is named as the load then stores."""
    long = "repeat('x', 30) || 'thing-' || "
    queries = {
        "interactions": INTERACTIONS.replace("'thing-' ||", long),
        "items": ITEMS.replace("'thing-' ||", long),
    }
    use_case = replace(shop(tmp_path, **queries), recommendations=30, batch_results=60)

    [warning] = checked(use_case, database).warnings

    assert "lists of 1,024 bytes have room for 24 of 30 items as a rule, for 24 where ids are" in warning
    assert "Ids of items have 38 bytes on average and 38 at most, those of people 9 at most" in warning
    [named] = re.findall(r"list_bytes=(\d+) has room for all, at up to 2 write units", warning)
    assert not checked(replace(use_case, list_bytes=int(named)), database).warnings
    pk = user_key(use_case.name, "person-99")
    items = [f"{'x' * 30}thing-{number:02d}" for number in range(30)]
    sk = f"{use_case.default_variant}#{RUN}"
    assert fitting(pk, sk, items, 4_000_000_000, list_bytes=int(named)) == 30
    assert fitting(pk, sk, items, 4_000_000_000) == 24
