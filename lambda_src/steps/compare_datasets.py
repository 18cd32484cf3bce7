"""Step: does the data differ from that of the last good run?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline import compare
from steps import telemetry
from steps.clients import data_bucket, generations
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    use_case: str
    variant: str
    run: str
    force: bool
    datasets: tuple[dict[str, Any], ...]
    solution_arn: str | None = None
    definition: str | None = None


class Result(TypedDict):
    """All but changed and reason are of the last good run, where nothing has changed since."""

    changed: bool
    reason: str
    solutionVersionArn: str | None
    generation: str | None
    metrics: dict[str, float] | None
    output: str | None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.run)
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
    }
    telemetry.logger.info("datasets compared", extra=result)
    if not comparison.changed:
        telemetry.count_of_variant(request.use_case, request.variant, {"FreshGeneration": 1})
    return result
