"""Roles allow what the service authorisation reference knows, on every type of resource that it requires."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.app.support.template_reading import Template, linked, resources_of, rights_of
from tests.support.authorisation_reference import expanded, is_of, required_types, types_of

EXCEPTIONS = {
    "Lambda asks for these before an interface has an id; AWS's own policy for it has *": (
        "ec2:AssignPrivateIpAddresses does not take *",
        "ec2:CreateNetworkInterface does not take *",
        "ec2:DeleteNetworkInterface does not take *",
        "ec2:UnassignPrivateIpAddresses does not take *",
    ),
    "The suppression list is the account's; only a tenant's has an ARN": (
        "ses:ListSuppressedDestinations does not take *",
    ),
    "The reference knows topics only; a push message goes to an endpoint, or is checked on its application": (
        "sns:Publish does not take app",
        "sns:Publish does not take endpoint",
        "sns:Publish on app and endpoint lacks topic",
    ),
    "The reference knows no resources, but SNS has been seen to deny these on the application": (
        "sns:CreatePlatformEndpoint does not take app",
        "sns:DeleteEndpoint does not take app",
        "sns:SetEndpointAttributes does not take app",
    ),
    "Guesses: named in the call, though not in the reference": (
        "personalize:CreateBatchInferenceJob does not take filter",
        "personalize:GetRecommendations does not take filter",
        "personalize:UpdateCampaign does not take solution",
        "sns:DeleteEndpoint does not take endpoint",
        "sns:SetEndpointAttributes does not take endpoint",
    ),
    "Alternatives, though the reference requires both: executions are standard here, of machines": (
        "states:DescribeExecution on execution lacks express",
        "states:ListExecutions on stateMachine lacks maprun",
    ),
}
EXCUSED = {finding for findings in EXCEPTIONS.values() for finding in findings}
ARNS = {
    "AWS::DynamoDB::GlobalTable": "arn:aws:dynamodb:region:account:table/name",
    "AWS::IAM::Role": "arn:aws:iam::account:role/name",
    "AWS::KMS::Key": "arn:aws:kms:region:account:key/id",
    "AWS::Lambda::Function": "arn:aws:lambda:region:account:function:name",
    # Its ARN ends in `:*`, which is its streams.
    "AWS::Logs::LogGroup": "arn:aws:logs:region:account:log-group:name:log-stream:*",
    "AWS::S3::Bucket": "arn:aws:s3:::name",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:region:account:secret:name",
    "AWS::SES::ConfigurationSet": "name",
    "AWS::SNS::Topic": "arn:aws:sns:region:account:name",
    "AWS::SQS::Queue": "arn:aws:sqs:region:account:name",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:region:account:stateMachine:name",
}
"""What a reference to a resource stands for, by its type."""
Allowed = dict[str, frozenset[str]]


def findings(action: str, resources: frozenset[str]) -> Iterator[str]:
    """What is wrong with a role that may do this on these and on nothing else."""
    if action not in expanded(action):
        yield f"{action} is not in the reference"
        return
    kinds = sorted({kind_of(resource) for resource in resources})
    for type_ in required_types(action):
        if not any(is_of(type_, action, resource) for resource in resources):
            yield f"{action} on {' and '.join(kinds) or 'nothing'} lacks {type_}"
    types = types_of(action)
    for resource in resources:
        taken = not types if resource == "*" else any(is_of(type_, action, resource) for type_ in types)
        if not taken:
            yield f"{action} does not take {kind_of(resource)}"


def kind_of(resource: str) -> str:
    return "*" if resource == "*" else re.split("[:/]", resource.split(":", 5)[5])[0]


@pytest.fixture(scope="module")
def allowed(templates: dict[str, Template]) -> dict[str, Allowed]:
    """By role: actions, and the resources of each as ARNs."""
    types = {
        name: resource["Type"]
        for template in templates.values()
        for name, resource in template["Resources"].items()
    }
    found = {}
    for stack in templates:
        template = linked(templates, stack)
        for role in resources_of(template, "AWS::IAM::Role"):
            resources = defaultdict(set)
            for right in rights_of(template, role):
                for action in expanded(right.action) or [right.action]:
                    resources[action].add(with_arns(right.resource, types))
            found[f"{stack} {role}"] = {action: frozenset(arns) for action, arns in resources.items()}
    return found


def with_arns(resource: str, types: Mapping[str, str]) -> str:
    return re.sub(r"<(\w+)(\.Arn)?>", lambda name: ARNS[types[name[1]]], resource)


def test_every_role_may_use_every_type_of_resource_that_its_actions_require(
    allowed: dict[str, Allowed],
) -> None:
    found = {
        finding
        for actions in allowed.values()
        for action, resources in actions.items()
        for finding in findings(action, resources)
    }

    assert sorted(found - EXCUSED) == []
    assert sorted(EXCUSED - found) == [], "exceptions that nothing needs"


def test_a_role_stripped_of_any_type_of_resource_that_is_required_is_found(
    allowed: dict[str, Allowed],
) -> None:
    unnoticed = []
    stripped = 0
    for role, actions in allowed.items():
        for action, resources in actions.items():
            for type_ in required_types(action):
                rest = frozenset(arn for arn in resources if not is_of(type_, action, arn))
                stripped += rest != resources
                if rest != resources and set(findings(action, rest)) <= EXCUSED:
                    unnoticed.append((role, action, type_))

    assert stripped and not unnoticed


@pytest.mark.parametrize(
    ("action", "resource", "finding"),
    [
        ("s3:ListObjects", "*", "s3:ListObjects is not in the reference"),
        ("s3:Getobject", "*", "s3:Getobject is not in the reference"),
        ("nothing:Get", "*", "nothing:Get is not in the reference"),
        ("s3:ListBucket", "arn:aws:s3:::name/*", "s3:ListBucket does not take name"),
        ("kms:Decrypt", "*", "kms:Decrypt does not take *"),
        ("xray:PutTraceSegments", "arn:aws:xray:r:a:group/x", "xray:PutTraceSegments does not take group"),
    ],
)
def test_a_right_that_cannot_work_is_found(action: str, resource: str, finding: str) -> None:
    assert list(findings(action, frozenset({resource}))) == [finding]


def test_every_action_in_a_template_is_in_the_reference(templates: dict[str, Template]) -> None:
    """Also those of keys, buckets, queues, topics and functions, and of who takes on a role."""
    actions = set(actions_in(list(templates.values())))

    assert {"kms:*", "lambda:InvokeFunction", "s3:*", "sns:Publish", "sts:AssumeRole"} <= actions
    assert [action for action in actions if not expanded(action)] == []


def actions_in(node: Any) -> Iterator[str]:
    match node:
        case {"Action": str(action)}:
            yield action
        case {"Action": [*actions]}:
            yield from actions
        case dict():
            for member in node.values():
                yield from actions_in(member)
        case list():
            for member in node:
                yield from actions_in(member)
