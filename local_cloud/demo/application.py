"""Reads the application's database: who is there, what they did, what things are called."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from config.derived.recipes import recommends_for_items
from config.schema import ALL_EVENTS, DatasetType, UseCase
from config.types.demonstration import Demo


@dataclass(frozen=True)
class UseCaseFacts:
    """What the database says about one use case; everything by id. Similar items have items as audience.

    own: what must not be recommended to whom. liked: what people chose, the strongest events first, of equal
    ones the newest. kinds: the event types that are a choice, of which what was merely viewed is none; empty:
    the use case does not say, and all count.
    """

    audience: frozenset[str]
    own: Mapping[str, frozenset[str]]
    liked: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Application:
    names: Mapping[str, str]
    about: Mapping[str, str]
    liked_topics: Mapping[str, Counter[str]]
    use_cases: Mapping[str, UseCaseFacts]


def read(dsn: str, use_cases: tuple[UseCase, ...], demo: Demo) -> Application:
    return asyncio.run(_read(dsn, use_cases, demo))


async def _read(dsn: str, use_cases: tuple[UseCase, ...], demo: Demo) -> Application:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        people = await connection.fetch(demo.people)
        topics: dict[str, Counter[str]] = defaultdict(Counter)
        for row in await connection.fetch(demo.tastes):
            topics[row["id"]][row["topic"]] = row["likes"]
        facts = {
            use_case.name: await _facts(connection, use_case, demo.labels.get(use_case.name))
            for use_case in use_cases
        }
    finally:
        await connection.close()
    names = {row["id"]: row["name"] for row in people}
    return Application(names, {row["id"]: row["about"] for row in people}, dict(topics), facts)


async def _facts(connection: asyncpg.Connection, use_case: UseCase, called: str | None) -> UseCaseFacts:
    """called: the query of what items are called."""
    events = await connection.fetch(use_case.interactions.query)
    weights = {event.name: event.weight or 0.0 for event in use_case.event_types}
    audience = {row["USER_ID"] for row in events}
    if users := use_case.datasets.get(DatasetType.USERS):
        audience |= {row["USER_ID"] for row in await connection.fetch(users.query)}
    own: dict[str, set[str]] = defaultdict(set)
    scored: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    rule = use_case.own_items
    kinds = choices(use_case)
    for row in events:
        user, item, kind = row["USER_ID"], row["ITEM_ID"], row["EVENT_TYPE"]
        if rule.event_types == ALL_EVENTS or kind in rule.event_types:
            own[user].add(item)
        if not kinds or kind in kinds:
            score = (weights.get(kind, 0.0), row["TIMESTAMP"])
            scored[user][item] = max(score, scored[user].get(item, score))
    if recommends_for_items(use_case):
        items_ = await connection.fetch(use_case.datasets[DatasetType.ITEMS].query)
        audience = {row["ITEM_ID"] for row in items_}
        own = defaultdict(set, {item: {item} for item in audience})
    if rule.includes_user:
        for user in audience:
            own[user].add(user)
    labels = await connection.fetch(called) if called else []
    return UseCaseFacts(
        frozenset(audience),
        {user: frozenset(items) for user, items in own.items()},
        {user: tuple(sorted(items, key=items.__getitem__, reverse=True)) for user, items in scored.items()},
        {row["id"]: row["label"] for row in labels},
        kinds,
    )


def choices(use_case: UseCase) -> tuple[str, ...]:
    """The event types by which people choose: actions, and those that make an item their own."""
    named = set(use_case.tracking.actions if use_case.tracking else ())
    if use_case.own_items.event_types != ALL_EVENTS:
        named |= set(use_case.own_items.event_types)
    return tuple(event.name for event in use_case.event_types if event.name in named)
