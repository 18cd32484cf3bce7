"""The kinds of background jobs, which the server and the processes of jobs both look up here.

The server plans and finishes jobs, their processes carry them out: every `work` imports what it needs itself,
so that the server need not load numpy and the engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from personalize_server.facts.options import Options
from personalize_server.facts.plain_values import as_plain, from_plain
from personalize_server.jobs import (
    batch_inference,
    batch_plans,
    batch_segments,
    data_deletions,
    dataset_exports,
    dataset_imports,
    trainings,
)
from personalize_server.state.store import Record, Store

Plan = TypeVar("Plan")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class JobKind(Generic[Plan, Result]):
    """One kind of job; plans and results cross the border of its process as JSON values."""

    plan_type: type[Plan]
    result_type: type[Result]
    plan: Callable[[Store, Options, Record, Path], Plan]
    work: Callable[[Plan], Result]
    finish: Callable[[Store, Options, Record, Result, Path], None]
    followed: Callable[[Store, Options], None] = lambda _store, _options: None
    """what is done once a result counts; may be left undone by a crash"""
    waits_for: Sequence[str] = ()
    """kinds of earlier jobs of the dataset group that are over before it starts

    So that no deletion works on data that another job replaces meanwhile.
    """

    def planned(self, store: Store, options: Options, record: Record, scratch: Path) -> Any:
        """What the job's process is to be told, as things are when the job starts."""
        return as_plain(self.plan(store, options, record, scratch))

    def worked(self, plan: Any) -> Any:
        """Carries the plan out, in a process of its own; what the server is to be told."""
        return as_plain(self.work(from_plain(self.plan_type, plan)))

    def finished(self, store: Store, options: Options, record: Record, result: Any, scratch: Path) -> None:
        """Makes the result count; to be called in a transaction."""
        self.finish(store, options, record, from_plain(self.result_type, result), scratch)


_TRAINING = JobKind(
    plan_type=trainings.Training,
    result_type=trainings.TrainedVersion,
    plan=trainings.plan,
    work=trainings.work,
    finish=trainings.finish,
)
JOB_KINDS: Mapping[str, JobKind[Any, Any]] = {
    "DatasetImportJob": JobKind(
        plan_type=dataset_imports.DatasetImport,
        result_type=dataset_imports.ImportedDataset,
        plan=dataset_imports.plan,
        work=dataset_imports.work,
        finish=dataset_imports.finish,
        waits_for=("DataDeletionJob",),
    ),
    "SolutionVersion": _TRAINING,
    "Recommender": _TRAINING,
    "RecommenderTraining": _TRAINING,
    "BatchInferenceJob": JobKind(
        plan_type=batch_inference.BatchInference,
        result_type=batch_plans.BatchAnswered,
        plan=batch_inference.plan,
        work=batch_inference.work,
        finish=batch_plans.finish,
    ),
    "BatchSegmentJob": JobKind(
        plan_type=batch_segments.BatchSegment,
        result_type=batch_plans.BatchAnswered,
        plan=batch_segments.plan,
        work=batch_segments.work,
        finish=batch_plans.finish,
    ),
    "DatasetExportJob": JobKind(
        plan_type=dataset_exports.DatasetExport,
        result_type=dataset_exports.ExportedDataset,
        plan=dataset_exports.plan,
        work=dataset_exports.work,
        finish=dataset_exports.finish,
    ),
    "DataDeletionJob": JobKind(
        plan_type=data_deletions.DataDeletion,
        result_type=data_deletions.DeletedData,
        plan=data_deletions.plan,
        work=data_deletions.work,
        finish=data_deletions.finish,
        followed=data_deletions.follow,
        waits_for=("DatasetImportJob", "DataDeletionJob"),
    ),
}
"""by the kind of the record whose background job it is"""
