"""Changes to existing resources: they take effect when their own little life cycle is over."""

from collections.abc import Mapping
from typing import Any

from personalize_server.facts.errors import ResourceInUse
from personalize_server.facts.resource_type import Words
from personalize_server.state.context import Context
from personalize_server.state.lifecycle import update_status
from personalize_server.state.store import Record


def effective_body(context: Context, record: Record) -> Mapping[str, Any]:
    """The members of the resource with its last change, if that is through."""
    update = record.own.get("update")
    if update is None or _status(context, record) != "ACTIVE":
        return record.body
    return {**record.body, **update["body"]}


def requested_body(record: Record) -> Mapping[str, Any]:
    """The members of the resource with its last change, whether that is through or not."""
    update = record.own.get("update")
    return record.body if update is None else {**record.body, **update["body"]}


def begin_update(
    context: Context,
    record: Record,
    *,
    body: Mapping[str, Any],
    shown: Mapping[str, Any],
    links: Mapping[str, str] | None = None,
    training: str | None = None,
) -> None:
    """`body` replaces members of the resource; `shown` is what its latest...Update tells of the request.

    training: the ARN of a background job which decides when and whether it takes effect.
    Raises: ResourceInUse, during another update.
    """
    if is_updating(context, record):
        raise ResourceInUse(f"Resource Arn {record.arn} is being updated.")
    failure = made_to_fail(context, record)
    update = {
        **{"since": context.now, "body": dict(body), "shown": dict(shown), "training": training},
        "failure": failure,
    }
    context.store.update(
        record.changed(
            context.now,
            body=dict(effective_body(context, record)),
            own={**record.own, "update": update},
            links={**record.links, **(links if links and not failure else {})},
        )
    )


def made_to_fail(context: Context, record: Record) -> str | None:
    """Why the next update of the resource is to fail, if it is."""
    return context.options.made_to_fail.reason(f"Update{record.kind}", record.arn)


def latest_update(context: Context, record: Record) -> dict[str, Any] | None:
    """The answer's latest...Update member."""
    update = record.own.get("update")
    if update is None:
        return None
    training = _training(context, record)
    return {
        **update["shown"],
        "status": _status(context, record),
        "creationDateTime": update["since"],
        "lastUpdatedDateTime": training.updated if training else _last_seen(context, record),
        "failureReason": (training.failure if training else None) or _failure(context, record),
    }


def last_changed(context: Context, record: Record) -> float:
    """When the resource was changed, or its last update was over."""
    latest = latest_update(context, record)
    return max(record.updated, latest["lastUpdatedDateTime"]) if latest else record.updated


def is_updating(context: Context, record: Record) -> bool:
    return "update" in record.own and _status(context, record) not in ("ACTIVE", "CREATE FAILED")


def _status(context: Context, record: Record) -> str:
    training = _training(context, record)
    if training is not None:
        return str(context.status(training))
    status = update_status(record.own["update"], record.kind, context.now, context.options.timing)
    return Words().failed if status == Words().done and record.own["update"].get("failure") else status


def _last_seen(context: Context, record: Record) -> float:
    """The end of the last update, or its beginning while there is none."""
    since = float(record.own["update"]["since"])
    return since if is_updating(context, record) else since + context.options.timing.deleting(record.kind)


def _failure(context: Context, record: Record) -> str | None:
    """Once it has failed."""
    failed = _status(context, record) == Words().failed
    return record.own["update"].get("failure") if failed else None


def _training(context: Context, record: Record) -> Record | None:
    arn = record.own["update"].get("training")
    return context.store.get(arn) if arn else None
