"""Entry: recommendations of one use case, by the stored model of the variant `own`."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.answering import ServingEnvironment, answering
from api.clients import model_client, newest_client
from api.telemetry import logger
from pipeline.errors import PipelineError
from pipeline.http.endpoint import Entry
from pipeline.realtime.answers import StoredModels
from pipeline.realtime.models import Models
from pipeline.realtime.newest import Newest
from pipeline.storage import Bucket

STARTING_SECONDS = 8.0
"""That the model may take while the function starts, for which Lambda has ten."""


@dataclass(frozen=True)
class RealtimeEnvironment(ServingEnvironment):
    """realtime_use_case: whose model it is. tracking_table: with the newest events of tracked use cases."""

    data_bucket: str
    realtime_use_case: str
    tracking_table: str


@cache
def _ready() -> Entry:
    environment = RealtimeEnvironment.read()
    models = Models(Bucket.named(model_client(), environment.data_bucket), told=logger.warning)
    with suppress(PipelineError, TimeoutError):  # it has been told, and the stored lists answer
        models.get(environment.realtime_use_case, None, seconds=STARTING_SECONDS)
    newest = Newest(newest_client(), environment.tracking_table, logger.warning)
    return answering(environment, StoredModels(models, newest, told=logger.warning))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _ready()(event, context)


if "API" in os.environ:
    # Lambda lends a whole CPU while a function starts, which is when the model is fetched.
    _ready()
