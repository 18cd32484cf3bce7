"""Step: a model of our own, trained and measured."""

from __future__ import annotations

from typing import Any

from pipeline.own import train
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> train.Trained:
    training = read_request(train.Training, event)
    telemetry.begin(training.use_case, training.run)
    result = train.train_model(data_bucket(), training, memory_mb=int(context.memory_limit_in_mb))
    if " is broken: " in result["weights"]:
        telemetry.logger.warning("the kept weights were of no use", extra={"weights": result["weights"]})
    telemetry.logger.info("model trained", extra=result)
    return result
