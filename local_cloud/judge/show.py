"""The statements of every role and resource, and what is known of their use, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from local_cloud.judge.losses import Loss
from local_cloud.judge.recording import Judged
from rights.statements import Statement


def as_text(found: Sequence[Loss], calls: Sequence[Judged], *, everything: bool) -> Iterator[str]:
    """everything: also the statements whose loss is noticed."""
    refused = [each for each in calls if not each.allowed]
    noticed = sum(each.noticed_by is not None for each in found)
    unexplained = [each for each in found if not each.explained]
    for owner, statements in groupby(found, lambda each: each.owner):
        listed = [each for each in statements if everything or each.noticed_by is None]
        if listed:
            yield owner
            for loss in listed:
                yield f"  {loss.statement.id.partition('#')[2]:<24} {_words(loss.statement)}"
                yield f"  {'':<24} {_fate(loss)}"
    if refused:
        yield ""
        yield "refused"
        for each in refused:
            yield f"  {each.call.principal.arn}: {each.call.action} on {each.call.resource}"
    yield ""
    yield (
        f"{len(found)} statements; the loss of {noticed} is noticed by one of {len(calls)} kinds of calls; "
        f"{len(found) - noticed - len(unexplained)} are listed with a reason, {len(unexplained)} without"
    )


def as_json(found: Sequence[Loss], calls: Sequence[Judged]) -> str:
    statements = [
        {
            "owner": loss.owner,
            "id": loss.statement.id,
            "effect": loss.statement.effect.value,
            "actions": list(loss.statement.actions.texts),
            "resources": list(loss.statement.resources.texts),
            "used": loss.used,
            "noticedBy": loss.noticed_by.as_json() if loss.noticed_by else None,
            "reason": loss.reason,
        }
        for loss in found
    ]
    refused = [each.as_json() for each in calls if not each.allowed]
    return json.dumps({"statements": statements, "refused": refused}, indent=2)


def _words(statement: Statement) -> str:
    actions = ", ".join(statement.actions.texts[:3])
    more = len(statement.actions.texts) - 3
    return f"{statement.effect.value} {actions}{f' and {more} more' if more > 0 else ''}"


def _fate(loss: Loss) -> str:
    if loss.noticed_by is not None:
        call = loss.noticed_by.call
        return f"noticed: {call.action} on {call.resource}"
    how = "another one allows the same" if loss.used else "not used"
    return f"{how}: {loss.reason or 'NO REASON IS KNOWN'}"
