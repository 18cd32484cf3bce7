"""The generated community: the same every time, sound, and with something in it to be learnt."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np
import pytest

from sample_database import binary_copy, generated
from sample_database.generated import BLOCK, Scale
from sample_database.tables import Community, EntityTable, Events, EventTable

SMALL = Scale(users=1_000, posts=600)


@pytest.fixture(scope="module")
def community() -> Community:
    return generated.community(SMALL)


def records(content: Community, name: str) -> list[tuple[object, ...]]:
    [table] = [table for table in content.tables if table.name == name]
    assert isinstance(table, EntityTable)
    return [record for batch in table.batches() for record in batch]


def events(content: Community, name: str) -> Events:
    [table] = [table for table in content.tables if table.name == name]
    assert isinstance(table, EventTable)
    parts = list(table.batches())
    kinds = [part.kinds for part in parts if part.kinds is not None]
    return Events(
        np.concatenate([part.subjects for part in parts]),
        np.concatenate([part.objects for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate(kinds) if kinds else None,
    )


def content_bytes(content: Community) -> Iterator[bytes]:
    for table in content.tables:
        for batch in table.batches():
            if isinstance(table, EventTable):
                assert isinstance(batch, Events)
                yield from binary_copy.rows(batch, table.kinds)
            else:
                yield repr(batch).encode()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert list(content_bytes(generated.community(SMALL))) == list(content_bytes(generated.community(SMALL)))


def test_a_day_ends_the_data_and_the_same_day_gives_the_same_bytes() -> None:
    scale = Scale(users=300, posts=100, until=date(2026, 11, 30))
    times = events(generated.community(scale), "post_events").times

    assert list(content_bytes(generated.community(scale))) == list(content_bytes(generated.community(scale)))
    end = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
    assert end - 3 * 86_400 < times.max() < end
    assert times.min() >= end - 365 * 86_400


def test_another_seed_gives_other_data() -> None:
    other = generated.community(Scale(users=1_000, posts=600, seed=2))
    assert list(content_bytes(generated.community(SMALL))) != list(content_bytes(other))


def test_a_table_can_be_read_twice(community: Community) -> None:
    assert np.array_equal(events(community, "follows").times, events(community, "follows").times)


@pytest.mark.parametrize("users", [2, BLOCK - 1, BLOCK, BLOCK + 1])
def test_there_are_as_many_users_as_asked_for_however_the_blocks_fall(users: int) -> None:
    ids = [record[0] for record in records(generated.community(Scale(users=users, posts=2)), "users")]
    assert ids == list(range(1, users + 1))


@pytest.mark.parametrize(
    ("table", "objects"),
    [
        ("follows", "users"),
        ("profile_views", "users"),
        ("program_events", "programs"),
        ("post_events", "posts"),
    ],
)
def test_every_event_refers_to_what_exists_and_happens_after_joining(
    community: Community, table: str, objects: str
) -> None:
    found = events(community, table)
    joined = {record[0]: record[-1].timestamp() for record in records(community, "users")}  # type: ignore[attr-defined]
    assert set(found.subjects.tolist()) <= joined.keys()
    assert set(found.objects.tolist()) <= {record[0] for record in records(community, objects)}
    assert all(
        time >= joined[user] for user, time in zip(found.subjects.tolist(), found.times.tolist(), strict=True)
    )


def test_nobody_follows_themselves_or_anybody_twice(community: Community) -> None:
    follows = events(community, "follows")
    assert not (follows.subjects == follows.objects).any()
    assert len(set(zip(follows.subjects.tolist(), follows.objects.tolist(), strict=True))) == len(follows)


def test_programs_are_joined_after_they_were_viewed(community: Community) -> None:
    found = events(community, "program_events")
    assert found.kinds is not None
    order = np.argsort(found.times, kind="stable")
    first: dict[tuple[int, int], int] = {}
    for row in order.tolist():
        first.setdefault((int(found.subjects[row]), int(found.objects[row])), int(found.kinds[row]))
    assert set(first.values()) == {0}, "the first event of a pair is a view"
    assert set(found.kinds.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("table", ["follows", "profile_views", "program_events", "post_events"])
def test_a_thousand_users_are_enough_to_train_on(community: Community, table: str) -> None:
    found = events(community, table)
    assert len(found) >= 1_000
    assert (np.unique(found.subjects, return_counts=True)[1] >= 2).sum() >= 25


@pytest.mark.parametrize("table", ["follows", "program_events", "post_events"])
def test_who_chose_the_same_predicts_choices_better_than_popularity(community: Community, table: str) -> None:
    found = events(community, table)
    neighbours, popular = hit_rates(found)
    assert neighbours > 1.3 * popular


def hit_rates(found: Events, shown: int = 20) -> tuple[float, float]:
    """Share of held-out pairs (each user's newest tenth) that co-occurrence and popularity recommend."""
    _, users = np.unique(found.subjects, return_inverse=True)
    _, items = np.unique(found.objects, return_inverse=True)
    order = np.lexsort((found.times, users))
    users, items = users[order], items[order]
    counts = np.bincount(users)
    position = np.arange(len(users)) - (np.cumsum(counts) - counts)[users]
    held_out = position >= np.ceil(counts * 0.9)[users] - 1e-9
    seen = np.zeros((users.max() + 1, items.max() + 1))
    seen[users[~held_out], items[~held_out]] = 1.0
    together = seen.T @ seen
    popularity = np.diag(together).copy()
    likeness = together / np.sqrt(np.outer(popularity + 1, popularity + 1))
    np.fill_diagonal(likeness, 0.0)
    new = held_out & (seen[users, items] == 0)

    def rate(scores: np.ndarray) -> float:
        top = np.argsort(-np.where(seen > 0, -np.inf, scores), axis=1)[:, :shown]
        return float(np.mean([item in top[user] for user, item in zip(users[new], items[new], strict=True)]))

    return rate(seen @ likeness), rate(np.broadcast_to(popularity, seen.shape))


def test_some_are_far_more_popular_than_others(community: Community) -> None:
    counts = np.sort(np.bincount(events(community, "post_events").objects))[::-1]
    assert counts[: len(counts) // 10].sum() > 0.2 * counts.sum()


def test_impossible_scales_are_refused_with_all_reasons() -> None:
    with pytest.raises(ValueError, match=r"users must be at least 2; .*follows must be at least 2; seed"):
        Scale(users=1, follows=0.5, seed=-1)
