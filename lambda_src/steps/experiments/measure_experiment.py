"""Step: what an experiment has shown so far."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.measuring.answers import Answering
from pipeline.measuring.experiment import Experiment
from pipeline.measuring.measure import measure, yesterday
from steps import telemetry
from steps.clients import client, data_bucket
from steps.environment import step_environment
from steps.request import read_request


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    experiment = read_request(Experiment, event)
    through = yesterday(datetime.now(UTC).date())
    telemetry.begin(experiment.use_case, through.isoformat())
    measured = measure(
        data_bucket(),
        experiment,
        through,
        lambda: float(context.get_remaining_time_in_millis()) / 1_000,
        Answering(cloudwatch=client("cloudwatch"), stage=step_environment().stage),
    )
    found = {"verdict": measured.report["decision"]["verdict"], "words": measured.report["decision"]["words"]}
    telemetry.logger.info("experiment measured", extra={**found, "counted": len(measured.counted)})
    return found
