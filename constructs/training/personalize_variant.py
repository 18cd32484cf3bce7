"""The variant `personalize`: import, train, judge and infer with Amazon Personalize.

Dataset CSVs in S3 and the variables run and datasets in; batch output in S3 and the variables
solutionVersionArn, judgement and batchInput out. Another variant is another such fragment.
"""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from constructs.training.batch import BatchProps, infer
from constructs.training.imports import CREATING, ImportsProps, import_datasets
from constructs.training.waiting import Job, Patience, await_job
from constructs.workflow.beginning import finished
from constructs.workflow.failure import FailureRoute, message, subject
from constructs.workflow.language import call, expression, invoke, literal, retry
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use

VARIANT = "personalize"


@dataclass(frozen=True, kw_only=True)
class JudgementProps:
    """metric: of GetSolutionMetrics. floor: least value. tolerance: share of the last value to lose."""

    metric: str
    floor: float
    tolerance: float
    use_worse: bool


@dataclass(frozen=True, kw_only=True)
class PersonalizeVariantProps:
    use_case: str
    title: str
    solution_arn: str
    imports: ImportsProps
    training: Patience
    judgement: JudgementProps
    batch: BatchProps
    judge: lambda_.IFunction
    topic: sns.ITopic


def personalize_variant(
    scope: Construct, props: PersonalizeVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Ends as kept, and says so, when the new model is not to be used."""
    batch = infer(scope, props.batch, then=then, failures=failures)
    judged = _judge(scope, props, then=batch, failures=failures)
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


def _judge(
    scope: Construct, props: PersonalizeVariantProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    judge = failures.catch(
        invoke(
            scope,
            "Judge the solution version",
            props.judge,
            {
                "useCase": props.use_case,
                "variant": VARIANT,
                "run": expression("$run"),
                "solutionVersionArn": expression("$solutionVersionArn"),
                "metric": props.judgement.metric,
                "floor": props.judgement.floor,
                "tolerance": props.judgement.tolerance,
                "useWorse": props.judgement.use_worse,
            },
            assign={"judgement": expression("$states.result.Payload")},
            outputs={},
        )
    )
    # GetSolutionMetrics declares it: the version has just become ACTIVE.
    retry(judge, ("ResourceInUseException",), first_seconds=30, longest_seconds=120, attempts=5)
    notify = tasks.SnsPublish.jsonata(
        scope,
        "Notify of the kept model",
        topic=props.topic,
        subject=subject(f"{props.title} keeps its model: ", "$judgement.verdict"),
        message=message(
            scope,
            literal(f"The training workflow of {props.use_case} trained a model and does not use it."),
            f"{literal('Verdict: ')} & $judgement.verdict",
            f"{literal('Reason: ')} & $judgement.reason",
            f"{literal('Run: ')} & $run",
            literal("The recommendations being served stay as they are."),
        ),
        outputs={},
    )
    retry(notify, ("States.TaskFailed",), first_seconds=2, longest_seconds=30, attempts=4)
    kept = finished(
        scope,
        "Kept",
        props.use_case,
        "kept",
        reason="$judgement.reason",
        verdict="$judgement.verdict",
        solutionVersionArn="$solutionVersionArn",
    )
    failures.catch(notify).next(kept)
    decide = (
        sfn.Choice.jsonata(scope, "Is the solution version to be used?", outputs={})
        .when(sfn.Condition.jsonata(expression("$judgement.use")), then)
        .otherwise(notify)
    )
    return judge.next(decide)
