"""Step: the people who have opted out, whose rows a run leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.withholding.listing import Listed
from pipeline.withholding.listing import list_opt_outs as listed
from pipeline.withholding.opt_out_list import OptOutList
from steps import telemetry
from steps.clients import client, data_bucket
from steps.environment import step_environment
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    use_case: str
    run: str


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Listed:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.run)
    people = OptOutList(client("dynamodb"), step_environment().serving_table)
    result = listed(data_bucket(), people, request.use_case, request.run)
    telemetry.logger.info("opt-outs listed", extra={"users": result["users"]})
    return result
