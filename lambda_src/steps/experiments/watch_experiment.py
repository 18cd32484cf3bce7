"""Step on a clock of its own: brings people back to the default variant when something is wrong.

Reads the table and CloudWatch only, and needs neither the state machine of the ramp nor the treatment's rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from pipeline.errors import Fenced
from pipeline.experiments.experiment import Experiment
from pipeline.ramping import acting, reading
from pipeline.ramping.decide import SHOWN, Action, Decision, watched
from pipeline.ramping.plan import Limits
from pipeline.ramping.reading import Place
from pipeline.ramping.telling import mail
from steps import telemetry
from steps.clients import client, fence
from steps.environment import step_environment, topic
from steps.experiments.common import FENCED, again, current, services, store
from steps.request import read_request

BY = "watch"


@dataclass(frozen=True)
class Request:
    """api_id: of the serving API, where the use case has an endpoint."""

    use_case: str
    limits: Limits
    api_id: str | None = None


class Result(TypedDict):
    action: str
    words: str


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    now = datetime.now(UTC)
    telemetry.begin(request.use_case, now.isoformat())
    try:
        fence().beginning()
    except Fenced as fenced:
        return {"action": FENCED, "words": str(fenced)}
    decision, after = again(lambda: _watched(request, now))
    result: Result = {"action": decision.action.value, "words": decision.words}
    telemetry.logger.info("experiment watched", extra=result)
    if after is not None:
        told = mail(step_environment().stage, request.use_case, decision, after, by=BY)
        client("sns").publish(TopicArn=topic(), Subject=told.subject, Message=told.text)
    return result


def _watched(request: Request, now: datetime) -> tuple[Decision, Experiment | None]:
    """Raises: ExperimentChanged."""
    experiments = store(request.use_case)
    experiment, broken = current(experiments)
    if experiment is None or experiment.state not in SHOWN:
        words = broken or "nobody sees the treatment's lists"
        return Decision(action=Action.STAY, words=words), None
    place = Place(
        stage=step_environment().stage,
        use_case=request.use_case,
        api_id=request.api_id,
    )
    found = reading.health(services(), place, experiment, request.limits, now)
    decision = watched(experiment, found, request.limits, now)
    return decision, acting.acted(experiments, experiment, decision, by=BY, now=now)
