"""The datasets of a run: extracted, all of them, then compared with the last good run's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.beginning import finished
from constructs.workflow.dataset_source import DatasetSource
from constructs.workflow.failure import FailureRoute, failed_branch
from constructs.workflow.language import NULL, Task, expression, invoke, retry

COMPARE, ANYTHING_NEW = "Compare datasets", "Is there anything new?"
IS_NEW = "$comparison.changed or $force"
"""JSONata: whether the run trains."""


def extract_datasets(
    scope: Construct,
    sources: tuple[DatasetSource, ...],
    *,
    use_case: str,
    queries: lambda_.IFunction,
    files: lambda_.IFunction,
    list_opt_outs: lambda_.IFunction,
    then: sfn.IChainable,
    failures: FailureRoute,
) -> sfn.IChainable:
    """Assigns optedOut, the key of a file, and datasets: a list of what extract_dataset answers. The
    SQL stands in the definition. queries, files: the functions that extract the one and the other.
    """
    opted_out = invoke(
        scope,
        "List who opted out",
        list_opt_outs,
        {"useCase": use_case, "run": expression("$run")},
        assign={"optedOut": expression("$states.result.Payload.key")},
        outputs={},
    )
    failures.catch(opted_out)
    extract = sfn.Parallel.jsonata(
        scope, "Extract datasets", assign={"datasets": expression("$states.result")}, outputs={}
    )
    for source in sources:
        task = invoke(
            scope,
            f"Extract {source.name}",
            queries if source.query is not None else files,
            {
                "useCase": use_case,
                "run": expression("$run"),
                "dataset": source.name,
                **source.origin,
                "columns": [dict(column) for column in source.columns],
                "optedOut": expression("$optedOut"),
                **({"tracked": dict(source.tracked)} if source.tracked else {}),
                **({"eventTypes": dict(source.event_types)} if source.event_types else {}),
            },
        )
        if source.query is not None:
            # A database that fails over is back within minutes.
            retry(task, ("DatabaseUnavailable",), first_seconds=60, longest_seconds=120, attempts=2)
        if source.tracked:
            # Each call goes on where the one before it has stopped.
            retry(task, ("EventsUnfinished",), first_seconds=5, longest_seconds=30, attempts=24)
        extract.branch(failed_branch(scope, f"Extract {source.name} failed").catch(task))
    failures.catch(extract)
    extract.next(then)
    return opted_out.next(extract)


@dataclass(frozen=True, kw_only=True)
class ComparisonProps:
    """model: members of the function's input that tell models defined otherwise apart. budget: of the run, as
    `pipeline.deciding.spending.Budget`, in camel case; None: it may cost what it does. guards: what may have
    changed since the last good run, as `pipeline.deciding.guards.Guards`; None: anything.
    """

    use_case: str
    variant: str
    model: Mapping[str, str]
    function: lambda_.IFunction
    budget: Mapping[str, float | bool] | None = None
    guards: Mapping[str, Any] | None = None


def compare_datasets(
    scope: Construct,
    props: ComparisonProps,
    *,
    then: sfn.IChainable,
    unchanged: sfn.IChainable,
    failures: FailureRoute,
) -> sfn.IChainable:
    """Assigns comparison. unchanged: follows when data and model are those of the last good run, unless the
    run is forced.
    """
    assign = {"comparison": expression("$states.result.Payload")}
    compare = failures.catch(comparison(scope, props, assign=assign, outputs={}))
    decide = (
        sfn.Choice.jsonata(scope, ANYTHING_NEW, outputs={})
        .when(sfn.Condition.jsonata(expression(IS_NEW)), then)
        .otherwise(unchanged)
    )
    return compare.next(decide)


def comparison(
    scope: Construct, props: ComparisonProps, *, assign: Mapping[str, str] | None = None, outputs: Any
) -> Task:
    """The state that compares, and nothing else."""
    return invoke(
        scope,
        COMPARE,
        props.function,
        {
            "useCase": props.use_case,
            "variant": props.variant,
            "run": expression("$run"),
            "force": expression("$force"),
            "datasets": expression("$datasets"),
            **props.model,
            **({"budget": dict(props.budget)} if props.budget else {}),
            **_guarding(props.guards),
        },
        assign=assign,
        outputs=outputs,
    )


def _guarding(guards: Mapping[str, Any] | None) -> dict[str, Any]:
    if guards is None:
        return {}
    told = {
        name: {share: NULL if one is None else one for share, one in value.items()}
        if isinstance(value, Mapping)
        else value
        for name, value in guards.items()
    }
    return {"guards": told, "acceptData": expression("$acceptData")}


def nothing_new(scope: Construct, *, use_case: str, **details: str) -> sfn.Succeed:
    """Reads the variable comparison. details: JSONata."""
    return finished(scope, "Unchanged", use_case, "unchanged", reason="$comparison.reason", **details)
