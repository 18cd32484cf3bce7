"""The workflows' roles allow what their definitions call, and nothing else."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config.schema import StageConfig
from tests.app.support.business.stages import STAGES
from tests.app.support.own_only import OWN_STAGE
from tests.app.support.rights import TELEMETRY, arns_of
from tests.app.support.side_by_side import BESIDE_STAGE
from tests.app.support.template_reading import (
    Machine,
    Right,
    Template,
    machines_of,
    resources_of,
    rights_of,
    training_of,
)
from tests.support.authorisation_reference import required_types

every_primary = pytest.mark.parametrize(
    "stage", (*STAGES, OWN_STAGE, BESIDE_STAGE), ids=lambda stage: stage.name
)
ACTIVE = json.dumps({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["region#active"]}})
PASSED = json.dumps({"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}})


@every_primary
def test_a_workflow_may_do_what_its_definition_calls_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = training_of(templates, stage)

    shared = arns_of(templates, stage)
    for machine in machines_of(template):
        needed = set(needs(machine, stage.region, stage.account, shared["table"]))
        needed |= set(keys(template, shared["key"]))
        needed |= {Right(action, "*") for action in TELEMETRY}
        assert rights_of(template, machine.role) == needed


def needs(machine: Machine, region: str, account: str, table: str) -> Iterator[Right]:
    where = f"{region}:{account}"
    for _, state, scope in machine.states():
        arguments = state.get("Arguments", {})
        if state["Type"] == "Map":
            yield from _of_map(state, machine, where)
        if state["Type"] == "Task":
            service = state["Resource"].split(":::")[1]
            if service == "lambda:invoke":
                yield Right("lambda:InvokeFunction", arguments["FunctionName"])
            elif service == "sns:publish":
                yield Right("sns:Publish", arguments["TopicArn"])
            elif service == "aws-sdk:sfn:listExecutions":
                yield Right("states:ListExecutions", f"arn:aws:states:{where}:stateMachine:{machine.name}")
            elif service == "aws-sdk:dynamodb:query":
                yield Right("dynamodb:Query", table, ACTIVE)
                assert arguments["ExpressionAttributeValues"] == {":pk": {"S": "region#active"}}
            elif service.startswith("aws-sdk:personalize:"):
                yield from _of_personalize(service.rsplit(":", 1)[1], arguments, scope, machine, where)
            else:
                raise AssertionError(f"what does {service} need?")


def _of_personalize(
    call: str, arguments: dict[str, Any], scope: dict[str, Any], machine: Machine, where: str
) -> Iterator[Right]:
    """What the reference requires, and guesses beyond it.

    A job's ARN ends in its name; a solution version's begins with the solution's.
    """
    personalize = f"arn:aws:personalize:{where}"
    solution = next(
        task["Arguments"]["SolutionArn"]
        for _, task in machine.tasks("aws-sdk:personalize:createSolutionVersion")
    )
    versions = {"createSolutionVersion": {solution}, "describeSolutionVersion": {f"{solution}/*"}}
    names = [
        state["Arguments"]["JobName"] for state in scope.values() if "JobName" in state.get("Arguments", {})
    ]
    arns: dict[str, set[Any]] = {
        "batchInferenceJob": {f"{personalize}:batch-inference-job/{_constant(name)}*" for name in names},
        # Job names and campaigns begin alike: with the name of the machine.
        "campaign": {f"{personalize}:campaign/{machine.name}"},
        "dataset": {arguments.get("DatasetArn")},
        "datasetImportJob": {f"{personalize}:dataset-import-job/{_constant(name)}*" for name in names},
        "solution": versions.get(call, {solution, f"{solution}/*"}),
    }
    action = f"personalize:{call[0].upper()}{call[1:]}"
    guessed = {arguments["FilterArn"]} if "FilterArn" in arguments else set()
    guessed |= arns["solution"] if call == "updateCampaign" else set()
    required = {arn for type_ in required_types(action) for arn in arns[type_]}
    assert required, f"what does {call} need?"
    yield from (Right(action, resource) for resource in required | guessed)
    assert "Tags" not in arguments, "tags need personalize:TagResource"
    if "RoleArn" in arguments:
        yield Right("iam:PassRole", arguments["RoleArn"], PASSED)


def _of_map(state: dict[str, Any], machine: Machine, where: str) -> Iterator[Right]:
    """A distributed map starts its own machine, watches the executions, and reads its items from S3."""
    assert state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    states = f"arn:aws:states:{where}"
    yield Right("states:StartExecution", f"{states}:stateMachine:{machine.name}")
    children = f"{states}:execution:{machine.name}/{state['Label']}:*"
    for action in ("states:DescribeExecution", "states:StopExecution"):
        yield Right(action, children)
        yield Right(action, f"{states}:execution:{machine.name}:*")
    yield Right("states:RedriveExecution", children)
    bucket = state["ItemReader"]["Arguments"]["Bucket"].strip("<>")
    assert state["ItemReader"]["Arguments"]["Key"] == "{% $batchInput.shardsKey %}"
    yield Right("s3:GetObject", f"<{bucket}.Arn>/batch/{machine.use_case}/*/shards.json")


def keys(template: dict[str, Any], bucket_key: str) -> Iterator[Right]:
    """Encrypted: the topic, for publishing; the bucket, for reading the list of shards."""
    [topic] = resources_of(template, "AWS::SNS::Topic").values()
    key = f"<{topic['KmsMasterKeyId']['Fn::GetAtt'][0]}.Arn>"
    yield from (Right("kms:Decrypt", key), Right("kms:GenerateDataKey", key))
    yield Right("kms:Decrypt", bucket_key)


def _constant(job_name: str) -> str:
    match = re.fullmatch(r'{% "([\w-]+-)" & \$run %}', job_name)
    assert match, f"a job's name must be constant up to the run: {job_name}"
    return match[1]
