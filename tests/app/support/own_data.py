"""A small shop in the data bucket, as an extract leaves it, for a model of our own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline import keys
from pipeline.columns import Column
from pipeline.lists.batch_input import Audience, write_batch_input
from pipeline.lists.load import Shard
from pipeline.own.train import Trained, Training, train_model
from pipeline.storage import Bucket

USE_CASE, VARIANT, RUN = "shop", "own", "20261121T195012345"
USERS, ITEMS, EVENTS = 80, 40, 1600
MEMORY_MB = 3008
USER_COLUMNS = (Column("USER_ID", "string"), Column("AGE", "int"))
ITEM_COLUMNS = (Column("ITEM_ID", "string"), Column("KIND", "string", categorical=True))
WEIGHTS = {"view": 0.3, "buy": 1.0}
Row = Sequence[object]


@dataclass
class Shop:
    """Of every kind of item somebody likes one, and mostly buys of that."""

    interactions: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)

    @classmethod
    def open(cls) -> "Shop":
        rng = random.Random(7)
        shop = cls()
        shop.users = [(f"u{user}", 20 + user % 50) for user in range(USERS)]
        shop.items = [(f"i{item}", f"kind{item % 4}") for item in range(ITEMS)]
        for moment in range(EVENTS):
            user = rng.randrange(USERS)
            liked = [item for item in range(ITEMS) if item % 4 == user % 4]
            item = rng.choice(liked) if rng.random() < 0.8 else rng.randrange(ITEMS)
            shop.interactions.append(
                (f"u{user}", f"i{item}", rng.choice(("view", "buy")), 1_700_000_000 + moment)
            )
        return shop

    def stored(
        self,
        bucket: Bucket,
        *,
        run: str = RUN,
        user_columns: Sequence[Column] = USER_COLUMNS,
        item_columns: Sequence[Column] = ITEM_COLUMNS,
    ) -> tuple[dict[str, Any], ...]:
        """What extract_dataset answers of each dataset."""
        tables = {
            "interactions": (["USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"], self.interactions),
            "users": ([column.name for column in user_columns], self.users),
            "items": ([column.name for column in item_columns], self.items),
        }
        found = []
        for name, (header, rows) in tables.items():
            key = keys.dataset(USE_CASE, run, name)
            bucket.write(key, csv_of(header, rows).encode(), "text/csv")
            found.append({"dataset": name, "key": key, "rows": len(rows), "users": USERS, "items": ITEMS})
        return tuple(found)


def csv_of(header: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    return "\n".join(lines) + "\n"


def training(datasets: tuple[dict[str, Any], ...], **changes: Any) -> Training:
    settings: dict[str, Any] = {
        "use_case": USE_CASE,
        "variant": VARIANT,
        "run": RUN,
        "datasets": datasets,
        "algorithm": "ease",
        "seed": 3,
        "event_weights": WEIGHTS,
        "user_columns": USER_COLUMNS,
        "item_columns": ITEM_COLUMNS,
    }
    return Training(**{**settings, **changes})


def trained(bucket: Bucket, **changes: Any) -> Trained:
    datasets = changes.pop("datasets", None) or Shop.open().stored(bucket)
    return train_model(bucket, training(datasets, **changes), memory_mb=MEMORY_MB)


def shards(bucket: Bucket, *, for_items: bool = False, users_per_shard: int = 50) -> list[Shard]:
    """Of the batch input, with what users have bought as their own."""
    audience = Audience(
        use_case=USE_CASE,
        run=RUN,
        interactions_key=keys.dataset(USE_CASE, RUN, "interactions"),
        users_key=keys.dataset(USE_CASE, RUN, "users"),
        own_event_types=() if for_items else ("buy",),
        own_includes_user=False,
        active_within_days=None,
        users_per_shard=users_per_shard,
        items_key=keys.dataset(USE_CASE, RUN, "items") if for_items else None,
    )
    written = write_batch_input(bucket, audience)
    return [Shard(**shard) for shard in bucket.read_json(written["shardsKey"])]
