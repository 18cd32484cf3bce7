"""Delete: what is in the way, and what goes with it."""

from personalize_server.facts.errors import ResourceInUse
from personalize_server.facts.resources import RESOURCES
from personalize_server.operations.reading import presented
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.farewells import forget, leave
from personalize_server.state.lifecycle import gone
from personalize_server.state.store import Record
from personalize_server.state.updates import is_updating

_SHOWN = 3
_TURNING = ("STOP PENDING", "STOP IN_PROGRESS", "START PENDING", "START IN_PROGRESS")


def delete(context: Context, kind: str, request: Request) -> Answer:
    facts = RESOURCES[kind]
    record = context.find(kind, request[facts.arn_member])
    _check_free(context, record)
    context.store.update(record.changed(context.now, phase="delete", phase_since=context.now))
    sweep(context)
    context.wake()  # what is being trained for it ends
    return {}


def sweep(context: Context) -> None:
    """Removes what has come to the end of its deletion; one that took no time shows once afterwards."""
    for record in context.store.leaving():
        if gone(record, context.now, context.options.timing):
            with context.store.transaction():
                forget(context, record.arn)
                if RESOURCES[record.kind].words and not context.options.timing.deleting(record.kind):
                    leave(context, record, presented(context, record))
                _remove(context, record)


def _remove(context: Context, record: Record) -> None:
    for facts in RESOURCES.values():
        for parent in facts.parents:
            if parent.owner and parent.kind == record.kind:
                for child in context.store.linked(record.arn, kind=facts.kind, member=parent.member):
                    _remove(context, child)
    context.store.remove(record.arn)


def _check_free(context: Context, record: Record) -> None:
    status = context.status(record)
    if record.phase == "delete":
        raise ResourceInUse(f"Resource Arn {record.arn} is being deleted.")
    if context.running(record) or status in _TURNING or is_updating(context, record):
        raise ResourceInUse(f"Resource Arn {record.arn} cannot be deleted while it is {status}.")
    for blocker in RESOURCES[record.kind].blockers:
        target = record.links.get(blocker.member, record.arn)
        users = [
            user
            for user in context.linked(target, kind=blocker.kind, member=blocker.member)
            if user.arn != record.arn
            and (not blocker.running_only or context.running(user))
            and (not blocker.updating_only or is_updating(context, user))
        ]
        if users:
            shown = ", ".join(user.arn for user in users[:_SHOWN])
            raise ResourceInUse(f"Resource Arn {record.arn} is in use by {shown}.")
