"""What batch inference and batch segment jobs have in common: files of lines in, files of lines out."""

from dataclasses import dataclass
from pathlib import Path

from personalize_server.data.dataset_contents import needed
from personalize_server.facts.options import Options
from personalize_server.facts.quotas import Quotas
from personalize_server.jobs.outcomes import end_with
from personalize_server.objects.access import ObjectAccess, access_of
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class BatchFiles:
    objects: ObjectAccess
    input: str
    """the path of the input files, all that begin with it"""
    output: str
    """the folder of the output files"""
    quotas: Quotas
    scratch: Path
    """where output files are written before they are uploaded"""


@dataclass(frozen=True, kw_only=True)
class BatchAnswered:
    """How much has been answered."""

    files: int
    lines: int


def batch_files(options: Options, record: Record, scratch: Path) -> BatchFiles:
    """Those that a batch job names."""
    return BatchFiles(
        objects=access_of(options, record.region, record.body.get("roleArn")),
        input=record.body["jobInput"]["s3DataSource"]["path"],
        output=record.body["jobOutput"]["s3DataDestination"]["path"],
        quotas=options.quotas,
        scratch=scratch,
    )


def filter_expression(store: Store, record: Record) -> str | None:
    """That of a batch job's filter, None: it has none. Raises: LookupError, if it has been deleted."""
    chosen = record.links.get("filterArn")
    return str(needed(store, chosen).body["filterExpression"]) if chosen else None


def finish(store: Store, options: Options, record: Record, result: BatchAnswered, scratch: Path) -> None:
    """The output has been uploaded: only its size is remembered."""
    end_with(store, record, result)
