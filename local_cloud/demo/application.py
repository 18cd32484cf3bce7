"""Reads the sample application's database: who is there, what they did, what things are called."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from config.derived.recipes import recommends_for_items
from config.schema import ALL_EVENTS, DatasetType, UseCase

_LABELS = {
    "users_to_follow": "SELECT id::text, concat_ws(', ', name, age, country) AS label FROM users",
    "training_programs": "SELECT id::text, category || ': ' || title AS label FROM programs",
    "posts": """
        SELECT id::text, title || coalesce(' [' || nullif(array_to_string(topics[1:2], ', '), '') || ']', '')
               AS label
        FROM posts
    """,
}
_PEOPLE = """
SELECT id::text, name, concat_ws(', ', age, gender, country, strength_category) AS about FROM users
"""
_LIKED_TOPICS = """
SELECT user_id::text AS id, topic, count(*) AS likes
FROM post_events JOIN posts ON posts.id = post_id CROSS JOIN unnest(topics) AS topic
WHERE event_type <> 'view' GROUP BY 1, 2
"""


@dataclass(frozen=True)
class UseCaseFacts:
    """What the database says about one use case; everything by id. Similar items have items as audience.

    own: what must not be recommended to whom. liked: the strongest events first, of equal ones the newest.
    """

    audience: frozenset[str]
    own: Mapping[str, frozenset[str]]
    liked: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Application:
    names: Mapping[str, str]
    about: Mapping[str, str]
    liked_topics: Mapping[str, Counter[str]]
    use_cases: Mapping[str, UseCaseFacts]


def read(dsn: str, use_cases: tuple[UseCase, ...]) -> Application:
    return asyncio.run(_read(dsn, use_cases))


async def _read(dsn: str, use_cases: tuple[UseCase, ...]) -> Application:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        people = await connection.fetch(_PEOPLE)
        topics: dict[str, Counter[str]] = defaultdict(Counter)
        for row in await connection.fetch(_LIKED_TOPICS):
            topics[row["id"]][row["topic"]] = row["likes"]
        facts = {use_case.name: await _facts(connection, use_case) for use_case in use_cases}
    finally:
        await connection.close()
    names = {row["id"]: row["name"] for row in people}
    return Application(names, {row["id"]: row["about"] for row in people}, dict(topics), facts)


async def _facts(connection: asyncpg.Connection, use_case: UseCase) -> UseCaseFacts:
    events = await connection.fetch(use_case.interactions.query)
    weights = {event.name: event.weight or 0.0 for event in use_case.event_types}
    audience = {row["USER_ID"] for row in events}
    if users := use_case.datasets.get(DatasetType.USERS):
        audience |= {row["USER_ID"] for row in await connection.fetch(users.query)}
    own: dict[str, set[str]] = defaultdict(set)
    scored: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    rule = use_case.own_items
    for row in events:
        user, item, kind = row["USER_ID"], row["ITEM_ID"], row["EVENT_TYPE"]
        if rule.event_types == ALL_EVENTS or kind in rule.event_types:
            own[user].add(item)
        score = (weights.get(kind, 0.0), row["TIMESTAMP"])
        scored[user][item] = max(score, scored[user].get(item, score))
    if recommends_for_items(use_case):
        items_ = await connection.fetch(use_case.datasets[DatasetType.ITEMS].query)
        audience = {row["ITEM_ID"] for row in items_}
        own = defaultdict(set, {item: {item} for item in audience})
    if rule.includes_user:
        for user in audience:
            own[user].add(user)
    labels = await connection.fetch(_LABELS[use_case.name]) if use_case.name in _LABELS else []
    return UseCaseFacts(
        frozenset(audience),
        {user: frozenset(items) for user, items in own.items()},
        {user: tuple(sorted(items, key=items.__getitem__, reverse=True)) for user, items in scored.items()},
        {row["id"]: row["label"] for row in labels},
    )
