"""Simulated people as the CSV files of a stage without a database."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime
from io import StringIO

from trial_data.people import ACTION, Town, history
from trial_data.visits import Visit

FILES = {
    "interactions": ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"),
    "users": ("USER_ID", "AGE"),
    "items": ("ITEM_ID", "TOPIC", "CREATION_TIMESTAMP"),
}
"""Headers, in the order of the columns."""


def files(of: Town, *, before: date, more: Iterable[Visit] = ()) -> dict[str, str]:
    """CSV with headers, by dataset: the history until the day begins, and what was done in visits since."""
    until = int(datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp())
    done: list[tuple[str | int, ...]] = list(history(of, until=until))
    for one in more:
        items = zip(one.shown.items, one.acted, strict=True)
        done += [(one.person, item, ACTION, one.at) for item, acted in items if acted]
    begun = until - 60 * 86_400
    rows: dict[str, list[tuple[str | int, ...]]] = {
        "interactions": done,
        "users": [(name, 18 + number % 50) for number, name in enumerate(of.people)],
        "items": [
            (name, f"topic-{topic}", begun) for name, topic in zip(of.items, of.topics.tolist(), strict=True)
        ],
    }
    return {name: _csv(FILES[name], some) for name, some in rows.items()}


def _csv(header: tuple[str, ...], rows: list[tuple[str | int, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
