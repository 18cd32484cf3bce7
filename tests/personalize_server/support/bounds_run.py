"""Records at the bounds of all types, through every door of a server and out again."""

import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.personalize_server.support.bounds import (
    FIELDS,
    REFUSED,
    as_written,
    cells_of,
    in_csv,
    read_csv,
    worth,
)
from tests.personalize_server.support.journey import ROLE
from tests.personalize_server.support.world import World, fresh_name

_NUMBERS = ("N_INT", "N_LONG", "N_FLOAT", "N_DOUBLE")
_ABOUT = (*_NUMBERS, "FLAG", "TITLE", "GENRES")
COLUMNS: Mapping[str, Sequence[str]] = {
    "Items": (*_ABOUT, "DESCRIPTION", "CREATION_TIMESTAMP"),
    "Users": _ABOUT,
    "Actions": _ABOUT,
    "Interactions": ("N_INT", "N_LONG", "N_DOUBLE", "GENRES", "TITLE"),
}
_ID = {"Items": "ITEM_ID", "Users": "USER_ID", "Actions": "ACTION_ID", "Interactions": "ITEM_ID"}
_MOST_IN_AN_EVENT, _MOST = 1000, 22_000


def _schema(type_: str) -> str:
    strings = ["USER_ID", "ITEM_ID", "EVENT_TYPE"] if type_ == "Interactions" else [_ID[type_]]
    fields: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in strings]
    if type_ == "Interactions":
        fields.append({"name": "TIMESTAMP", "type": "long"})
    for column in (FIELDS[name] for name in COLUMNS[type_]):
        marks = {"categorical": column.categorical, "textual": column.textual}
        kinds = {name: True for name, marked in marks.items() if marked}
        fields.append({"name": column.name, "type": ["null", column.type], **kinds})
    return json.dumps({"type": "record", "name": type_, "namespace": "n", "fields": fields, "version": "1.0"})


@dataclass(frozen=True)
class Made:
    """A record: cells of some of its columns, each to be put as a number where `bare` names it."""

    type_: str
    name: str
    cells: Mapping[str, str]
    bare: frozenset[str]

    @property
    def properties(self) -> str:
        spelled = (
            f'"{name}": {cell if name in self.bare else _as_json(cell)}' for name, cell in self.cells.items()
        )
        return f"{{{', '.join(spelled)}}}"


def made_records(count: int, seed: int = 0) -> list[Made]:
    """Every cell of every column at least once, if there are so many, and others by chance."""
    rng = random.Random(seed)
    every = [(type_, name, cell) for type_ in COLUMNS for name in COLUMNS[type_] for cell in cells_of(name)]
    rng.shuffle(every)
    found = []
    for number in range(count):
        type_, name, cell = every[number % len(every)]
        cells = {name: cell}
        for other in rng.sample(COLUMNS[type_], rng.randrange(3)):
            cells.setdefault(other, rng.choice(cells_of(other)))
        bare = frozenset(name for name, cell in cells.items() if FIELDS[name].numeric and _is_json(cell))
        made = Made(type_, f"{type_[0].lower()}{number}", cells, bare if rng.random() < 0.5 else frozenset())
        if len(made.properties) <= (_MOST_IN_AN_EVENT if type_ == "Interactions" else _MOST):
            found.append(made)
    return found


def _as_json(cell: str) -> str:
    """As short as may be: requests have their limits."""
    return json.dumps(cell, ensure_ascii=in_csv(cell) is None)


def _is_json(cell: str) -> bool:
    try:
        return type(json.loads(cell, parse_constant=str)) in (int, float) and cell == cell.strip()
    except ValueError:
        return False


@dataclass
class BoundsRun:
    """One dataset group that gets the records one by one, another that gets the same ones as files."""

    world: World
    records: Sequence[Made]
    now: float = field(default_factory=time.time)
    figures: Counter[str] = field(default_factory=Counter)

    @cached_property
    def put_into(self) -> dict[str, str]:
        return self._datasets()

    @cached_property
    def imported_into(self) -> dict[str, str]:
        return self._datasets()

    def _datasets(self) -> dict[str, str]:
        group = self.world.new_group()
        found = {"group": group}
        for type_ in COLUMNS:
            schema = self.world.do("CreateSchema", name=fresh_name(), schema=_schema(type_))
            made = {"name": fresh_name(), "datasetGroupArn": group, "datasetType": type_}
            found[type_] = str(self.world.do("CreateDataset", **made, **schema)["datasetArn"])
        return found

    def good(self, record: Made) -> bool:
        return all(worth(name, cell, self.now) is not REFUSED for name, cell in record.cells.items())

    @cached_property
    def good_records(self) -> list[Made]:
        return [record for record in self.records if self.good(record)]

    def put_all(self) -> None:
        """One by one: each is taken or refused as it deserves."""
        tracker = self.world.new_tracker(self.put_into["group"])["trackingId"]
        for record in self.records:
            answer = self._put(record, tracker)
            refused = (answer.status, answer.code) == (400, "InvalidInputException")
            assert (answer.status == 200) if self.good(record) else refused, (answer, ascii(record)[:1000])
            self.figures["put"] += 1

    def _put(self, record: Made, tracker: str) -> Any:
        if record.type_ == "Interactions":
            event = {"eventType": "view", "sentAt": int(self.now), "properties": record.properties}
            who = {"trackingId": tracker, "sessionId": "s", "userId": record.name}
            return self.world.ask("PutEvents", **who, eventList=[{**event, "itemId": record.name}])
        key = f"{record.type_[:-1].lower()}Id"
        entries = [{key: record.name, "properties": record.properties}]
        dataset = self.put_into[record.type_]
        return self.world.ask(f"Put{record.type_}", datasetArn=dataset, **{record.type_.lower(): entries})

    def import_all(self, bad: int) -> None:
        """All good ones at once; of the bad ones `bad`, each among good ones."""
        for type_ in COLUMNS:
            mine = [record for record in self.good_records if record.type_ == type_ and self.line(record)]
            status, reason = self._import(type_, mine)
            assert status == "ACTIVE", (type_, reason)
            self.figures["imported"] += len(mine)
            refused = [r for r in self.records if r.type_ == type_ and not self.good(r) and self.line(r)]
            for record in refused[:: max(1, len(refused) * len(COLUMNS) // bad)]:
                status, reason = self._import(type_, [*mine[:3], record, *mine[3:5]])
                assert status == "CREATE FAILED" and "internal" not in reason.lower(), (record, status)
                assert any(name in reason for name in record.cells), (record, reason)
                self.figures["imports refused"] += 1

    def line(self, record: Made) -> str | None:
        """None: a CSV cannot spell it."""
        cells = [in_csv(record.cells.get(name, "")) for name in COLUMNS[record.type_]]
        if None in cells:
            return None
        first = [record.name, record.name, "view", str(int(self.now))]
        return ",".join([*(first if record.type_ == "Interactions" else first[:1]), *map(str, cells)])

    def _import(self, type_: str, records: Sequence[Made]) -> tuple[str, str]:
        names = ["USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"] if type_ == "Interactions" else [_ID[type_]]
        text = "\n".join([",".join([*names, *COLUMNS[type_]]), *(str(self.line(r)) for r in records)])
        name = fresh_name()
        (self.world.objects / f"{name}.csv").write_text(text + "\n")
        source = {"dataLocation": self.world.s3(f"{name}.csv")}
        made = {"jobName": name, "datasetArn": self.imported_into[type_], "dataSource": source}
        job = self.world.do("CreateDatasetImportJob", **made, roleArn=ROLE)
        while True:
            [found] = self.world.do("DescribeDatasetImportJob", **job).values()
            if found["status"] in ("ACTIVE", "CREATE FAILED"):
                return found["status"], found.get("failureReason", "")
            time.sleep(0.02)

    def check_exports(self) -> None:
        for datasets, mode in ((self.put_into, "PUT"), (self.imported_into, "BULK")):
            for type_ in COLUMNS:
                expected = {
                    record.name: [
                        worth(name, record.cells.get(name, ""), self.now) for name in COLUMNS[type_]
                    ]
                    for record in self.good_records
                    if record.type_ == type_ and (mode == "PUT" or self.line(record))
                }
                found = self._exported(datasets[type_], type_, mode)
                assert found == expected, (type_, mode)
                self.figures["exported"] += len(found)

    def _exported(self, dataset: str, type_: str, mode: str) -> dict[str, list[Any]]:
        made = {"jobName": fresh_name(), "datasetArn": dataset, "roleArn": ROLE, "ingestionMode": mode}
        job = self.world.do("CreateDatasetExportJob", **made, **self.world.export())
        self.world.settled("DescribeDatasetExportJob", **job)
        path = self.world.objects / "exports" / made["jobName"] / "part-00000.csv"
        header, *rows = read_csv(path.read_bytes().decode())
        return {
            row[header.index(_ID[type_])]: [
                as_written(FIELDS[name], row[header.index(name)]) for name in COLUMNS[type_]
            ]
            for row in rows
        }


def behaviour(items: Sequence[Made], users: int = 40) -> str:
    """Interactions with all of them, as a file."""
    rng = random.Random(1)
    rows = ["USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP," + ",".join(COLUMNS["Interactions"])]
    for at, item in enumerate(items):
        for user in rng.sample(range(users), 8):
            rows.append(f"u{user},{item.name},view,{1_700_000_000 + at * 60 + user},,,,,")
    return "\n".join(rows) + "\n"
