"""The variant `personalize`: import, train, judge and infer with Amazon Personalize.

Dataset CSVs in S3 and the variables run and datasets in; batch output in S3 and the variables
solutionVersionArn, judgement and batchInput out. Another variant is another such fragment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.batch import BatchProps, infer
from constructs.training.imports import CREATING, ImportsProps, import_datasets
from constructs.training.judging import JudgementProps, JudgingProps, judge_model
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import call, expression
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use
from constructs.workflow.waiting import Job, Patience, await_job

VARIANT = "personalize"


@dataclass(frozen=True, kw_only=True)
class PersonalizeVariantProps:
    """side_by_side, details: see JudgingProps. by_the_hour: the training's hours are kept, to be priced."""

    use_case: str
    title: str
    solution_arn: str
    imports: ImportsProps
    training: Patience
    judgement: JudgementProps
    batch: BatchProps
    judge: lambda_.IFunction
    topic: sns.ITopic
    side_by_side: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    by_the_hour: bool = False


def personalize_variant(
    scope: Construct, props: PersonalizeVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Ends as kept, and says so, when the new model is not to be used."""
    batch = infer(scope, props.batch, then=then, failures=failures)
    judged = judge_model(scope, _judging(props), then=batch, failures=failures)
    trained = _train(scope, props, then=judged, failures=failures)
    return import_datasets(scope, props.imports, then=trained, failures=failures)


def _train(
    scope: Construct, props: PersonalizeVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    job = Job(
        title="the solution version",
        variable="solutionVersion",
        action="describeSolutionVersion",
        argument="SolutionVersionArn",
        member="SolutionVersion",
        pending=CREATING,
        error="Training",
        patience=props.training,
        kept={"trainingHours": "TrainingHours"} if props.by_the_hour else {},
    )
    create = call(
        scope,
        "Train a solution version",
        "personalize",
        "createSolutionVersion",
        {"SolutionArn": props.solution_arn, "TrainingMode": "FULL"},
        assign=job.started("$states.result.SolutionVersionArn"),
        outputs={},
    )
    persist(retry_while_in_use(retry_when_full(create)), failures)
    return create.next(await_job(scope, job, then=then, failures=failures))


def _judging(props: PersonalizeVariantProps) -> JudgingProps:
    return JudgingProps(
        use_case=props.use_case,
        title=props.title,
        variant=VARIANT,
        what="solution version",
        measured={"solutionVersionArn": expression("$solutionVersionArn")},
        model={"solutionVersionArn": "$solutionVersionArn"},
        judgement=props.judgement,
        judge=props.judge,
        # GetSolutionMetrics declares it: the version has just become ACTIVE.
        not_measured_yet=("ResourceInUseException",),
        topic=props.topic,
        side_by_side=props.side_by_side,
        details=props.details,
    )
