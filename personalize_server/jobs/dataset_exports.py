"""Dataset export jobs: what was imported into a dataset, put into it one by one, or both, as a CSV file."""

from dataclasses import dataclass
from pathlib import Path

from personalize_server.data.dataset_contents import DatasetContent, dataset_content, needed
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.options import Options
from personalize_server.jobs.outcomes import end_with
from personalize_server.objects.access import ObjectAccess, access_of
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class DatasetExport:
    name: str
    """the job's, which the output folder is called after"""
    objects: ObjectAccess
    content: DatasetContent
    mode: str
    """ingestionMode: BULK, PUT or ALL"""
    output: str
    state_file: Path
    scratch: Path


@dataclass(frozen=True, kw_only=True)
class ExportedDataset:
    rows: int


def plan(store: Store, options: Options, record: Record, scratch: Path) -> DatasetExport:
    """Raises: LookupError, if the dataset or its schema has been deleted."""
    dataset = needed(store, record.links["datasetArn"])
    group, type_ = dataset.links["datasetGroupArn"], dataset.body["datasetType"]
    content = dataset_content(store, options, group, type_)
    if content is None:
        raise LookupError(f"{dataset.arn} has been deleted")
    return DatasetExport(
        name=record.name,
        objects=access_of(options, record.region, record.body.get("roleArn")),
        content=content,
        mode=record.body["ingestionMode"],
        output=record.body["jobOutput"]["s3DataDestination"]["path"],
        state_file=options.state_file,
        scratch=scratch,
    )


def work(job: DatasetExport) -> ExportedDataset:
    """Raises: JobFailed, if the output cannot be written."""
    from personalize_server.data.avro_schema import parse_schema
    from personalize_server.data.csv_export import export_csv
    from personalize_server.data.put_parts import write_part
    from personalize_server.objects.locations import parse_location
    from personalize_server.objects.opening import objects_of

    job.scratch.mkdir(parents=True)
    fields = parse_schema(job.content.schema)
    folders = list(job.content.parts) if job.mode in ("BULK", "ALL") else []
    put = job.scratch / "put"
    if job.mode in ("PUT", "ALL") and write_part(job.state_file, job.content.arn, fields, put):
        folders.append(put)
    output = parse_location(job.output)
    if output is None:
        raise JobFailed("Invalid Data location.")
    rows = export_csv(folders, fields, job.scratch / "export.csv")
    place = output.inside(f"{job.name}/part-00000.csv")
    objects_of(job.objects).upload(job.scratch / "export.csv", place)
    return ExportedDataset(rows=rows)


def finish(store: Store, options: Options, record: Record, result: ExportedDataset, scratch: Path) -> None:
    """The file has been uploaded: only its size is remembered."""
    end_with(store, record, result)
