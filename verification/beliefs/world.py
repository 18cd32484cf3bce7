"""What a run has made, as checks look at it: each thing is asked for once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from config.derived.names import PersonalizeNames
from verification.beliefs.probe import NotActive, Probe
from verification.ground.account import Cloud
from verification.ground.plan import Plan
from verification.ground.retraining import Ended, output_of


class World:
    """ended: the run; None if it was not started. probes: whether imports of their own may be made."""

    def __init__(self, cloud: Cloud, plan: Plan, ended: Ended | None, *, probes: bool, pause: float) -> None:
        self.cloud, self.plan, self.ended = cloud, plan, ended
        self.probes, self.pause = probes, pause

    @cached_property
    def personalize(self) -> Any:
        return self.cloud.client("personalize")

    @cached_property
    def names(self) -> PersonalizeNames:
        return PersonalizeNames(self.plan.run, self.plan.use_case)

    @cached_property
    def bucket(self) -> str:
        return output_of(self.cloud, self.plan, "Data", "DataBucketName")

    @cached_property
    def dataset_group(self) -> str:
        return output_of(self.cloud, self.plan, "Data", "SampleDatasetGroupArn")

    @cached_property
    def solution(self) -> dict[str, Any]:
        arn = output_of(self.cloud, self.plan, "Data", "SampleSolutionArn")
        described: dict[str, Any] = self.personalize.describe_solution(solutionArn=arn)["solution"]
        return described

    @cached_property
    def version(self) -> dict[str, Any]:
        """Raises: LookupError, if nothing was trained."""
        listed = self.personalize.list_solution_versions(solutionArn=self.solution["solutionArn"])
        [arn] = [one["solutionVersionArn"] for one in listed["solutionVersions"]][-1:] or [None]
        if arn is None:
            raise LookupError("nothing was trained")
        described = self.personalize.describe_solution_version(solutionVersionArn=arn)
        answer: dict[str, Any] = described["solutionVersion"]
        return answer

    @cached_property
    def imports(self) -> list[dict[str, Any]]:
        """The import jobs of the run."""
        listed = self.personalize.list_datasets(datasetGroupArn=self.dataset_group)["datasets"]
        jobs = []
        for dataset in listed:
            page = self.personalize.list_dataset_import_jobs(datasetArn=dataset["datasetArn"])
            for job in page["datasetImportJobs"]:
                arn = job["datasetImportJobArn"]
                answer = self.personalize.describe_dataset_import_job(datasetImportJobArn=arn)
                jobs.append(answer["datasetImportJob"])
        return jobs

    @cached_property
    def batches(self) -> list[dict[str, Any]]:
        """The batch inference jobs of the run."""
        arn = self.version["solutionVersionArn"]
        page = self.personalize.list_batch_inference_jobs(solutionVersionArn=arn)
        describe: Callable[..., dict[str, Any]] = self.personalize.describe_batch_inference_job
        return [
            describe(batchInferenceJobArn=job["batchInferenceJobArn"])["batchInferenceJob"]
            for job in page["batchInferenceJobs"]
        ]

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The history of the execution. Raises: LookupError, if there is none."""
        if self.ended is None:
            raise LookupError("the workflow was not started")
        pages = self.cloud.client("stepfunctions").get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=self.ended.arn) for event in page["events"]]

    @property
    def probe(self) -> Probe:
        """A dataset group for imports of its own; made when first asked for.

        Raises: LookupError, if the run imported nothing; NotActive, ClientError, if it cannot be made.
        """
        if isinstance(self._probe, Exception):
            raise self._probe
        return self._probe

    @cached_property
    def _probe(self) -> Probe | Exception:
        try:
            return self._made_probe()
        except (ClientError, LookupError, NotActive) as error:
            return error

    def _made_probe(self) -> Probe:
        if not self.imports:
            raise LookupError("the run imported nothing, so that there is no role to import with")
        return Probe.made(
            self.personalize,
            self.cloud.client("s3"),
            prefix=f"{self.names.prefix}-probe",
            bucket=self.bucket,
            folder=f"datasets/{self.plan.use_case.name}/probe",
            role=self.imports[0]["roleArn"],
            pause=self.pause,
        )
