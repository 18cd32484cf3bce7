"""The Personalize jobs of one run: when each was created and when it was done."""

from collections.abc import Iterator
from typing import Any

from config.derived.names import PersonalizeNames
from local_cloud.demo.baseline import dataset_group_arn
from local_cloud.demo.timeline import Span


def job_spans(personalize: Any, names: PersonalizeNames, run: str) -> Iterator[Span]:
    """Imports and batch inferences of the run, and all trainings, which carry no run in a name."""
    group = dataset_group_arn(personalize, names.dataset_group)
    imports = {names.import_job(dataset, run) for dataset in names.use_case.datasets}
    for dataset in _all(personalize, "list_datasets", "datasets", datasetGroupArn=group):
        for job in _all(
            personalize, "list_dataset_import_jobs", "datasetImportJobs", datasetArn=dataset["datasetArn"]
        ):
            if job["jobName"] in imports:
                yield _span("import", job)
    for solution in _all(personalize, "list_solutions", "solutions", datasetGroupArn=group):
        if solution["name"] != names.solution:
            continue
        for version in _all(
            personalize, "list_solution_versions", "solutionVersions", solutionArn=solution["solutionArn"]
        ):
            yield _span("train", version)
            for job in _all(
                personalize,
                "list_batch_inference_jobs",
                "batchInferenceJobs",
                solutionVersionArn=version["solutionVersionArn"],
            ):
                if job["jobName"] == names.batch_job(run):
                    yield _span("batch inference", job)


def _span(phase: str, job: dict[str, Any]) -> Span:
    return Span(phase, job["creationDateTime"], job["lastUpdatedDateTime"])


def _all(personalize: Any, operation: str, member: str, **arguments: str) -> Iterator[dict[str, Any]]:
    for page in personalize.get_paginator(operation).paginate(**arguments):
        yield from page[member]
