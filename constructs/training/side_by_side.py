"""Several variants in one run: each by itself, on the same datasets and for the same audience.

What fails in one is told with its name and stays there. The comparison with the last good runs comes before
the batch input is written, since a run without anything new needs none.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.construct_id import construct_id_of
from constructs.storage.data_bucket import BATCH
from constructs.training.batch import output_of
from constructs.training.campaign import Endings
from constructs.training.datasets import ANYTHING_NEW, COMPARE, IS_NEW, comparison, nothing_new
from constructs.training.publishing import published
from constructs.training.variant_run import VariantRunProps, variant_run
from constructs.workflow.beginning import finished
from constructs.workflow.failure import (
    NOTIFIED,
    FailurePathProps,
    FailureRoute,
    Told,
    told_failure,
)
from constructs.workflow.language import Task, expression, literal, or_empty
from constructs.workflow.shards import prefix_of

ENTERED = "$toMillis($states.context.State.EnteredTime)"
SECONDS = f"({ENTERED} - $begun) / 1000"
"""JSONata: how long the variant has been at work, in the last of its states."""
_FAILED = "failed"
_PREFIX = "variant"
_ERROR = f"'VariantsFailed: ' & $join($outcomes[outcome = '{_FAILED}'].variant, ', ')"
_CAUSE = f"""(
  $those := $outcomes[outcome = '{_FAILED}'];
  $each := $those.({literal(NOTIFIED)} & step & ' of ' & variant & ': ' & cause);
  (false in $those.told ? 'Not notified. ' : '') & $join($each, '; ')
)"""
_OUTCOME = (
    "'published' in $outcomes.outcome ? 'published' : 'kept' in $outcomes.outcome ? 'kept' : 'unchanged'"
)


@dataclass(frozen=True, kw_only=True)
class SideBySideProps:
    """title: of the workflow, for subject lines. variants: two or more, whose fragments find the batch input
    written. write_input: makes the state that writes it.
    """

    title: str
    use_case: str
    variants: tuple[VariantRunProps, ...]
    write_input: Callable[[Construct, FailureRoute], Task]
    topic: sns.ITopic


def with_lists(use_case: str, *, default: str) -> str:
    """JSONata: what the comparison of variants is told of each that has lists, the default first; nobody, if
    nothing new was published. Lists of an earlier run lie in that run's folder.
    """
    folder, key = literal(f"{BATCH}/{use_case}/"), "$substringAfter($substringAfter(output, 's3://'), '/')"
    told = (
        f"{{'variant': variant, 'shardsKey': {folder} & generation & '/shards.json', "
        f"'outputFolder': {key}, 'metrics': metrics}}"
    )
    return (
        "($listed := $outcomes[outcome in ['published', 'unchanged'] and $contains(output & '', 's3://')]; "
        f"$first := $listed[variant = {literal(default)}]; "
        f"$others := $listed[variant != {literal(default)}]; "
        f"'published' in $listed.outcome ? [$append($first, $others).({told})] : [])"
    )


def details_of(variant: str) -> dict[str, str]:
    """Members of every good outcome of a variant, as JSONata."""
    return {"variant": literal(variant), "seconds": SECONDS}


def kept_details(variant: str) -> dict[str, str]:
    """Of the outcome of a variant whose model is not used."""
    return {**details_of(variant), "metrics": "$judgement.metrics"}


def side_by_side(
    scope: Construct, props: SideBySideProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Assigns outcomes, in the variants' order: objects with variant, outcome (published, unchanged, kept or
    failed) and seconds; of what was published or is unchanged generation, metrics and output, the URL of the
    folder of its batch output; of what was kept reason, verdict and metrics; of what failed step, error,
    cause and told. `then` follows whatever the outcomes are.
    """
    run = sfn.Parallel.jsonata(
        scope, "Run the variants", assign={"outcomes": expression("$states.result")}, outputs={}
    )
    for number, variant in enumerate(props.variants):
        branch = Construct(scope, construct_id_of(variant.variant))
        run.branch(_branch(branch, props, variant, number))
        _name_apart(branch, variant.variant)
    failures.catch(run)
    run.next(then)
    write = props.write_input(scope, failures).next(run)
    decide = (
        sfn.Choice.jsonata(scope, ANYTHING_NEW, outputs={})
        .when(sfn.Condition.jsonata(expression("$force or true in $comparisons.changed")), write)
        .otherwise(run)
    )
    return _compare(scope, props, failures).next(decide)


def ended(scope: Construct, *, use_case: str) -> sfn.IChainable:
    """Reads the variable outcomes: the execution fails if a variant did."""
    failed = sfn.Fail.jsonata(
        scope, "Variants failed", error=expression(_ERROR), cause=expression(" ".join(_CAUSE.split()))
    )
    done = sfn.Succeed.jsonata(
        scope,
        "Ended",
        outputs={
            "useCase": use_case,
            "run": expression("$run"),
            "outcome": expression(_OUTCOME),
            "variants": expression("$outcomes"),
        },
    )
    return (
        sfn.Choice.jsonata(scope, "Did a variant fail?", outputs={})
        .when(sfn.Condition.jsonata(expression(f"'{_FAILED}' in $outcomes.outcome")), failed)
        .otherwise(done)
    )


def _compare(scope: Construct, props: SideBySideProps, failures: FailureRoute) -> sfn.Parallel:
    """Assigns comparisons; one that failed has error and cause, and its variant something new."""
    compare = sfn.Parallel.jsonata(
        scope, COMPARE, assign={"comparisons": expression("$states.result")}, outputs={}
    )
    good = expression("$merge([$states.result.Payload, {'error': '', 'cause': ''}])")
    for variant in props.variants:
        branch = Construct(scope, f"{construct_id_of(variant.variant)}Comparison")
        task = comparison(branch, variant.comparison, outputs=good)
        task.add_catch(
            sfn.Succeed.jsonata(branch, "Not compared"),
            errors=["States.ALL"],
            outputs={
                "changed": True,
                "error": expression("$states.errorOutput.Error"),
                "cause": expression(or_empty("$states.errorOutput.Cause")),
            },
        )
        compare.branch(task)
        _name_apart(branch, variant.variant)
    return failures.catch(compare)


def _name_apart(scope: Construct, variant: str) -> None:
    """Those in a distributed map have their names already."""
    prefix = prefix_of(variant)
    for state in scope.node.find_all():
        if isinstance(state, sfn.State) and not state.state_id.startswith(prefix):
            state.add_prefix(prefix)


def _branch(
    scope: Construct, props: SideBySideProps, variant: VariantRunProps, number: int
) -> sfn.IChainable:
    failures = _failure(scope, props, variant)
    details = details_of(variant.variant)
    endings = Endings(
        published=published(
            scope,
            use_case=props.use_case,
            metrics="$judgement.metrics",
            output=output_of(variant.variant),
            **details,
        ),
        unchanged=nothing_new(
            scope,
            use_case=props.use_case,
            generation="$comparison.generation",
            metrics="$comparison.metrics",
            output="$comparison.output",
            **details,
        ),
    )
    beginnings = variant_run(scope, variant, then=endings, failures=failures)
    begin = sfn.Pass.jsonata(
        scope,
        "Begin",
        assign={"comparison": expression(f"$comparisons[{number}]"), "begun": expression(ENTERED)},
        outputs={},
    )
    decide = (
        sfn.Choice.jsonata(
            scope,
            ANYTHING_NEW,
            outputs={},
        )
        .when(
            sfn.Condition.jsonata(expression("$comparison.error != ''")),
            failures.state,
            assign=failures.details(step=COMPARE, error="$comparison.error", cause="$comparison.cause"),
        )
        .when(sfn.Condition.jsonata(expression(IS_NEW)), beginnings.new)
        .otherwise(beginnings.unchanged)
    )
    return begin.next(decide)


def _failure(scope: Construct, props: SideBySideProps, variant: VariantRunProps) -> FailureRoute:
    """Ends the branch well, with the failure as its outcome."""
    details = {
        **details_of(variant.variant),
        "step": f"${_PREFIX}Step",
        "error": f"${_PREFIX}Error",
        "cause": f"${_PREFIX}Reason",
    }
    told = finished(scope, "Failed", props.use_case, _FAILED, told="true", **details)
    untold = finished(scope, "Failed, and nobody was told", props.use_case, _FAILED, told="false", **details)
    return told_failure(
        scope,
        FailurePathProps(
            title=props.title,
            use_case=props.use_case,
            topic=props.topic,
            consequences=variant.consequences,
            variant=variant.variant,
        ),
        prefix=_PREFIX,
        reason=f"{_PREFIX}Reason",
        then=Told(told=told, untold=untold),
    )
