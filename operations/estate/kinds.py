"""The kinds of what Amazon Personalize holds, in the order in which they can be deleted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """operation: as the API's operations name it, `dataset_group`. listed_as: member of a listing's answer.
    taggable: whether its tags can be listed. named: the member that has its name.
    """

    operation: str
    listed_as: str
    taggable: bool = True
    named: str = "name"

    @property
    def words(self) -> str:
        return self.operation.replace("_", " ")

    @property
    def described_as(self) -> str:
        first, *others = self.operation.split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def arn(self) -> str:
        """The member that has its ARN."""
        return f"{self.described_as}Arn"

    @property
    def listing(self) -> str:
        return f"list_{self.operation}s"

    @property
    def description(self) -> str:
        return f"describe_{self.operation}"

    @property
    def deletion(self) -> str:
        return f"delete_{self.operation}"

    @property
    def command(self) -> str:
        """Of the AWS CLI, that deletes one, with `{}` for its ARN."""
        words = self.operation.replace("_", "-")
        return f"aws personalize delete-{words} --{words}-arn {{}}"


CAMPAIGN = Kind("campaign", "campaigns")
RECOMMENDER = Kind("recommender", "recommenders")
SOLUTION = Kind("solution", "solutions")
SOLUTION_VERSION = Kind("solution_version", "solutionVersions", named="solutionVersionArn")
"""Goes with its solution."""
FILTER = Kind("filter", "Filters")
EVENT_TRACKER = Kind("event_tracker", "eventTrackers")
METRIC_ATTRIBUTION = Kind("metric_attribution", "metricAttributions", taggable=False)
DATASET = Kind("dataset", "datasets")
DATASET_GROUP = Kind("dataset_group", "datasetGroups")
SCHEMA = Kind("schema", "schemas", taggable=False)

DELETABLE = (
    CAMPAIGN,
    RECOMMENDER,
    SOLUTION,
    FILTER,
    EVENT_TRACKER,
    METRIC_ATTRIBUTION,
    DATASET,
    DATASET_GROUP,
    SCHEMA,
)
"""What is used by others comes after them: developer guide, "Requirements for deleting Amazon Personalize
resources".
"""

IMPORT_JOB = Kind("dataset_import_job", "datasetImportJobs", named="jobName")
EXPORT_JOB = Kind("dataset_export_job", "datasetExportJobs", named="jobName")
INFERENCE_JOB = Kind("batch_inference_job", "batchInferenceJobs", named="jobName")
SEGMENT_JOB = Kind("batch_segment_job", "batchSegmentJobs", named="jobName")
DELETION_JOB = Kind("data_deletion_job", "dataDeletionJobs", named="jobName")

JOBS = (IMPORT_JOB, EXPORT_JOB, INFERENCE_JOB, SEGMENT_JOB, DELETION_JOB)
"""No operation deletes these."""

BY_WORDS = {kind.words: kind for kind in (*DELETABLE, SOLUTION_VERSION, *JOBS)}
