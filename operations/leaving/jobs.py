"""Jobs of Amazon Personalize, which no operation deletes: those that run are awaited, the others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.estate import kinds
from operations.estate.kinds import Kind
from operations.estate.listing import listed
from operations.leaving.scope import Scope, Thing


@dataclass(frozen=True)
class Job:
    """run: of the workflow that started it, if one did. status: as the service says it."""

    kind: str
    name: str
    arn: str
    of: str
    status: str
    run: str | None = None

    @property
    def running(self) -> bool:
        return "PENDING" in self.status or "PROGRESS" in self.status


def jobs_of(personalize: Any, scope: Scope, things: Sequence[Thing]) -> list[Job]:
    """Those of the stage's names, and those of what is in its groups; each once."""
    found: dict[str, Job] = {}
    for job in (*_by_name(personalize, scope), *_by_parent(personalize, scope, things)):
        found.setdefault(job.arn, job)
    return sorted(found.values(), key=lambda job: (job.kind, job.name))


def _by_name(personalize: Any, scope: Scope) -> Iterator[Job]:
    """Also those of groups that are gone."""
    for kind in (kinds.IMPORT_JOB, kinds.INFERENCE_JOB):
        for summary in listed(personalize, kind):
            job = _job(kind, summary, scope)
            if job.run and scope.holds(job.of):
                yield job


def _by_parent(personalize: Any, scope: Scope, things: Sequence[Thing]) -> Iterator[Job]:
    for thing in things:
        within: dict[str, tuple[Kind, ...]] = {}
        if thing.kind == kinds.DATASET.words:
            within = {"datasetArn": (kinds.IMPORT_JOB, kinds.EXPORT_JOB)}
        elif thing.kind == kinds.DATASET_GROUP.words:
            within = {"datasetGroupArn": (kinds.DELETION_JOB,)}
        for member, parts in within.items():
            for kind in parts:
                for summary in listed(personalize, kind, **{member: thing.handle}):
                    yield _job(kind, summary, scope, thing.of)
    solutions = {thing.handle: thing.of for thing in things if thing.kind == kinds.SOLUTION.words}
    for kind in (kinds.INFERENCE_JOB, kinds.SEGMENT_JOB) if solutions else ():
        for summary in listed(personalize, kind):
            solution = str(summary.get("solutionVersionArn", "")).rpartition("/")[0]
            if solution in solutions:
                yield _job(kind, summary, scope, solutions[solution])


def _job(kind: Kind, summary: Mapping[str, Any], scope: Scope, of: str = "") -> Job:
    reading: dict[str, Callable[[str], tuple[str, str] | None]] = {
        kinds.IMPORT_JOB.words: scope.names.of_import_job,
        kinds.INFERENCE_JOB.words: scope.names.of_batch_job,
    }
    name = summary["jobName"]
    read = reading[kind.words](name) if kind.words in reading else None
    owner, run = read or (of, None)
    return Job(kind.words, name, summary[kind.arn], of or owner, summary.get("status", ""), run)
