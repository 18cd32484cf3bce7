"""The functions' roles allow what their code calls, and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.derived.names import PersonalizeNames
from config.schema import StageConfig
from config.use_cases import USE_CASES
from tests.app.support.business.stages import STAGES
from tests.app.support.rights import EVERYWHERE, LAMBDA_SRC, arns_of, module_name, modules_of, operations_in
from tests.app.support.template_reading import Right, Template, resources_of, rights_of, training_of

every_primary = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)

ACTIONS = {
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "batch_write_item": "dynamodb:BatchWriteItem",
    "complete_multipart_upload": "s3:PutObject",
    "create_multipart_upload": "s3:PutObject",
    "get_object": "s3:GetObject",
    "get_secret_value": "secretsmanager:GetSecretValue",
    "get_solution_metrics": "personalize:GetSolutionMetrics",
    "head_object": "s3:GetObject",
    "put_item": "dynamodb:PutItem",
    "put_object": "s3:PutObject",
    "query": "dynamodb:Query",
    "update_item": "dynamodb:UpdateItem",
    "upload_part": "s3:PutObject",
}
NOT_OF_A_WORKFLOW = {
    "get_recommendations": "the serving API asks campaigns",
    "batch_get_item": "notifications read lists: see test_notifications_stack",
    "delete_item": "the consumer of events forgets a batch that is done; notifications forget devices",
    "transact_write_items": "the consumer of events counts them; notifications fill inboxes",
    "get_item": "serving and notifications read lists, the consumer of events reads experiments",
    "get_metric_data": "what watches an experiment: see contracts/test_ramp.py",
    "delete_objects": "empties a bucket for CloudFormation",
    "list_multipart_uploads": "empties a bucket for CloudFormation",
    "list_object_versions": "empties a bucket for CloudFormation",
    "delete_campaign": "takes a campaign away for CloudFormation",
    "describe_campaign": "takes a campaign away for CloudFormation",
    "describe_solution": "waits for what CloudFormation cannot set",
    "update_solution": "sets what CloudFormation cannot",
}


@dataclass(frozen=True)
class Calls:
    """What a step calls: objects by prefix, items by leading key, and the rest."""

    objects: dict[str, set[str]] = field(default_factory=dict)
    items: dict[str, set[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    @property
    def operations(self) -> set[str]:
        return set().union(*self.objects.values(), *self.items.values(), self.others)

    @property
    def writes(self) -> set[str]:
        return self.operations & {"put_object", "create_multipart_upload"}

    @property
    def reads(self) -> bool:
        return bool(self.operations & {"get_object", "head_object"})


STEPS = {
    "list_opt_outs": Calls(objects={"datasets": {"put_object"}}, items={"opted-out": {"query"}}),
    "extract_dataset": Calls(
        objects={
            "datasets": {
                "get_object",
                "abort_multipart_upload",
                "complete_multipart_upload",
                "create_multipart_upload",
                "put_object",
                "upload_part",
            },
            **{
                f"{prefix}/use_case={case.name}": operations
                for case in USE_CASES
                if case.tracking and case.tracking.trains_on
                for prefix, operations in (
                    ("events", {"get_object"}),
                    ("joined", {"get_object", "put_object"}),
                )
            },
        },
        others={"get_secret_value", "list_objects_v2"},
    ),
    "compare_datasets": Calls(objects={"runs": {"get_object"}}, items={"pointer#*": {"query"}}),
    "judge_solution_version": Calls(
        objects={"runs": {"get_object", "put_object"}}, others={"get_solution_metrics"}
    ),
    "write_batch_input": Calls(objects={"datasets": {"get_object", "head_object"}, "batch": {"put_object"}}),
    "load_recommendations": Calls(objects={"batch": {"get_object"}}, items={"user#*": {"batch_write_item"}}),
    "publish_generation": Calls(
        objects={"batch": {"get_object"}, "datasets": {"get_object"}, "runs": {"put_object"}},
        items={
            "pointer#*": {"query", "update_item"},
            "region#active": {"query"},
            "popular#*": {"put_item"},
            "catalogue#*": {"put_item"},
        },
    ),
}
IN_A_VPC = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


@every_primary
@pytest.mark.parametrize("step", STEPS)
def test_a_function_may_do_what_its_step_calls_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig, step: str
) -> None:
    template = training_of(templates, stage)
    [function] = [
        properties
        for properties in resources_of(template, "AWS::Lambda::Function").values()
        if properties["Handler"] == f"steps.{step}.lambda_handler"
    ]

    allowed = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    assert allowed == set(needs(STEPS[step], function, stage, arns_of(templates, stage)))


def needs(
    calls: Calls, function: dict[str, Any], stage: StageConfig, arns: dict[str, str]
) -> Iterator[Right]:
    yield from _of_objects(calls, arns)
    for leading_keys, operations in calls.items.items():
        condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [leading_keys]}}
        for operation in operations:
            yield Right(ACTIONS[operation], arns["table"], json.dumps(condition))
    where = f"{stage.region}:{stage.account}"
    if "get_secret_value" in calls.others:
        assert stage.database
        secret = f"arn:aws:secretsmanager:{where}:secret:{stage.database.secret_name}-??????"
        yield Right("secretsmanager:GetSecretValue", secret)
    if "get_solution_metrics" in calls.others:
        for use_case in USE_CASES:
            solution = f"solution/{PersonalizeNames(stage.name, use_case).solution}"
            yield Right("personalize:GetSolutionMetrics", f"arn:aws:personalize:{where}:{solution}/*")
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"
    yield from (Right("logs:CreateLogStream", log_group), Right("logs:PutLogEvents", log_group))
    yield from (Right(action, "*") for action in EVERYWHERE)
    if "VpcConfig" in function:
        yield from (Right(action, "*") for action in IN_A_VPC)


def _of_objects(calls: Calls, arns: dict[str, str]) -> Iterator[Right]:
    """The bucket's key besides: to decrypt what is read, to encrypt what is written, both to join parts.

    Without the right to list, a missing object is a denied one.
    """
    for prefix, operations in calls.objects.items():
        for operation in operations:
            yield Right(ACTIONS[operation], f"{arns['bucket']}/{prefix}/*")
    if calls.reads:
        yield Right("s3:ListBucket", arns["bucket"])
    if calls.reads or "create_multipart_upload" in calls.writes:
        yield Right("kms:Decrypt", arns["key"])
    if calls.writes:
        yield Right("kms:GenerateDataKey", arns["key"])


@pytest.mark.parametrize("step", STEPS)
def test_the_calls_above_are_in_the_code_of_the_step(step: str) -> None:
    assert STEPS[step].operations <= operations_in(modules_of(f"steps.{step}"))


def test_every_call_in_the_code_is_some_step_s() -> None:
    modules = {module_name(path) for path in LAMBDA_SRC.rglob("*.py")}

    known = set().union(*(calls.operations for calls in STEPS.values()), NOT_OF_A_WORKFLOW)

    assert operations_in(modules) == known
