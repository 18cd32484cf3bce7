"""Data that cannot be learned from: the run fails, the cause is told, and readers keep what they have."""

from collections.abc import Callable

import pytest

from tests.app.support.clouds.community_cloud import CommunityCloud, Ended

pytestmark = pytest.mark.prove


def test_a_query_that_postgresql_refuses(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql("ALTER TABLE program_events RENAME COLUMN occurred_at TO happened_at", "SELECT 1")
    fails("QueryFailed", "42703", "occurred_at", step="Extract interactions")


def test_times_in_milliseconds(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql(
        "UPDATE program_events SET occurred_at = to_timestamp(extract(epoch FROM occurred_at) * 1000)"
        " WHERE ctid IN (SELECT ctid FROM program_events LIMIT 7)",
        "SELECT 1",
    )
    fails("DatasetRejected", "milliseconds", "7", "TIMESTAMP", step="Extract interactions")


def test_24_users_with_two_interactions(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql(
        "TRUNCATE program_events",
        # 24 people with fifty events each, all others with one.
        "INSERT INTO program_events SELECT u, p, 'view', now() - p * interval '1 hour' FROM"
        " (SELECT id AS u, row_number() OVER (ORDER BY id) AS n FROM users) AS people,"
        " (SELECT id AS p, row_number() OVER (ORDER BY id) AS m FROM programs) AS things"
        " WHERE n <= 24 AND m <= 50 OR m = 1",
        "SELECT 1",
    )
    fails("DatasetRejected", "24", "25", step="Extract interactions")


def test_event_types_by_another_name(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql(
        "ALTER TABLE program_events DROP CONSTRAINT program_events_event_type_check",
        "UPDATE program_events SET event_type = 'Joined' WHERE event_type = 'join'",
        "SELECT 1",
    )
    fails(
        "DatasetRejected",
        "unknown event type 'Joined'",
        "did you mean 'join'?",
        "event type 'join'",
        "interactions.refused.json",
        step="Extract interactions",
    )


def test_seven_of_ten_events_gone(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql(
        "DELETE FROM program_events WHERE ctid IN (SELECT ctid FROM program_events ORDER BY user_id"
        " LIMIT (SELECT count(*) * 7 / 10 FROM program_events))",
        "SELECT 1",
    )
    fails("DataChanged", "rows of the interactions", "70% fewer", "acceptData", step="Compare datasets")
