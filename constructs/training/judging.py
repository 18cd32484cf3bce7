"""Is the new model to be used? If not, the run ends as kept, and says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from constructs.workflow.beginning import finished
from constructs.workflow.failure import FailureRoute, message, subject
from constructs.workflow.language import expression, invoke, literal, retry

_REMEDY = (
    'If a worse one is what the data calls for, start the workflow again with {"force": true, '
    '"acceptModel": true} in its input; one below the floor is never used.'
)


@dataclass(frozen=True, kw_only=True)
class JudgementProps:
    """metric: of GetSolutionMetrics. floor: least value. tolerance: share of the last value to lose."""

    metric: str
    floor: float
    tolerance: float
    use_worse: bool


@dataclass(frozen=True, kw_only=True)
class JudgingProps:
    """what: is judged, part of the states' names. measured: members of the function's input that say where
    the metrics are. model: what names the model in the outcome, by member, as JSONata. not_measured_yet:
    errors of the function that say that there are no metrics yet. side_by_side: other variants are judged
    too. details: more of the outcome, as JSONata.
    """

    use_case: str
    title: str
    variant: str
    what: str
    measured: Mapping[str, str]
    model: Mapping[str, str]
    judgement: JudgementProps
    judge: lambda_.IFunction
    topic: sns.ITopic
    not_measured_yet: tuple[str, ...] = ()
    side_by_side: bool = False
    details: Mapping[str, str] = field(default_factory=dict)


def judge_model(
    scope: Construct, props: JudgingProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Assigns judgement. With acceptModel in its input a run takes a worse model, none below the floor."""
    judge = failures.catch(
        invoke(
            scope,
            f"Judge the {props.what}",
            props.judge,
            {
                "useCase": props.use_case,
                "variant": props.variant,
                "run": expression("$run"),
                **props.measured,
                "metric": props.judgement.metric,
                "floor": props.judgement.floor,
                "tolerance": props.judgement.tolerance,
                "useWorse": props.judgement.use_worse or expression("$acceptModel"),
            },
            assign={"judgement": expression("$states.result.Payload")},
            outputs={},
        )
    )
    if props.not_measured_yet:
        retry(judge, props.not_measured_yet, first_seconds=30, longest_seconds=120, attempts=5)
    title = f"{props.title} ({props.variant})" if props.side_by_side else props.title
    variant = (literal(f"Variant: {props.variant}"),) if props.side_by_side else ()
    notify = tasks.SnsPublish.jsonata(
        scope,
        "Notify of the kept model",
        topic=props.topic,
        subject=subject(f"{title} keeps its model: ", "$judgement.verdict"),
        message=message(
            scope,
            literal(f"The training workflow of {props.use_case} trained a model and does not use it."),
            *variant,
            f"{literal('Verdict: ')} & $judgement.verdict",
            f"{literal('Reason: ')} & $judgement.reason",
            f"{literal('Run: ')} & $run",
            literal("The recommendations being served stay as they are."),
            literal(_REMEDY),
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
        **props.model,
        **props.details,
    )
    failures.catch(notify).next(kept)
    decide = (
        sfn.Choice.jsonata(scope, f"Is the {props.what} to be used?", outputs={})
        .when(sfn.Condition.jsonata(expression("$judgement.use")), then)
        .otherwise(notify)
    )
    return judge.next(decide)
