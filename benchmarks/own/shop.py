"""Data sets of any size as an extract leaves them, ids of 36 characters, and what functions call of S3."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from engine.data.generated import generated
from pipeline.columns import Column
from pipeline.own.train import Trained, Training, train_model
from pipeline.storage import Bucket

PER_SHARD = 10_000
RELEARN_DAYS = 7
"""as `config.types.variants.Own` has it"""
COUNTRIES, GROUPS = 190, 800
"""Values of attributes of people: a thousand with tenths of the age."""
USER_COLUMNS = (
    Column("USER_ID", "string"),
    Column("AGE", "int"),
    Column("COUNTRY", "string", categorical=True),
    Column("GROUP", "string", categorical=True),
)


class Folder:
    """What the functions call of S3, over files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        file = self.path / Key
        if not file.is_file():
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": StreamingBody(file.open("rb"), file.stat().st_size)}

    def put_object(self, *, Bucket: str, Key: str, Body: Any, ContentType: str) -> None:
        file = self.path / Key
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            target.write(Body if isinstance(Body, bytes) else Body.read())


def write(folder: Path, users: int, items: int, events: int) -> None:
    """Data sets, and the first shard of batch input, of everybody's newest items."""
    table = generated(users, items, events).interactions
    user_ids = [str(UUID(int=(1 << 100) + user * 7919)) for user in range(users)]
    item_ids = [str(UUID(int=(1 << 101) + item * 7919)) for item in range(items)]
    rows = zip(table.users.tolist(), table.items.tolist(), table.times.tolist(), strict=True)
    _lines(
        folder / "interactions.csv",
        "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP",
        (f"{user_ids[user]},{item_ids[item]},view,{moment}" for user, item, moment in rows),
    )
    people = (
        f"{id_},{20 + at % 60},country{at % COUNTRIES},group{at * 7919 % GROUPS}"
        for at, id_ in enumerate(user_ids)
    )
    _lines(folder / "users.csv", "USER_ID,AGE,COUNTRY,GROUP", people)
    _lines(folder / "items.csv", "ITEM_ID,KIND", (f"{id_},kind{at % 40}" for at, id_ in enumerate(item_ids)))
    with (folder / "own.jsonl").open("w", encoding="utf-8") as file:
        for user in user_ids[:PER_SHARD]:
            file.write(json.dumps({"userId": user, "own": item_ids[:20]}) + "\n")
    sizes = {"rows": events, "users": users, "items": items}
    datasets = [
        {"dataset": name, "key": f"{name}.csv", **sizes, "rows": rows_}
        for name, rows_ in (("interactions", events), ("users", users), ("items", items))
    ]
    (folder / "datasets.json").write_text(json.dumps(datasets), encoding="utf-8")


def _lines(file: Path, header: str, rows: Any) -> None:
    with file.open("w", encoding="utf-8") as target:
        target.write(f"{header}\n")
        target.writelines(f"{row}\n" for row in rows)


def bucket_of(folder: Path) -> Bucket:
    return Bucket(Folder(folder), "bucket")


def trained(folder: Path, algorithm: str) -> Trained:
    """By what was written there; weights that a training before has kept are used."""
    datasets = tuple(json.loads((folder / "datasets.json").read_text(encoding="utf-8")))
    training = Training(
        use_case="shop",
        variant="own",
        run="run",
        datasets=datasets,
        algorithm=algorithm,
        seed=0,
        relearn_days=RELEARN_DAYS,
        user_columns=USER_COLUMNS if algorithm == "demographic" else (),
    )
    return train_model(bucket_of(folder), training, memory_mb=1 << 20)
