"""The rights of a training workflow: every call in its definition, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.personalize_service import SERVICE, personalize_arn
from constructs.storage.data_bucket import BATCH, DataBucket
from constructs.training.publishing import MAP_LABEL
from constructs.workflow.machine_role import distributed_map, state_machine_role, telemetry


@dataclass(frozen=True, kw_only=True)
class WorkflowRoleProps:
    """machine_name: of the state machine, which starts its distributed maps in its own name.
    map_labels: of these. solution_arn: None where nothing is in Amazon Personalize.
    job_prefix: of import and batch jobs. dataset_arns: by name. filter_arn: of what batch jobs leave out.
    campaign_arn: of the campaign that the workflow keeps.
    function_arns: what it invokes. passed_roles: what Personalize gets.
    """

    machine_name: str
    use_case: str
    job_prefix: str
    map_labels: tuple[str, ...] = (MAP_LABEL,)
    dataset_arns: Mapping[str, str] = field(default_factory=dict)
    solution_arn: str | None = None
    filter_arn: str | None = None
    campaign_arn: str | None = None
    function_arns: tuple[str, ...]
    passed_roles: tuple[iam.Role, ...] = ()
    data: DataBucket
    topic: FailureTopic


def workflow_role(scope: Construct, construct_id: str, props: WorkflowRoleProps) -> iam.Role:
    stack = cdk.Stack.of(scope)
    role = state_machine_role(scope, construct_id, f"Of the training workflow of {props.use_case}")
    allow(
        role,
        Access(actions=("lambda:InvokeFunction",), resources=props.function_arns),
        *(_personalize(scope, props, props.solution_arn) if props.solution_arn else ()),
        *props.topic.publishing,
        *(
            access
            for label in props.map_labels
            for access in distributed_map(stack, props.machine_name, label)
        ),
        Access(
            actions=("s3:GetObject",),
            resources=(props.data.bucket.arn_for_objects(f"{BATCH}/{props.use_case}/*/shards.json"),),
            why="Each run lists its shards in a folder of its own",
        ),
        Access(actions=("kms:Decrypt",), resources=(props.data.key.key_arn,)),
        *telemetry(),
    )
    return role


def _personalize(scope: Construct, props: WorkflowRoleProps, solution_arn: str) -> tuple[Access, ...]:
    imports = tuple(
        personalize_arn(scope, f"dataset-import-job/{props.job_prefix}-{dataset}-*")
        for dataset in props.dataset_arns
    )
    batch = personalize_arn(scope, f"batch-inference-job/{props.job_prefix}-batch-*")
    versions = f"{solution_arn}/*"
    # A guess: the service authorisation reference requires the job and the solution, and no filter.
    filters = (props.filter_arn,) if props.filter_arn else ()
    every_run = "Each run names its jobs after itself"
    campaign = (
        (
            Access(
                actions=("personalize:CreateCampaign", "personalize:UpdateCampaign"),
                resources=(props.campaign_arn, solution_arn, versions),
                why="Authorised on the campaign and on the solution, whose version's id the service chooses",
            ),
            Access(actions=("personalize:DescribeCampaign",), resources=(props.campaign_arn,)),
        )
        if props.campaign_arn
        else ()
    )
    return (
        *campaign,
        Access(
            actions=("personalize:CreateDatasetImportJob",),
            resources=(*imports, *props.dataset_arns.values()),
            why="Authorised on the job, named after its run, and on the dataset that it fills",
        ),
        Access(actions=("personalize:DescribeDatasetImportJob",), resources=imports, why=every_run),
        Access(actions=("personalize:CreateSolutionVersion",), resources=(solution_arn,)),
        Access(
            actions=("personalize:DescribeSolutionVersion",),
            resources=(versions,),
            why="The service chooses the id of a solution version",
        ),
        Access(
            actions=("personalize:CreateBatchInferenceJob",),
            resources=(batch, solution_arn, versions, *filters),
            why="Authorised on the job, named after its run, and on the solution whose version it uses",
        ),
        Access(actions=("personalize:DescribeBatchInferenceJob",), resources=(batch,), why=every_run),
        Access(
            actions=("iam:PassRole",),
            resources=tuple(passed.role_arn for passed in props.passed_roles),
            conditions={"StringEquals": {"iam:PassedToService": SERVICE}},
        ),
    )
