"""What was deleted at once is seen once more: clients wait for a deletion that they can see.

Official clean-up code loops until the deletion of a dataset group shows (Clean_Up_Resources.ipynb of
aws-samples/amazon-personalize-samples). For everything else a resource is gone when its farewell is here: its
name is free, and it is in nobody's way.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_server.state.context import Context
from personalize_server.state.store import Record

_STATUS = "DELETE IN_PROGRESS"
_SECONDS = 3600.0
"""what nobody has looked for by then is not shown any more"""


@dataclass(frozen=True)
class Farewell:
    """`answer` has the members that the API knew of it; `seq` is where it stood in lists."""

    arn: str
    seq: int
    answer: Mapping[str, Any]
    links: Mapping[str, str]


def leave(context: Context, record: Record, answer: Mapping[str, Any]) -> None:
    """Of a record about to be removed."""
    store = context.store
    store.execute("DELETE FROM farewells WHERE since < ?", context.now - _SECONDS)
    store.execute(
        "INSERT OR REPLACE INTO farewells (arn, seq, kind, account, region, links, answer, since, listed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, FALSE)",
        *(record.arn, record.seq, record.kind, record.account, record.region),
        *(json.dumps(dict(record.links)), json.dumps({**answer, "status": _STATUS}), context.now),
    )
    for target in set(record.links.values()):
        store.execute("INSERT INTO farewell_links (target, arn) VALUES (?, ?)", target, record.arn)


def forget(context: Context, arn: str) -> None:
    """Of this ARN and of all that hung on it: when there is something new of it, or it goes itself."""
    context.store.execute(
        "DELETE FROM farewells WHERE arn = ?1 OR arn IN (SELECT arn FROM farewell_links WHERE target = ?1)",
        arn,
    )


def described(context: Context, kind: str, arn: str) -> Mapping[str, Any] | None:
    """The last answer about it, once; lists do not show it any more either."""
    found = _of(context, kind, "arn = ?", arn)
    if not found or not context.store.execute("DELETE FROM farewells WHERE arn = ?", arn):
        return None
    return found[0].answer


def unlisted(
    context: Context, kind: str, targets: Sequence[str], *, after: int, limit: int
) -> list[Farewell]:
    """Those that no list has shown yet, of whatever has hung on one of the targets, if any are given.

    At most `limit` of those with a higher number than `after`.
    """
    hung = "arn IN (SELECT arn FROM farewell_links WHERE target IN (SELECT value FROM json_each(?)))"
    condition = f"NOT listed AND seq > ? AND (? = '[]' OR {hung}) ORDER BY seq LIMIT ?"
    named = json.dumps(list(targets))
    return _of(context, kind, condition, after, named, named, limit)


def mark_listed(context: Context, shown: list[Farewell]) -> None:
    for farewell in shown:
        context.store.execute("UPDATE farewells SET listed = TRUE WHERE arn = ?", farewell.arn)


def _of(context: Context, kind: str, condition: str, *parameters: str | int) -> list[Farewell]:
    rows = context.store.query(
        "SELECT arn, seq, answer, links FROM farewells "
        f"WHERE kind = ? AND account = ? AND region = ? AND since >= ? AND {condition}",
        *(kind, context.caller.account, context.caller.region, context.now - _SECONDS, *parameters),
    )
    return [
        Farewell(row["arn"], row["seq"], json.loads(row["answer"]), json.loads(row["links"])) for row in rows
    ]
