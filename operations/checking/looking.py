"""The queries of a use case or a notification, run as an extraction runs them; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.derived.event_rules import expected_events
from config.derived.recipes import recommends_for_items
from config.schema import ALL_EVENTS, Dataset, DatasetType, Notification, UseCase
from operations.checking.collected import Collected
from operations.checking.list_room import list_room
from pipeline.columns import Column
from pipeline.errors import DatasetRejected, QueryFailed
from pipeline.extract.blocks import Block
from pipeline.extract.checker import DatasetChecker, Figures
from pipeline.extract.database import Database, described_columns
from pipeline.extract.event_types import EventCounts, EventRules
from pipeline.extract.pump import pump
from pipeline.extract.query import Query
from pipeline.extract.repeated import repeated_rows
from pipeline.extract.schema import DatasetSchema

_CONSENTS = ("IN_APP_CONSENT", "PUSH_CONSENT", "EMAIL_CONSENT")
_DAY = 86_400
_STRANGE = 0.1
"""From this share of unknown ids on it is said."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """now: seconds since 1970. seconds: that each query may take. active_within_days: of the audience."""

    now: float
    seconds: float
    active_within_days: int | None = None


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


def check_use_case(use_case: UseCase, database: Database, settings: Settings) -> Checked:
    """Raises: DatabaseUnavailable."""
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
        if dataset.sql is None:
            checked.files.append(type_.value)
            checked.warnings.append(f"{type_} come from a file, which only a run looks at: no query to check")
            continue
        schema = _schema(type_.value, dataset)
        rules = events if type_ is DatasetType.INTERACTIONS else None
        checked.datasets.append(
            _look(Query(database, dataset.query), schema, settings, collected.reader(schema), rules)
        )
    if len(checked.datasets) < len(use_case.datasets):
        return checked  # who gets a list, and who is a stranger, is told by all of them together
    checked.audience = collected.audience(of_items=recommends_for_items(use_case))
    if not checked.audience and not checked.is_refused:
        since = f" was active in the last {days} days:" if days is not None else ":"
        checked.problems.append(f"nobody{since} there is no list to make; see the audience of the stage")
    checked.own_rows = _own_rows(use_case, checked.datasets[0])
    checked.warnings += _strangers(use_case, collected)
    checked.warnings += list_room(use_case, collected)
    return checked


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
    query: Query,
    schema: DatasetSchema,
    settings: Settings,
    also: Callable[[Block], None],
    events: EventRules | None = None,
) -> Looked:
    looked = Looked(dataset=schema.dataset)
    checker = DatasetChecker(schema, now=settings.now, events=events, also=also)
    try:
        found = dict(asyncio.run(described_columns(query.database, query.text)))
        looked.columns = [(column.name, column.type, found.get(column.name, "")) for column in schema.columns]
        work = pump(query, schema, lambda chunks: checker.feed(*chunks), seconds=settings.seconds)
        asyncio.run(work)
        ids = checker.repeated
        repeated = repeated_rows(query, schema, ids, seconds=settings.seconds) if ids.size else ()
        looked.figures = checker.finish(repeated)
        looked.warnings += looked.figures.warnings
    except DatasetRejected:
        looked.problems += checker.findings.whole
        looked.findings += [finding.as_json() for finding in checker.findings.of_rows]
        looked.figures = checker.figures()
    except QueryFailed as error:
        looked.problems.append(f"PostgreSQL refuses the query: {error}")
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


def _strangers(use_case: UseCase, collected: Collected) -> list[str]:
    said = []
    for dataset, column in (("users", "USER_ID"), ("items", "ITEM_ID")):
        if DatasetType(dataset) not in use_case.datasets:
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
