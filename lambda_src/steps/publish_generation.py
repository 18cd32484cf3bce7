"""Step: readers see the new generation from here on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline.deciding import spending
from pipeline.lists import publish
from pipeline.lists.caps import Cap
from steps import telemetry
from steps.clients import data_bucket, fence, generations
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    """trimmed: lists that had no room for all items. write_units: that lists took; None: one each."""

    use_case: str
    variant: str
    generation: str
    audience: int
    loaded: int
    errors: int
    minimum_share: float
    popular_key: str
    generation_days: int
    record: dict[str, Any]
    catalogue_key: str | None = None
    budget: spending.Budget | None = None
    estimated_usd: float | None = None
    training_hours: float | None = None
    caps: tuple[Cap, ...] = ()
    values_key: str | None = None
    trimmed: int = 0
    write_units: int | None = None


class Result(TypedDict):
    generation: str
    previous: str | None
    users: int


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.generation)
    loaded = {"UsersLoaded": request.loaded, "ErrorLines": request.errors}
    telemetry.count_of_variant(request.use_case, request.variant, loaded)
    _tell_cut(request)
    term = fence().publishing(request.generation)
    pointer = publish.publish_generation(
        data_bucket(),
        generations(request.use_case, request.variant, term),
        request.generation,
        publish.Loaded(
            audience=request.audience,
            loaded=request.loaded,
            errors=request.errors,
            minimum_share=request.minimum_share,
            trimmed=request.trimmed,
            write_units=request.write_units,
        ),
        popular_key=request.popular_key,
        generation_days=request.generation_days,
        record=request.record,
        catalogue_key=request.catalogue_key,
        caps=request.caps,
        values_key=request.values_key,
    )
    telemetry.count_of_variant(request.use_case, request.variant, {"FreshGeneration": 1})
    _tell_cost(request)
    result: Result = {
        "generation": pointer.generation,
        "previous": pointer.previous,
        "users": pointer.users,
    }
    telemetry.logger.info("generation published", extra=result)
    return result


def _tell_cut(request: Request) -> None:
    """Lists cut to fit, and their share of all in percent: of the use case, and of the variant."""
    telemetry.count_of_variant(request.use_case, request.variant, {"ListsCut": request.trimmed})
    if request.audience:
        share = {"ListsCutShare": 100 * request.trimmed / request.audience}
        telemetry.count(share, telemetry.PERCENT)
        variant = {"use_case": request.use_case, "variant": request.variant}
        telemetry.tell(variant, share, unit=telemetry.PERCENT)


def _tell_cost(request: Request) -> None:
    """By what was used, and as a share of what was estimated before; where the run has a budget."""
    if request.budget is None:
        return
    people, _, interactions = spending.sizes(request.record.get("datasets") or ())
    hours = request.training_hours
    if hours is None and request.budget.hour_usd:
        hours = spending.guessed_hours(people)
    used = spending.cost(request.budget, interactions=interactions, lists=request.audience, hours=hours)
    figures = {"RunCost": used.usd}
    if request.estimated_usd:
        figures["RunCostOfEstimate"] = used.usd / request.estimated_usd
    telemetry.measure_variant(request.use_case, request.variant, figures)
    telemetry.tell({"use_case": request.use_case}, figures, unit=telemetry.NONE)
    telemetry.logger.info("cost of the run", extra={"usd": used.usd, "of": used.words})
