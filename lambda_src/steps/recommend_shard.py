"""Step: one shard of batch input into batch output, by a model of our own."""

from __future__ import annotations

from typing import Any, TypedDict

from pipeline.own import recommend
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


class Result(TypedDict):
    lists: int
    short: int


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    work = read_request(recommend.Recommending, event)
    telemetry.logger.append_keys(use_case=work.use_case, run=work.run, shard=work.output)
    written = recommend.recommend_shard(data_bucket(), work)
    result: Result = {"lists": written.lists, "short": written.short}
    telemetry.logger.info("shard recommended", extra=result)
    return result
