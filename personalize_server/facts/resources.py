"""The facts of every type of resource (Amazon Personalize API reference and quotas)."""

from types import MappingProxyType

from personalize_server.facts.resource_type import Blocker, Limit, Parent, ResourceType, Words

_RUNNING = "More than {limit} resources with PENDING or IN_PROGRESS status."


def _group(*, owner: bool = False) -> Parent:
    return Parent(member="datasetGroupArn", kind="DatasetGroup", owner=owner)


def _blocks(*kinds: str, by: str, running_only: bool = False) -> tuple[Blocker, ...]:
    return tuple(Blocker(kind=kind, member=by, running_only=running_only) for kind in kinds)


_VERSION = Parent(member="solutionVersionArn", kind="SolutionVersion", owner=True)
_FILTER = Parent(member="filterArn", kind="Filter")

_TYPES = (
    ResourceType(
        kind="DatasetGroup",
        arn="dataset-group/{name}",
        arn_member="datasetGroupArn",
        described_as="datasetGroup",
        listed_as="datasetGroups",
        limits=(Limit(quota=lambda quotas: quotas.dataset_groups, text="More than {limit} dataset groups."),),
        blockers=_blocks(
            *("EventTracker", "Solution", "Dataset", "Filter", "Recommender", "MetricAttribution"),
            by="datasetGroupArn",
        ),
    ),
    ResourceType(
        kind="Schema",
        arn="schema/{name}",
        arn_member="schemaArn",
        described_as="schema",
        listed_as="schemas",
        words=None,
        taggable=False,
        limits=(Limit(quota=lambda quotas: quotas.schemas, text="More than {limit} schemas."),),
        blockers=_blocks("Dataset", by="schemaArn"),
    ),
    ResourceType(
        kind="Dataset",
        arn="dataset/{group}/{type}",
        arn_member="datasetArn",
        described_as="dataset",
        listed_as="datasets",
        listed_by="datasetGroupArn",
        parents=(_group(), Parent(member="schemaArn", kind="Schema", active=False)),
        blockers=(
            *_blocks("DatasetImportJob", "DatasetExportJob", by="datasetArn", running_only=True),
            *_blocks("Filter", "MetricAttribution", "Recommender", "Campaign", by="datasetGroupArn"),
            *_blocks("SolutionVersion", "BatchInferenceJob", by="datasetGroupArn", running_only=True),
        ),
    ),
    ResourceType(
        kind="DatasetImportJob",
        arn="dataset-import-job/{name}",
        arn_member="datasetImportJobArn",
        described_as="datasetImportJob",
        listed_as="datasetImportJobs",
        listed_by="datasetArn",
        name_member="jobName",
        defaults=MappingProxyType({"importMode": "FULL"}),
        parents=(Parent(member="datasetArn", kind="Dataset", owner=True),),
        limits=(Limit(quota=lambda quotas: quotas.running_import_jobs, text=_RUNNING, running_only=True),),
        works=True,
    ),
    ResourceType(
        kind="DatasetExportJob",
        arn="dataset-export-job/{name}",
        arn_member="datasetExportJobArn",
        described_as="datasetExportJob",
        listed_as="datasetExportJobs",
        listed_by="datasetArn",
        name_member="jobName",
        defaults=MappingProxyType({"ingestionMode": "PUT"}),
        parents=(Parent(member="datasetArn", kind="Dataset", owner=True),),
        limits=(Limit(quota=lambda quotas: quotas.running_export_jobs, text=_RUNNING, running_only=True),),
        works=True,
    ),
    ResourceType(
        kind="Solution",
        arn="solution/{name}",
        arn_member="solutionArn",
        described_as="solution",
        listed_as="solutions",
        listed_by="datasetGroupArn",
        defaults=MappingProxyType(
            {
                "performHPO": False,
                "performAutoML": False,
                "performAutoTraining": True,
                "performIncrementalUpdate": False,
            }
        ),
        parents=(_group(),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.solutions,
                text="More than {limit} solutions in the dataset group.",
                within="datasetGroupArn",
            ),
        ),
        blockers=(
            *_blocks("Campaign", by="solutionArn"),
            Blocker(kind="Campaign", member="replacedSolutionArn", updating_only=True),
            *_blocks(
                "SolutionVersion", "BatchInferenceJob", "BatchSegmentJob", by="solutionArn", running_only=True
            ),
        ),
    ),
    ResourceType(
        kind="SolutionVersion",
        arn="solution/{solution}/{id}",
        arn_member="solutionVersionArn",
        described_as="solutionVersion",
        listed_as="solutionVersions",
        listed_by="solutionArn",
        defaults=MappingProxyType({"trainingMode": "FULL", "trainingType": "MANUAL"}),
        parents=(Parent(member="solutionArn", kind="Solution", owner=True),),
        limits=(
            Limit(quota=lambda quotas: quotas.running_solution_versions, text=_RUNNING, running_only=True),
        ),
        works=True,
    ),
    ResourceType(
        kind="Campaign",
        arn="campaign/{name}",
        arn_member="campaignArn",
        described_as="campaign",
        listed_as="campaigns",
        listed_by="solutionArn",
        listed_also_by="solutionVersionArn",
        defaults=MappingProxyType({"minProvisionedTPS": 1}),
        parents=(_VERSION,),
        limits=(
            Limit(
                quota=lambda quotas: quotas.campaigns,
                text="Cannot create a campaign. More than {limit} resources in ACTIVE state. "
                "Please delete some and try again.",
                within="datasetGroupArn",
            ),
        ),
    ),
    ResourceType(
        kind="Filter",
        arn="filter/{name}",
        arn_member="filterArn",
        described_as="filter",
        listed_as="Filters",
        listed_by="datasetGroupArn",
        parents=(_group(),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.filters,
                text="More than {limit} filters in the dataset group.",
                within="datasetGroupArn",
            ),
        ),
        blockers=_blocks("BatchInferenceJob", "BatchSegmentJob", by="filterArn", running_only=True),
    ),
    ResourceType(
        kind="EventTracker",
        arn="event-tracker/{id}",
        arn_member="eventTrackerArn",
        described_as="eventTracker",
        listed_as="eventTrackers",
        listed_by="datasetGroupArn",
        parents=(_group(),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.event_trackers,
                text="More than {limit} event trackers in the dataset group.",
                within="datasetGroupArn",
            ),
        ),
    ),
    ResourceType(
        kind="BatchInferenceJob",
        arn="batch-inference-job/{name}",
        arn_member="batchInferenceJobArn",
        described_as="batchInferenceJob",
        listed_as="batchInferenceJobs",
        listed_by="solutionVersionArn",
        name_member="jobName",
        defaults=MappingProxyType({"numResults": 25, "batchInferenceJobMode": "BATCH_INFERENCE"}),
        parents=(_VERSION, _FILTER),
        limits=(
            Limit(quota=lambda quotas: quotas.running_batch_inference_jobs, text=_RUNNING, running_only=True),
        ),
        works=True,
    ),
    ResourceType(
        kind="BatchSegmentJob",
        arn="batch-segment-job/{name}",
        arn_member="batchSegmentJobArn",
        described_as="batchSegmentJob",
        listed_as="batchSegmentJobs",
        listed_by="solutionVersionArn",
        name_member="jobName",
        defaults=MappingProxyType({"numResults": 25}),
        parents=(_VERSION, _FILTER),
        limits=(
            Limit(quota=lambda quotas: quotas.running_batch_segment_jobs, text=_RUNNING, running_only=True),
        ),
        works=True,
    ),
    ResourceType(
        kind="DataDeletionJob",
        arn="data-deletion-job/{name}",
        arn_member="dataDeletionJobArn",
        described_as="dataDeletionJob",
        listed_as="dataDeletionJobs",
        listed_by="datasetGroupArn",
        name_member="jobName",
        words=Words(pending="PENDING", running="IN_PROGRESS", done="COMPLETED", failed="FAILED"),
        parents=(_group(owner=True),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.running_data_deletion_jobs,
                text=_RUNNING,
                within="datasetGroupArn",
                running_only=True,
            ),
        ),
        works=True,
    ),
    ResourceType(
        kind="MetricAttribution",
        arn="metric-attribution/{name}",
        arn_member="metricAttributionArn",
        described_as="metricAttribution",
        listed_as="metricAttributions",
        listed_by="datasetGroupArn",
        taggable=False,
        parents=(_group(),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.metric_attributions,
                text="More than {limit} metric attributions in the dataset group.",
                within="datasetGroupArn",
            ),
        ),
    ),
    ResourceType(
        kind="Recommender",
        arn="recommender/{name}",
        arn_member="recommenderArn",
        described_as="recommender",
        listed_as="recommenders",
        listed_by="datasetGroupArn",
        parents=(_group(),),
        limits=(
            Limit(
                quota=lambda quotas: quotas.recommenders,
                text="More than {limit} recommenders in the dataset group.",
                within="datasetGroupArn",
            ),
        ),
        works=True,
    ),
    ResourceType(  # known to no operation: a model of a recommender after its first
        kind="RecommenderTraining",
        arn="recommender/{recommender}/{id}",
        arn_member="recommenderTrainingArn",
        described_as="recommenderTraining",
        listed_as="recommenderTrainings",
        taggable=False,
        parents=(Parent(member="recommenderArn", kind="Recommender", owner=True),),
        works=True,
    ),
)

RESOURCES = MappingProxyType({facts.kind: facts for facts in _TYPES})
