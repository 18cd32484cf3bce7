"""What there is with a run's id in its name or in its tags, service by service."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jmespath
from botocore.exceptions import BotoCoreError, ClientError

from operations.estate.kinds import DELETABLE
from verification.ground.account import Cloud
from verification.ground.names import carries, checked


@dataclass(frozen=True)
class Listing:
    """names: JMESPath of what the operation lists: names, or pairs of a name and what to remove it by.
    command: that removes one, with `{}` for what it is removed by.
    """

    service: str
    operation: str
    names: str
    command: str


LISTINGS = (
    Listing(
        "cloudformation",
        "list_stacks",
        "StackSummaries[?StackStatus!='DELETE_COMPLETE'].StackName",
        "aws cloudformation delete-stack --stack-name {}",
    ),
    Listing("s3", "list_buckets", "Buckets[].Name", "aws s3 rb --force s3://{}"),
    Listing("dynamodb", "list_tables", "TableNames[]", "aws dynamodb delete-table --table-name {}"),
    Listing(
        "lambda",
        "list_functions",
        "Functions[].FunctionName",
        "aws lambda delete-function --function-name {}",
    ),
    Listing(
        "stepfunctions",
        "list_state_machines",
        "stateMachines[].stateMachineArn",
        "aws stepfunctions delete-state-machine --state-machine-arn {}",
    ),
    Listing("sns", "list_topics", "Topics[].TopicArn", "aws sns delete-topic --topic-arn {}"),
    Listing("sqs", "list_queues", "QueueUrls[]", "aws sqs delete-queue --queue-url {}"),
    Listing("events", "list_rules", "Rules[].Name", "aws events delete-rule --name {}"),
    Listing("scheduler", "list_schedules", "Schedules[].Name", "aws scheduler delete-schedule --name {}"),
    Listing(
        "logs",
        "describe_log_groups",
        "logGroups[].logGroupName",
        "aws logs delete-log-group --log-group-name {}",
    ),
    Listing("iam", "list_roles", "Roles[].RoleName", "aws iam delete-role --role-name {}"),
    Listing(
        "cloudwatch",
        "describe_alarms",
        "MetricAlarms[].AlarmName",
        "aws cloudwatch delete-alarms --alarm-names {}",
    ),
    Listing(
        "cloudwatch",
        "list_dashboards",
        "DashboardEntries[].DashboardName",
        "aws cloudwatch delete-dashboards --dashboard-names {}",
    ),
    Listing("apigatewayv2", "get_apis", "Items[].[Name, ApiId]", "aws apigatewayv2 delete-api --api-id {}"),
    Listing("ssm", "describe_parameters", "Parameters[].Name", "aws ssm delete-parameter --name {}"),
    Listing(
        "secretsmanager",
        "list_secrets",
        "SecretList[].Name",
        "aws secretsmanager delete-secret --secret-id {}",
    ),
    *(
        Listing("personalize", kind.listing, f"{kind.listed_as}[].[name, {kind.arn}]", kind.command)
        for kind in DELETABLE
    ),
)
_TAGGED = "ResourceTagMappingList[].ResourceARN"


@dataclass(frozen=True)
class Named:
    """handle: what the service knows it by, which need not have the name in it: an event tracker's ARN."""

    name: str
    handle: str


@dataclass(frozen=True)
class Left:
    """command: that removes it."""

    service: str
    name: str
    command: str


@dataclass(frozen=True)
class Inventory:
    """left: what carries the run's id. unseen: what could not be looked at, and why."""

    left: tuple[Left, ...] = ()
    unseen: tuple[str, ...] = ()
    looked_at: int = field(default=0, compare=False)


def names_of(cloud: Cloud, listing: Listing) -> Iterator[Named]:
    """All of the account and region, whoever they belong to."""
    client = cloud.client(listing.service)
    pages: Iterable[Any]
    if client.can_paginate(listing.operation):
        pages = client.get_paginator(listing.operation).paginate()
    else:
        pages = [getattr(client, listing.operation)()]
    for page in pages:
        for found in jmespath.search(listing.names, page) or ():
            yield Named(found, found) if isinstance(found, str) else Named(*found)


def of_run(cloud: Cloud, listing: Listing, run: str) -> list[Named]:
    """Those that carry the run's id. Raises: NoRunId."""
    return [found for found in names_of(cloud, listing) if carries(found.name, run)]


def take_inventory(cloud: Cloud, run: str) -> Inventory:
    """Raises: NoRunId."""
    left: list[Left] = []
    unseen: list[str] = []
    looked_at, handles = 0, set[str]()
    for listing in LISTINGS:
        try:
            for found in names_of(cloud, listing):
                looked_at += 1
                if carries(found.name, run):
                    left.append(Left(listing.service, found.name, listing.command.format(found.handle)))
                    handles.add(found.handle)
        except (ClientError, BotoCoreError) as error:
            unseen.append(f"{listing.service} {listing.operation}: {error}")
    try:
        left += [one for one in _tagged(cloud, run) if one.name not in handles]
    except (ClientError, BotoCoreError) as error:
        unseen.append(f"resourcegroupstaggingapi get_resources: {error}")
    return Inventory(tuple(left), tuple(unseen), looked_at)


def _tagged(cloud: Cloud, run: str) -> Iterator[Left]:
    """What has the stage's tag; a key that waits for its deletion, and billing is over of, is not left."""
    client = cloud.client("resourcegroupstaggingapi")
    filters = [{"Key": "stage", "Values": [checked(run)]}]
    for page in client.get_paginator("get_resources").paginate(TagFilters=filters):
        for arn in jmespath.search(_TAGGED, page) or ():
            service = arn.split(":")[2]
            if service == "kms" and _ends(cloud, arn):
                continue
            yield Left(service, arn, f"see `aws {service} help`: it has the tag stage={run}, {arn}")


def _ends(cloud: Cloud, arn: str) -> bool:
    try:
        described = cloud.client("kms").describe_key(KeyId=arn)
    except cloud.client("kms").exceptions.NotFoundException:
        return True
    return bool(described["KeyMetadata"]["KeyState"] == "PendingDeletion")
