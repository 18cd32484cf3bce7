"""The stacks of a stage as they are in its account, and the alarms that they have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from delivery.ground.bootstrap import Clients
from delivery.ground.errors import NotDelivered
from review.reading.assemblies import Estate, Stack

_ABSENT = frozenset({"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"})
"""Nothing of such a stack is there; the CDK creates it."""
_WHOLE = frozenset(
    {
        *(f"{what}_COMPLETE" for what in ("CREATE", "UPDATE", "UPDATE_ROLLBACK")),
        *(f"IMPORT{what}_COMPLETE" for what in ("", "_ROLLBACK")),
    }
)
_ALARM = "AWS::CloudWatch::Alarm"


@dataclass(frozen=True)
class Deployed:
    """alarms: their ARNs by stack and logical id."""

    stacks: Estate
    alarms: Mapping[str, Mapping[str, str]]


def deployed(clients: Clients, account: str, places: Mapping[str, str], after: Estate) -> Deployed:
    """places: what names of stacks begin with, by region. after: what is to be; a template of which
    CloudFormation has only spoilt letters counts as equal.

    Raises: NotDelivered, if a stack is being changed, or is left half changed.
    """
    stacks, alarms, unfit = {}, dict[str, Mapping[str, str]](), list[str]()
    for region, prefix in places.items():
        client = clients(region, "cloudformation")
        for found in _stacks(client, prefix):
            name, status = str(found["StackName"]), str(found["StackStatus"])
            if status in _ABSENT:
                continue
            if status not in _WHOLE:
                unfit.append(f"{name} in {region} is {status}")
                continue
            template = client.get_template(StackName=name)["TemplateBody"]
            stacks[name] = Stack(
                name=name,
                id=after[name].id if name in after else name,
                account=account,
                region=region,
                template=_as_meant(template, after[name].template if name in after else template),
                protected=bool(found.get("EnableTerminationProtection")),
            )
            alarms[name] = dict(_alarms(client, name, account, region))
    if unfit:
        raise NotDelivered(
            f"{'; '.join(unfit)}: wait until what runs has ended, or mend it (docs/production.md, Recovery)"
        )
    return Deployed(stacks, alarms)


def _stacks(client: Any, prefix: str) -> Iterator[Mapping[str, Any]]:
    for page in client.get_paginator("describe_stacks").paginate():
        yield from (one for one in page["Stacks"] if one["StackName"].startswith(prefix))


def _alarms(client: Any, stack: str, account: str, region: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for one in page["StackResourceSummaries"]:
            if one["ResourceType"] == _ALARM and one.get("PhysicalResourceId"):
                arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{one['PhysicalResourceId']}"
                yield one["LogicalResourceId"], arn


def _as_meant(found: Any, meant: Any) -> Any:
    """CloudFormation gives letters outside of ASCII back as question marks."""
    return meant if _spoilt(meant) == found else found


def _spoilt(value: Any) -> Any:
    match value:
        case str():
            return value.encode("ascii", "replace").decode("ascii")
        case dict():
            return {_spoilt(key): _spoilt(member) for key, member in value.items()}
        case list() | tuple():
            return [_spoilt(member) for member in value]
        case _:
            return value
