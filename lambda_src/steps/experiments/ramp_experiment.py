"""Step: whether the ramp of an experiment goes on, and if it does, that it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from pipeline.errors import Fenced
from pipeline.ramping import acting, measured, reading
from pipeline.ramping.decide import Action, decide
from pipeline.ramping.evidence import Evidence, Health
from pipeline.ramping.plan import Plan
from pipeline.ramping.reading import Place
from pipeline.ramping.telling import mail
from steps import telemetry
from steps.clients import data_bucket, fence
from steps.environment import step_environment
from steps.experiments.common import FENCED, again, current, services, store
from steps.request import read_request

BY = "ramp"


@dataclass(frozen=True)
class Request:
    """said: what this execution told last. api_id: of the serving API, where the use case has an endpoint."""

    use_case: str
    plan: Plan
    said: str = ""
    api_id: str | None = None


class Result(TypedDict):
    """tell: whether somebody must be told the subject and the text. said: for the next request."""

    action: str
    words: str
    tell: bool
    said: str
    subject: str
    text: str


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    request.plan.check()
    now = datetime.now(UTC)
    telemetry.begin(request.use_case, now.isoformat())
    try:
        fence().beginning()
    except Fenced as fenced:
        return {**_quiet(request, str(fenced)), "action": FENCED}
    result = again(lambda: _decided(request, now))
    telemetry.logger.info("ramp decided", extra={"action": result["action"], "words": result["words"]})
    return result


def _decided(request: Request, now: datetime) -> Result:
    """Raises: ExperimentChanged."""
    experiments = store(request.use_case)
    experiment, broken = current(experiments)
    if experiment is None:
        nothing = Evidence(health=Health(published={}))
        words = broken or decide(request.plan, None, since=now, now=now, evidence=nothing).words
        return _quiet(request, words)
    history = list(experiments.history())
    of = measured.measured(experiment, history)
    stage = step_environment().stage
    place = Place(stage=stage, use_case=request.use_case, api_id=request.api_id)
    plan = request.plan
    found = reading.evidence(
        data_bucket(),
        reading.health(services(), place, experiment, plan.limits, now),
        use_case=request.use_case,
        report_key=measured.report_key(request.use_case, of) if of else None,
        variants=(plan.default, plan.treatment),
    )
    decision = decide(plan, experiment, since=acting.since(experiment, history), now=now, evidence=found)
    after = acting.acted(experiments, experiment, decision, by=BY, now=now, plan=plan) or experiment
    said = f"{after.version} {decision.action}"
    told = mail(stage, request.use_case, decision, after, by=BY)
    if decision.action == Action.STAY and not decision.told:
        return _quiet(request, decision.words)
    return {
        "action": decision.action.value,
        "words": decision.words,
        "tell": decision.action != Action.STAY or said != request.said,
        "said": said,
        "subject": told.subject,
        "text": told.text,
    }


def _quiet(request: Request, words: str) -> Result:
    return {
        "action": Action.STAY.value,
        "words": words,
        "tell": False,
        "said": request.said,
        "subject": "",
        "text": "",
    }
