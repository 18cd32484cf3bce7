"""Datasets go into Amazon Personalize: one import job each, in parallel."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute, failed_branch
from constructs.workflow.language import call, expression, literal
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use
from constructs.workflow.waiting import Job, Patience, await_job

CREATING = ("CREATE PENDING", "CREATE IN_PROGRESS")


@dataclass(frozen=True, kw_only=True)
class ImportsProps:
    """name_prefix: of jobs, <prefix>-<dataset>-<run>. dataset_arns: by name. role_arn: of the jobs."""

    name_prefix: str
    dataset_arns: Mapping[str, str]
    role_arn: str
    patience: Patience


def import_datasets(
    scope: Construct, props: ImportsProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.Parallel:
    """Reads the variables run and datasets."""
    imports = sfn.Parallel.jsonata(scope, "Import datasets", outputs={})
    for dataset, arn in props.dataset_arns.items():
        imports.branch(_import(scope, props, dataset, arn))
    failures.catch(imports)
    imports.next(then)
    return imports


def _import(scope: Construct, props: ImportsProps, dataset: str, dataset_arn: str) -> sfn.IChainable:
    failures = failed_branch(scope, f"Import {dataset} failed")
    job = Job(
        title=f"the import of {dataset}",
        variable="import",
        action="describeDatasetImportJob",
        argument="DatasetImportJobArn",
        member="DatasetImportJob",
        pending=CREATING,
        error="Import",
        patience=props.patience,
    )
    imported = sfn.Succeed.jsonata(scope, f"Imported {dataset}", outputs={})
    wait = await_job(scope, job, then=imported, failures=failures)
    name = f"{literal(f'{props.name_prefix}-{dataset}-')} & $run"
    create = call(
        scope,
        f"Import {dataset}",
        "personalize",
        "createDatasetImportJob",
        {
            "JobName": expression(name),
            "DatasetArn": dataset_arn,
            "DataSource": {"DataLocation": expression(f"$datasets[dataset = {literal(dataset)}].location")},
            "RoleArn": props.role_arn,
            "ImportMode": "FULL",
        },
        assign=job.started("$states.result.DatasetImportJobArn"),
        outputs={},
    )
    retry_while_in_use(retry_when_full(create))
    already_created(create, job, f"{literal(arn_prefix(scope, 'dataset-import-job'))} & {name}", wait)
    return persist(create, failures).next(wait)


def arn_prefix(scope: Construct, kind: str) -> str:
    """Of Personalize's resources: the ARN without the name at its end."""
    stack = cdk.Stack.of(scope)
    return stack.format_arn(service="personalize", resource=kind, resource_name="")


def already_created(task: sfn.TaskStateBase, job: Job, arn: str, wait: sfn.Wait) -> None:
    """A creation whose answer was lost is repeated and finds its own job, to be awaited. arn: JSONata."""
    task.add_catch(wait, errors=["Personalize.ResourceAlreadyExistsException"], assign=job.started(arn))
