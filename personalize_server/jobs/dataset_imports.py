"""Dataset import jobs: CSV files become a part of a dataset, measured for its group's metric attribution."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from personalize_server.attribution.import_plans import (
    AttributionPlan,
    MeasuredImport,
    import_plan,
    remember_import,
)
from personalize_server.data.dataset_contents import DatasetContent, appended_parts, dataset_content, needed
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.options import Options
from personalize_server.jobs.outcomes import end_with, keep
from personalize_server.objects.access import ObjectAccess, access_of
from personalize_server.state.put_records import last_seq
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class DatasetImport:
    objects: ObjectAccess
    location: str
    """dataLocation: a file or a folder"""
    dataset_type: str
    schema: str
    """in Avro's JSON"""
    least_rows: int
    now: float
    """when it begins, epoch seconds"""
    attribution: AttributionPlan | None
    """what to measure; None: nothing"""
    items: DatasetContent | None
    """the group's, which metrics may sum columns of"""
    state_file: Path
    scratch: Path
    """where the part is written"""


@dataclass(frozen=True, kw_only=True)
class ImportedDataset:
    rows: int
    distinct: Mapping[str, int]
    """values in each column of repeating strings"""
    attribution: MeasuredImport | None


def plan(store: Store, options: Options, record: Record, scratch: Path) -> DatasetImport:
    """Raises: LookupError, if the dataset or its schema has been deleted."""
    dataset = needed(store, record.links["datasetArn"])
    type_ = dataset.body["datasetType"]
    return DatasetImport(
        objects=access_of(options, record.region, record.body.get("roleArn")),
        location=record.body["dataSource"]["dataLocation"],
        dataset_type=type_,
        schema=needed(store, dataset.links["schemaArn"]).body["schema"],
        least_rows=options.quotas.import_interactions if type_ == "INTERACTIONS" else 1,
        now=time.time(),
        attribution=import_plan(store, options, record, dataset),
        items=dataset_content(store, options, dataset.links["datasetGroupArn"], "ITEMS"),
        state_file=options.state_file,
        scratch=scratch,
    )


def work(job: DatasetImport) -> ImportedDataset:
    """Raises: JobFailed, if there are no files, or they do not fit the schema."""
    from personalize_server.attribution.imports import measure_import
    from personalize_server.data.avro_schema import parse_schema
    from personalize_server.data.csv_import import import_files
    from personalize_server.data.parts import parts_of
    from personalize_server.objects.finding import contents, files_to_import
    from personalize_server.objects.opening import objects_of

    objects = objects_of(job.objects)
    try:
        files = files_to_import(objects, job.location)
        imported = import_files(
            contents(objects, files),
            parse_schema(job.schema),
            job.scratch,
            now=job.now,
            least_rows=job.least_rows,
        )
    except JobFailed as problem:
        raise JobFailed(
            f"Failed to create a data import job for {job.dataset_type} dataset. {problem}"
        ) from None
    measured = None
    if job.attribution is not None:
        with TemporaryDirectory(dir=job.scratch.parent) as folder:
            items = job.items if job.attribution.sums_items else None
            parts = parts_of(items, job.state_file, Path(folder))
            measured = measure_import(job.attribution, job.scratch, parts, objects, job.state_file)
    return ImportedDataset(rows=imported.rows, distinct=imported.distinct, attribution=measured)


def finish(store: Store, options: Options, record: Record, result: ImportedDataset, scratch: Path) -> None:
    """The new part comes after the dataset's others or, imported in the mode FULL, in their place."""
    dataset = needed(store, record.links["datasetArn"])
    name = f"{scratch.name}-{record.seq}"
    keep(scratch, options.datasets / name)
    incremental = record.body["importMode"] == "INCREMENTAL"
    parts = list(dataset.own.get("parts", [])) if incremental else []
    put_before = list(dataset.own.get("put_before", [0] * len(parts))) if incremental else []
    appended = appended_parts(dataset, len(parts)) if incremental else []
    grown = {
        "parts": [*parts, name],
        "put_before": [*put_before, last_seq(store, dataset.arn)],
        "appended": [*appended, incremental],
        "imported": record.created,
    }
    store.update(dataset.changed(store.now(), own={**dataset.own, **grown}))
    if result.attribution is not None:
        remember_import(store, result.attribution)
    end_with(store, record, {"rows": result.rows, "distinct": result.distinct})
