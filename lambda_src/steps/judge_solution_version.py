"""Step: is the new solution version good enough to be used?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipeline import judge
from steps import telemetry
from steps.clients import client, data_bucket
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    use_case: str
    variant: str
    run: str
    solution_version_arn: str
    metric: str
    tolerance: float
    use_worse: bool
    floor: float | None = None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> judge.Judgement:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.run)
    measure = judge.Measure(
        metric=request.metric,
        floor=request.floor,
        tolerance=request.tolerance,
        use_worse=request.use_worse,
    )
    result = judge.judge_solution_version(
        client("personalize"),
        data_bucket(),
        measure,
        use_case=request.use_case,
        variant=request.variant,
        run=request.run,
        arn=request.solution_version_arn,
    )
    telemetry.logger.info("solution version judged", extra=result)
    _count(request, result)
    return result


def _count(request: Request, result: judge.Judgement) -> None:
    worse = result["verdict"] in ("worse", "below_floor")
    telemetry.count({"ModelJudgedWorse": int(worse)})
    finite = {name: value for name, value in result["metrics"].items() if math.isfinite(value)}
    telemetry.count_by_variant(request.use_case, request.variant, finite)
