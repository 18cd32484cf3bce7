"""Step: readers see the new generation from here on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline import publish
from steps import telemetry
from steps.clients import data_bucket, fence, generations
from steps.request import read_request


@dataclass(frozen=True)
class Request:
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
        ),
        popular_key=request.popular_key,
        generation_days=request.generation_days,
        record=request.record,
        catalogue_key=request.catalogue_key,
    )
    telemetry.count_of_variant(request.use_case, request.variant, {"FreshGeneration": 1})
    result: Result = {
        "generation": pointer.generation,
        "previous": pointer.previous,
        "users": pointer.users,
    }
    telemetry.logger.info("generation published", extra=result)
    return result
