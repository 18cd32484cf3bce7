"""Called by EventBridge: tells the topic how an execution ended that could not tell it itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline.endings import Ended, mail
from pipeline.errors import StorageFailed
from pipeline.notifications.so_far import told_so_far
from steps import telemetry
from steps.clients import client, data_bucket
from steps.environment import step_environment, topic
from steps.request import read_request


@dataclass(frozen=True, kw_only=True)
class Request:
    """workflow: what it is called. notification: whose messages are counted. remedy: address of what to do.
    execution: the detail of the event.
    """

    workflow: str
    use_case: str | None = None
    notification: str | None = None
    consequence: str
    remedy: str
    execution: dict[str, Any]


class Result(TypedDict):
    subject: str


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    ended = Ended.of(request.execution)
    telemetry.logger.append_keys(use_case=request.use_case, run=ended.run)
    told = mail(
        ended,
        workflow=request.workflow,
        use_case=request.use_case,
        stage=step_environment().stage,
        consequence=request.consequence,
        remedy=request.remedy,
        known=_known(request, ended),
    )
    client("sns").publish(TopicArn=topic(), Subject=told.subject, Message=told.text)
    telemetry.logger.info("ending told", extra={"subject": told.subject})
    return {"subject": told.subject}


def _known(request: Request, ended: Ended) -> tuple[str, ...]:
    """What a run of notifications has done; the message does not wait for it to be known."""
    if request.notification is None or ended.run is None:
        return ()
    try:
        return told_so_far(data_bucket(), request.notification, ended.run)
    except StorageFailed as error:
        telemetry.logger.exception("what the run has done is not known")
        return (f"What the run has done is not known: {error}",)
