"""Step: what is to be measured of an experiment today, as the step measure_experiment takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from pipeline.ramping.measured import Measuring, measured, request
from steps import telemetry
from steps.experiments.common import current, store
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    use_case: str
    measuring: Measuring


class Result(TypedDict):
    """measures: whether there is a whole day to measure; why not, otherwise."""

    measures: bool
    words: str
    request: dict[str, Any]


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    asked = read_request(Request, event)
    today = datetime.now(UTC).date()
    telemetry.begin(asked.use_case, today.isoformat())
    experiments = store(asked.use_case)
    experiment, broken = current(experiments)
    if experiment is None:
        return _nothing(broken or "there is no experiment")
    history = list(experiments.history())
    of = measured(experiment, history)
    if of is None:
        return _nothing(f"the experiment is {experiment.state}: nobody has an arm")
    if of.start.date() >= today:
        return _nothing("the first whole day is not over yet")
    return {
        "measures": True,
        "words": f"{of.name} since {of.start.date()}",
        "request": request(asked.use_case, experiment, of, asked.measuring, history),
    }


def _nothing(words: str) -> Result:
    return {"measures": False, "words": words, "request": {}}
