"""The part of a workflow that compares the variants of a run with one another; it never fails the run."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from constructs.workflow.failure import FailureRoute, message, reason_in, subject
from constructs.workflow.language import Task, expression, invoke, literal, retry

_REASON_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class ComparisonProps:
    """title: of the workflow, for subject lines. variants: JSONata of those that have lists, an object each
    with variant and shardsKey, the default first; what else it may say is in the step's `Listed`.
    limit: items of a list that are stored. thresholds: of the step, in camel case.
    """

    use_case: str
    title: str
    variants: str
    limit: int
    thresholds: Mapping[str, float]
    function: lambda_.IFunction
    topic: sns.ITopic


def compare_variants(scope: Construct, props: ComparisonProps, *, then: sfn.IChainable) -> sfn.IChainable:
    """Reads the variables run and datasets. Whoever is alone is not compared; a comparison that fails is
    told, and the run goes on.
    """
    told = _told(scope, props, then=then)
    compare = FailureRoute(state=told, prefix="comparison").catch(_compare(scope, props))
    compare.next(then)
    return (
        sfn.Choice.jsonata(scope, "Are there two variants to compare?", outputs={})
        .when(sfn.Condition.jsonata(expression(f"$count({props.variants}) > 1")), compare)
        .otherwise(then)
    )


def _compare(scope: Construct, props: ComparisonProps) -> Task:
    compare = invoke(
        scope,
        "Compare the variants",
        props.function,
        {
            "useCase": props.use_case,
            "run": expression("$run"),
            "limit": props.limit,
            "variants": expression(props.variants),
            "datasets": expression("$datasets"),
            "thresholds": dict(props.thresholds),
        },
        outputs={},
    )
    # Comparing again writes the same.
    return retry(compare, ("StorageFailed",), first_seconds=5, longest_seconds=60, attempts=2)


def _told(scope: Construct, props: ComparisonProps, *, then: sfn.IChainable) -> tasks.SnsPublish:
    told = tasks.SnsPublish.jsonata(
        scope,
        "Notify of the missing comparison",
        topic=props.topic,
        subject=subject(f"{props.title} did not compare its variants: ", "$comparisonError"),
        message=message(
            scope,
            literal(f"The variants of {props.use_case} were not compared with one another."),
            f"{literal('Error: ')} & $comparisonError",
            f"{literal('Reason: ')} & $substring({reason_in('$comparisonCause')}, 0, {_REASON_LENGTH})",
            f"{literal('Run: ')} & $run",
            literal("Each variant's own outcome is as it was told; the run goes on without the comparison."),
        ),
        outputs={},
    )
    retry(told, ("States.TaskFailed",), first_seconds=2, longest_seconds=30, attempts=4)
    # Not even a topic that does not answer makes the run fail.
    told.add_catch(then, errors=["States.ALL"], outputs={})
    told.next(then)
    return told
