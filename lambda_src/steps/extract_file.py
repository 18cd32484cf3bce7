"""Step: one dataset of a use case from the file that was put into the data bucket; no database is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.columns import Column
from pipeline.extract.event_types import EventRules
from pipeline.extract.extract import Extract, Extracted
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.tracked import Tracked
from pipeline.uploads.by_format import source_of
from pipeline.withholding.listing import read_opt_outs
from steps import telemetry
from steps.clients import data_bucket
from steps.extract_dataset import extracted, seconds_of
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    """file: key of the file, which ends in its format, csv or parquet. tracked: tracked events that are
    interactions besides its rows. event_types: which types there may and must be; None: any. opted_out: key
    of the file with people whose rows are left out; None: nobody's.
    """

    use_case: str
    run: str
    dataset: str
    file: str
    columns: tuple[Column, ...]
    tracked: Tracked | None = None
    event_types: EventRules | None = None
    opted_out: str | None = None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Extracted:
    request = read_request(Request, event)
    telemetry.begin(request.use_case, request.run, dataset=request.dataset)
    return extracted(
        Extract(
            use_case=request.use_case,
            run=request.run,
            schema=DatasetSchema(request.dataset, request.columns),
            source=source_of(data_bucket(), request.file),
            tracked=request.tracked,
            events=request.event_types,
            opted_out=read_opt_outs(data_bucket(), request.opted_out),
            seconds=seconds_of(context),
        )
    )
