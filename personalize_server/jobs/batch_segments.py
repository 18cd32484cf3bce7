"""Batch segment jobs: the users with the most affinity for files of items or of items' attributes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from personalize_server.answers.inference_plan import solution_settings
from personalize_server.data.dataset_contents import DatasetContent, dataset_content, needed
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.options import Options
from personalize_server.jobs.batch_plans import BatchAnswered, BatchFiles, batch_files, filter_expression
from personalize_server.state.store import Record, Store

if TYPE_CHECKING:
    from personalize_server.jobs.batch_files import Answering
    from personalize_server.jobs.segments import Segments

_BY_ATTRIBUTES = "/aws-item-attribute-affinity"


@dataclass(frozen=True, kw_only=True)
class BatchSegment:
    files: BatchFiles
    recipe: str
    """the recipe's ARN"""
    model: Path
    """the folder of the trained model"""
    interactions: DatasetContent | None
    items: DatasetContent | None
    users: DatasetContent | None
    filter_expression: str | None
    results: int
    """most users in a segment"""
    state_file: Path


def plan(store: Store, options: Options, record: Record, scratch: Path) -> BatchSegment:
    """Raises: LookupError, if the version, the filter or a schema has been deleted."""
    version = needed(store, record.links["solutionVersionArn"])
    group = version.links["datasetGroupArn"]
    return BatchSegment(
        files=batch_files(options, record, scratch),
        recipe=solution_settings(version)["recipeArn"],
        model=options.models / version.own["model"],
        interactions=dataset_content(store, options, group, "INTERACTIONS"),
        items=dataset_content(store, options, group, "ITEMS"),
        users=dataset_content(store, options, group, "USERS"),
        filter_expression=filter_expression(store, record),
        results=record.body["numResults"],
        state_file=options.state_file,
    )


def work(job: BatchSegment) -> BatchAnswered:
    """Raises: JobFailed, as `answer_files` does, and if a file has too many lines."""
    from personalize_server.jobs.batch_files import answer_files
    from personalize_server.jobs.segments import segment_file

    quotas = job.files.quotas

    def prepare() -> "Answering":
        segments = _segments(job)
        most = quotas.segment_attribute_lines if segments.by_attributes else quotas.segment_item_lines

        def answer(lines: Iterable[bytes], target: Path) -> int:
            asked = list(islice(lines, most + 1))
            if len(asked) > most:
                raise JobFailed(f"The input has more than {most} lines.")
            return segment_file(segments, asked, target)

        return answer

    return answer_files(job.files, prepare)


def _segments(job: BatchSegment) -> "Segments":
    from personalize_server.data.attribute_columns import in_memory
    from personalize_server.data.attribute_table import AttributeTable
    from personalize_server.data.avro_schema import parse_schema
    from personalize_server.data.interaction_table import InteractionTable
    from personalize_server.data.parts import sources_of
    from personalize_server.disk.models import load_model
    from personalize_server.filters.parser import parse_filter
    from personalize_server.jobs.segments import Segments

    sources = sources_of(job.interactions, job.items, job.users, job.state_file, job.files.scratch)
    model = load_model(job.model)
    table = InteractionTable.read(sources.interactions)
    return Segments(
        model=model,
        by_attributes=job.recipe.endswith(_BY_ATTRIBUTES),
        results=job.results,
        item_fields=parse_schema(job.items.schema) if job.items else (),
        table=table,
        items=in_memory(AttributeTable.read(sources.items, "ITEM_ID", model.item_ids)),
        users=in_memory(AttributeTable.read(sources.users, "USER_ID", table.user_ids)),
        window=job.files.quotas.filter_window,
        filter_=parse_filter(job.filter_expression) if job.filter_expression else None,
    )
