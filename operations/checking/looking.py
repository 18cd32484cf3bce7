"""The queries of a use case or a notification, run as an extraction runs them; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.derived.event_rules import expected_events
from config.derived.recipes import recommends_for_items
from config.schema import ALL_EVENTS, Dataset, DatasetType, Notification, UseCase
from operations.checking.collected import Collected
from operations.checking.folder import source_in
from operations.checking.list_room import list_room
from pipeline.columns import Column
from pipeline.errors import DatasetRejected, FileMissing, FileUnreadable, QueryFailed, StorageFailed
from pipeline.extract.blocks import Block
from pipeline.extract.checker import DatasetChecker, Figures
from pipeline.extract.database import Database, described_columns
from pipeline.extract.event_types import EventCounts, EventRules
from pipeline.extract.pump import pump
from pipeline.extract.query import Query
from pipeline.extract.repeated import repeated_rows
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Source

_CONSENTS = ("IN_APP_CONSENT", "PUSH_CONSENT", "EMAIL_CONSENT")
_DAY = 86_400
_STRANGE = 0.1
"""From this share of unknown ids on it is said."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """now: seconds since 1970. seconds: that each query may take. active_within_days: of the audience.
    files: the folder with the files of datasets, each `<use case>/<dataset>.<format>`; None: they are not
    looked at.
    """

    now: float
    seconds: float
    active_within_days: int | None = None
    files: Path | None = None


@dataclass(kw_only=True)
class Looked:
    """Of one dataset. columns: name, type in the configuration, type in the database. problems: what a run
    would be refused for; findings: the same of rows, with their values.
    """

    dataset: str
    columns: list[tuple[str, str, str]] = field(default_factory=list)
    figures: Figures | None = None
    problems: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Checked:
    """Of a use case or a notification (kind). own_rows: interactions with own items. audience: who get lists,
    or may be told. problems: a run would be refused for them as a whole.
    """

    kind: str
    name: str
    datasets: list[Looked] = field(default_factory=list)
    own_rows: int | None = None
    audience: int | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """datasets that are files, and were not looked at"""

    @property
    def is_refused(self) -> bool:
        return bool(self.problems) or any(looked.problems or looked.findings for looked in self.datasets)


def check_use_case(use_case: UseCase, database: Database | None, settings: Settings) -> Checked:
    """database: None, if all datasets are files.

    Raises: DatabaseUnavailable; InvalidInput, if a file's format cannot be read with what is installed.
    """
    days = settings.active_within_days
    collected = Collected(since=None if days is None else settings.now - days * _DAY)
    expected = expected_events(use_case)
    events = (
        EventRules(
            known=expected.known, needed=expected.needed, unknown=expected.unknown, missing=expected.missing
        )
        if expected
        else None
    )
    checked = Checked(kind="use case", name=use_case.name)
    for type_, dataset in use_case.datasets.items():
        source = _source(use_case, type_, dataset, database, settings.files)
        if source is None:
            checked.files.append(type_.value)
            told = f"{type_} come from a file, which a run looks at, or `--files FOLDER`: no query to check"
            checked.warnings.append(told)
            continue
        schema = _schema(type_.value, dataset)
        rules = events if type_ is DatasetType.INTERACTIONS else None
        looked = _look(source, schema, settings, collected.reader(schema), rules)
        looked.warnings += _without_values(use_case, looked, dataset, collected)
        checked.datasets.append(looked)
    if len(checked.datasets) < len(use_case.datasets):
        return checked  # who gets a list, and who is a stranger, is told by all of them together
    checked.audience = collected.audience(of_items=recommends_for_items(use_case))
    if not checked.audience and not checked.is_refused:
        since = f" was active in the last {days} days:" if days is not None else ":"
        checked.problems.append(f"nobody{since} there is no list to make; see the audience of the stage")
    checked.own_rows = _own_rows(use_case, checked.datasets[0])
    unread = {looked.dataset for looked in checked.datasets if not looked.figures or not looked.figures.rows}
    checked.warnings += _strangers(use_case, collected, unread)
    checked.warnings += list_room(use_case, collected)
    return checked


def _source(
    use_case: UseCase, type_: DatasetType, dataset: Dataset, database: Database | None, files: Path | None
) -> Source | None:
    """None, of a file that is not to be looked at."""
    if dataset.file is None:
        assert database
        return Query(database, dataset.query)
    return source_in(files, use_case.name, type_.value, dataset.file) if files else None


def check_notification(notification: Notification, database: Database, settings: Settings) -> Checked:
    """Raises: DatabaseUnavailable."""
    checked = Checked(kind="notification", name=notification.name)
    for name, dataset in notification.datasets.items():
        schema, consents = _schema(name, dataset), {column: EventCounts(None) for column in _CONSENTS}
        query = Query(database, dataset.query)
        looked = _look(query, schema, settings, _words(schema, consents))
        checked.datasets.append(looked)
        if name == "recipients" and looked.figures:
            checked.audience = looked.figures.rows
            checked.warnings += _odd_consents(consents)
    return checked


def _look(
    source: Source,
    schema: DatasetSchema,
    settings: Settings,
    also: Callable[[Block], None],
    events: EventRules | None = None,
) -> Looked:
    looked = Looked(dataset=schema.dataset)
    checker = DatasetChecker(schema, now=settings.now, events=events, also=also)
    try:
        if isinstance(source, Query):
            found = dict(asyncio.run(described_columns(source.database, source.text)))
            looked.columns = [(one.name, one.type, found.get(one.name, "")) for one in schema.columns]
        work = pump(source, schema, lambda chunks: checker.feed(*chunks), seconds=settings.seconds)
        asyncio.run(work)
        ids = checker.repeated
        repeated = repeated_rows(source, schema, ids, seconds=settings.seconds) if ids.size else ()
        looked.figures = checker.finish(repeated)
        looked.warnings += looked.figures.warnings
    except DatasetRejected:
        looked.problems += checker.findings.whole
        looked.findings += [finding.as_json() for finding in checker.findings.of_rows]
        looked.figures = checker.figures()
    except QueryFailed as error:
        looked.problems.append(f"PostgreSQL refuses the query: {error}")
    except (FileMissing, FileUnreadable, StorageFailed) as error:
        looked.problems.append(str(error))
    return looked


def _schema(name: str, dataset: Dataset) -> DatasetSchema:
    return DatasetSchema(
        name,
        tuple(
            Column(
                column.name,
                column.type.value,
                nullable=column.nullable,
                categorical=column.categorical,
                textual=column.textual,
            )
            for column in dataset.columns
        ),
    )


def _own_rows(use_case: UseCase, interactions: Looked) -> int | None:
    """None, where nothing is a user's own."""
    own = use_case.own_items.event_types
    if not own or interactions.figures is None:
        return None
    counts = interactions.figures.event_types
    return sum(count for name, count in counts.items() if own == ALL_EVENTS or name in own)


def _strangers(use_case: UseCase, collected: Collected, unread: set[str]) -> list[str]:
    """unread: datasets without a row; what is wrong with them is said."""
    said = []
    for dataset, column in (("users", "USER_ID"), ("items", "ITEM_ID")):
        if DatasetType(dataset) not in use_case.datasets or dataset in unread:
            continue
        strange, there = collected.strangers(dataset, column)
        if there and strange / there >= _STRANGE:
            ours = ", ".join(collected.of("interactions", column).shown)
            theirs = ", ".join(collected.of(dataset, column).shown) or "nothing"
            said.append(
                f"{strange:,} of {there:,} {column}s of the interactions are not among the {dataset}; "
                f"are they the same ids? Interactions have {ours}, ...; the {dataset} have {theirs}, ..."
            )
    return said


def _without_values(use_case: UseCase, looked: Looked, dataset: Dataset, collected: Collected) -> list[str]:
    """Columns that may be empty, and are in every row."""
    if looked.figures is None or not looked.figures.rows:
        return []
    said = []
    for column in dataset.columns:
        if column.nullable and (looked.dataset, column.name) not in collected.filled:
            capped = looked.dataset == "items" and any(cap.column == column.name for cap in use_case.caps)
            told = ", and the cap of it caps nothing" if capped else ""
            said.append(f"{column.name} has no value in any row: there is nothing to learn from it{told}")
    return said


def _words(schema: DatasetSchema, counted: dict[str, EventCounts]) -> Callable[[Block], None]:
    def read(block: Block) -> None:
        for name, counts in counted.items():
            if name in schema.names:
                index = schema.names.index(name)
                for _ in counts.add(block, index, block.ends[index] > block.starts[index]):
                    pass

    return read


def _odd_consents(counted: dict[str, EventCounts]) -> list[str]:
    said = []
    for name, words in counted.items():
        odd = {word: count for word, count in words.told().items() if word not in ("yes", "no")}
        if odd:
            told = ", ".join(f"{word!r} ({count:,})" for word, count in odd.items())
            said.append(f"{name} is neither yes nor no, and so no consent: {told}; write yes for a consent")
        elif not words.counts["yes"] and words.counts:
            said.append(f"{name}: nobody says yes, and nobody will be told by that channel")
    return said
