"""Step: does the data differ from that of the last good run?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline.deciding import compare, guards, spending
from steps import telemetry
from steps.clients import data_bucket, generations
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    """guards: what may have changed since the last good run; None: anything. accept_data: somebody has looked
    at the data, and it may be as it is.
    """

    use_case: str
    variant: str
    run: str
    force: bool
    datasets: tuple[dict[str, Any], ...]
    solution_arn: str | None = None
    definition: str | None = None
    budget: spending.Budget | None = None
    guards: guards.Guards | None = None
    accept_data: bool = False


class Result(TypedDict):
    """All but changed, reason and estimatedUsd are of the last good run, where nothing has changed since.
    estimatedUsd: of the run that follows, where it has a budget.
    """

    changed: bool
    reason: str
    solutionVersionArn: str | None
    generation: str | None
    metrics: dict[str, float] | None
    output: str | None
    estimatedUsd: float | None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.run)
    if request.guards and not request.accept_data:
        guards.require(data_bucket(), request.guards, request.datasets, use_case=request.use_case)
    comparison = compare.compare_datasets(
        data_bucket(),
        generations(request.use_case, request.variant),
        request.datasets,
        run=request.run,
        force=request.force,
        solution_arn=request.solution_arn,
        definition=request.definition,
    )
    result: Result = {
        "changed": comparison.changed,
        "reason": comparison.reason,
        "solutionVersionArn": comparison.solution_version_arn,
        "generation": comparison.generation,
        "metrics": comparison.metrics,
        "output": comparison.output,
        "estimatedUsd": _estimated(request) if comparison.changed else None,
    }
    telemetry.logger.info("datasets compared", extra=result)
    if not comparison.changed:
        telemetry.count_of_variant(request.use_case, request.variant, {"FreshGeneration": 1})
    return result


def _estimated(request: Request) -> float | None:
    """Raises: RunTooDear."""
    if request.budget is None:
        return None
    found = spending.require(
        data_bucket(),
        request.budget,
        request.datasets,
        use_case=request.use_case,
        variant=request.variant,
    )
    telemetry.measure_variant(request.use_case, request.variant, {"RunCostEstimated": found.usd})
    telemetry.logger.info("cost estimated", extra={"usd": found.usd, "of": found.words})
    return found.usd
