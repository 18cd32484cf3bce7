"""Batch inference jobs: recommendations for files of users or items."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_server.answers.inference_plan import InferencePlan, inference_plan, takes_updates
from personalize_server.data.dataset_contents import needed
from personalize_server.facts.options import Options
from personalize_server.jobs.batch_plans import BatchAnswered, BatchFiles, batch_files, filter_expression
from personalize_server.state.store import Record, Store

if TYPE_CHECKING:
    from personalize_server.jobs.batch_files import Answering


@dataclass(frozen=True, kw_only=True)
class BatchInference:
    name: str
    """the job's"""
    files: BatchFiles
    inference: InferencePlan
    filter_expression: str | None
    results: int
    config: Mapping[str, Any]
    """batchInferenceJobConfig"""
    updates: bool
    """items that came since the training may be explored"""


def plan(store: Store, options: Options, record: Record, scratch: Path) -> BatchInference:
    """Raises: LookupError, if the version, the filter or a schema has been deleted."""
    version = needed(store, record.links["solutionVersionArn"])
    return BatchInference(
        name=record.name,
        files=batch_files(options, record, scratch),
        inference=inference_plan(store, options, version),
        filter_expression=filter_expression(store, record),
        results=record.body["numResults"],
        config=record.body.get("batchInferenceJobConfig", {}),
        updates=takes_updates(store, version),
    )


def work(job: BatchInference) -> BatchAnswered:
    """Raises: JobFailed, as `answer_files` does; what is wrong with a line is said in its answer."""
    from personalize_server.answers import image_files
    from personalize_server.answers.exploration import exploration_of
    from personalize_server.filters.parser import parse_filter
    from personalize_server.jobs.batch import Batch, infer_file
    from personalize_server.jobs.batch_files import answer_files

    filter_ = parse_filter(job.filter_expression) if job.filter_expression else None
    scratch = job.files.scratch

    def prepare() -> "Answering":
        image_files.build(job.inference, job.inference.sources(scratch), scratch / "image")
        inference = image_files.load(job.inference, scratch / "image")
        batch = Batch(
            inference,
            job.results,
            filter_,
            exploration=exploration_of(inference, job.config, math.inf if job.updates else None),
            influence=job.config.get("rankingInfluence", {}),
            seed=job.name,
        )
        return partial(infer_file, batch)

    return answer_files(job.files, prepare)
