"""Changes to existing resources: they take effect when their own little life cycle is over."""

from collections.abc import Mapping
from typing import Any

from personalize_server.context import Context
from personalize_server.errors import ResourceInUse
from personalize_server.lifecycle import update_status
from personalize_server.store import Record


def effective_body(context: Context, record: Record) -> Mapping[str, Any]:
    """The members of the resource with its last change, if that is through."""
    update = record.own.get("update")
    if update is None or _status(context, record) != "ACTIVE":
        return record.body
    return {**record.body, **update["body"]}


def begin_update(
    context: Context,
    record: Record,
    *,
    body: Mapping[str, Any],
    shown: Mapping[str, Any],
    links: Mapping[str, str] | None = None,
) -> None:
    """`body` replaces members of the resource; `shown` is what its latest...Update tells of the request."""
    if "update" in record.own and _status(context, record) != "ACTIVE":
        raise ResourceInUse(f"Resource Arn {record.arn} is being updated.")
    update = {"since": context.now, "body": dict(body), "shown": dict(shown)}
    context.store.update(
        record.changed(
            context.now,
            body=dict(effective_body(context, record)),
            own={**record.own, "update": update},
            links={**record.links, **(links or {})},
        )
    )


def latest_update(context: Context, record: Record) -> dict[str, Any] | None:
    """The answer's latest...Update member."""
    update = record.own.get("update")
    if update is None:
        return None
    return {
        **update["shown"],
        "status": _status(context, record),
        "creationDateTime": update["since"],
        "lastUpdatedDateTime": update["since"],
    }


def is_updating(context: Context, record: Record) -> bool:
    return "update" in record.own and _status(context, record) != "ACTIVE"


def _status(context: Context, record: Record) -> str:
    return update_status(record.own["update"], record.kind, context.now, context.options.timing)
