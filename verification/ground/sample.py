"""The generated use case, and its data as CSV files: no person is in it."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from config.schema import (
    Campaign,
    Column,
    ColumnType,
    Dataset,
    DatasetType,
    Endpoint,
    EndpointKind,
    EventType,
    Personalize,
    UseCase,
)

HERE = Path(__file__).parent
USERS, ITEMS, EVENTS = 150, 80, 20
INTERACTIONS = USERS * EVENTS
AWKWARD_USER = "user/7"
"""An id with a character that a path of HTTP has a meaning for."""

_DAY = 86_400
Row = tuple[str | int, ...]


def use_case(*, campaign_in: str | None) -> UseCase:
    """campaign_in: name of the stage that gets a campaign, billed by the hour; None for no campaign."""
    return UseCase(
        name="sample",
        description="Generated data, to verify an account",
        interactions=Dataset(
            sql=HERE / "interactions.sql",
            columns=(
                Column(name="USER_ID"),
                Column(name="ITEM_ID"),
                Column(name="EVENT_TYPE"),
                Column(name="TIMESTAMP", type=ColumnType.LONG),
            ),
        ),
        users=Dataset(
            sql=HERE / "users.sql",
            columns=(
                Column(name="USER_ID"),
                Column(name="AGE", type=ColumnType.INT),
                Column(name="TASTE", categorical=True),
            ),
        ),
        items=Dataset(
            sql=HERE / "items.sql",
            columns=(
                Column(name="ITEM_ID"),
                Column(name="TOPIC", categorical=True),
                Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
            ),
        ),
        event_types=(EventType(name="view"), EventType(name="like")),
        recommendations=10,
        batch_results=25,
        variants=(Personalize(campaign=Campaign(stages=(campaign_in,)) if campaign_in else None),),
        endpoint=Endpoint(path="sample", kind=EndpointKind.LIST),
    )


def csv_of(dataset: DatasetType, columns: tuple[str, ...], *, day: int) -> str:
    """With a header; the same bytes as the query of the dataset answers with on the same day.

    day: seconds since 1970 at which the day (UTC) begins.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(_ROWS[dataset](day))
    return text.getvalue()


def _user(number: int) -> str:
    return AWKWARD_USER if number == 7 else f"user-{number}"


def _interactions(day: int) -> Iterator[Row]:
    """What somebody does last is new to them: a model that is judged by it must not have seen it."""
    for event in range(EVENTS):
        for user in range(USERS):
            taste = user % 4 * 20 + (user * 7 + event * 7) % 20
            item = (user * 13 + event * 17) % ITEMS if event % 5 == 0 else taste
            kind = "like" if event % 3 == 0 else "view"
            yield _user(user), f"item-{item}", kind, day - 30 * _DAY + (event * USERS + user) * 600


def _users(day: int) -> Iterator[Row]:
    for user in range(USERS):
        yield _user(user), 18 + user % 50, f"group-{user % 4}"


def _items(day: int) -> Iterator[Row]:
    for item in range(ITEMS):
        yield f"item-{item}", f"group-{item // 20}", day - 60 * _DAY + item


_ROWS: dict[DatasetType, Callable[[int], Iterator[Row]]] = {
    DatasetType.INTERACTIONS: _interactions,
    DatasetType.USERS: _users,
    DatasetType.ITEMS: _items,
}
