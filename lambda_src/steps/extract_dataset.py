"""Step: one dataset of a use case from PostgreSQL to S3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pipeline.columns import Column
from pipeline.errors import DatasetRejected
from pipeline.extract.database import Database
from pipeline.extract.event_types import EventRules
from pipeline.extract.extract import Extract, Extracted
from pipeline.extract.extract import extract_dataset as extract
from pipeline.extract.query import Query
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.tracked import Tracked
from pipeline.withholding.listing import read_opt_outs
from pipeline.withholding.without import Without
from steps import telemetry
from steps.clients import client, data_bucket
from steps.environment import extract_environment
from steps.request import read_request

_SECONDS_TO_FINISH = 40


@dataclass(frozen=True)
class Request:
    """tracked: tracked events that are interactions besides the query's rows. event_types: which types there
    may and must be; None: any. opted_out: key of a file with people whose rows are left out; None: nobody's.
    """

    use_case: str
    run: str
    dataset: str
    query: str
    columns: tuple[Column, ...]
    tracked: Tracked | None = None
    event_types: EventRules | None = None
    opted_out: str | None = None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Extracted:
    request = read_request(Request, event)
    environment = extract_environment()
    telemetry.begin(request.use_case, request.run, dataset=request.dataset)
    database = Database.from_secret(
        client("secretsmanager"), environment.database_secret, ssl=environment.database_ssl_mode
    )
    return extracted(
        Extract(
            use_case=request.use_case,
            run=request.run,
            schema=DatasetSchema(request.dataset, request.columns),
            source=Query(database, request.query),
            tracked=request.tracked,
            events=request.event_types,
            opted_out=read_opt_outs(data_bucket(), request.opted_out),
            seconds=seconds_of(context),
        )
    )


def seconds_of(context: Any) -> float:
    """That an extraction may take, of a function with this much time left."""
    left: int = context.get_remaining_time_in_millis()
    return max(1.0, left / 1000 - _SECONDS_TO_FINISH)


def extracted(work: Extract) -> Extracted:
    """Does the work, without who has opted out, and counts rows. Raises: as extract_dataset."""
    if work.opted_out:
        work = replace(work, source=Without(work.source, work.opted_out))
    try:
        result = extract(work, data_bucket())
    except DatasetRejected as refused:
        _count(refused.rows, refused.rejected)
        raise
    telemetry.logger.info("dataset extracted", extra=result)
    for warning in result.get("warnings", ()):
        telemetry.logger.warning("the data deserves a look", extra={"warning": warning})
    _count(result["rows"], 0)
    return result


def _count(rows: int, rejected: int) -> None:
    telemetry.count({"RowsRead": rows, "RowsRejected": rejected})
    telemetry.count({"RowsRejectedShare": 100 * rejected / rows if rows else 0}, telemetry.PERCENT)
