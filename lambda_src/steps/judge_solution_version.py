"""Step: is the new model good enough to be used?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipeline.deciding import judge
from pipeline.errors import InvalidInput
from steps import telemetry
from steps.clients import client, data_bucket
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    """solution_version_arn: whose metrics Amazon Personalize is asked for; or metrics: what they are, and
    model_key: of the model in the data bucket.
    """

    use_case: str
    variant: str
    run: str
    metric: str
    tolerance: float
    use_worse: bool
    solution_version_arn: str | None = None
    metrics: dict[str, float] | None = None
    model_key: str | None = None
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
    result = judge.judge_model(
        data_bucket(),
        measure,
        _metrics(request),
        use_case=request.use_case,
        variant=request.variant,
        run=request.run,
        model=_model(request),
    )
    telemetry.logger.info("model judged", extra=result)
    _count(request, result)
    return result


def _metrics(request: Request) -> dict[str, float]:
    """Raises: InvalidInput, if neither metrics nor a solution version are named."""
    if request.metrics is not None:
        return request.metrics
    if request.solution_version_arn is None:
        raise InvalidInput("solutionVersionArn or metrics are missing")
    return judge.solution_metrics(client("personalize"), request.solution_version_arn)


def _model(request: Request) -> dict[str, str]:
    named = {"solutionVersionArn": request.solution_version_arn, "modelKey": request.model_key}
    return {name: value for name, value in named.items() if value is not None}


def _count(request: Request, result: judge.Judgement) -> None:
    worse = result["verdict"] in ("worse", "below_floor")
    telemetry.count_of_variant(request.use_case, request.variant, {"ModelJudgedWorse": int(worse)})
    finite = {name: value for name, value in result["metrics"].items() if math.isfinite(value)}
    telemetry.measure_variant(request.use_case, request.variant, finite)
