"""Replicas of AWS::DynamoDB::GlobalTable: what of them is known, and which changes are one too many."""

from collections.abc import Mapping, Set
from typing import Any

from local_cloud.cloudformation.resources.resource import Request, names
from local_cloud.cloudformation.templates.errors import ResourceFailed

Replicas = Mapping[str, Mapping[str, Any]]
"""By region."""
_KNOWN = names(
    "ContributorInsightsSpecification DeletionProtectionEnabled PointInTimeRecoverySpecification Region "
    "SSESpecification TableClass Tags"
)


def replicas_of(properties: Mapping[str, Any]) -> Replicas:
    """Raises: ResourceFailed, for what the local cloud lacks."""
    replicas: Replicas = {replica["Region"]: replica for replica in properties["Replicas"]}
    unknown = sorted({name for replica in replicas.values() for name in replica} - _KNOWN)
    if unknown:
        raise ResourceFailed(f"the local cloud does not implement {', '.join(unknown)} of a table's replica")
    return replicas


def own_replica(request: Request, replicas: Replicas) -> Mapping[str, Any]:
    """It carries what the API has on the table. Raises: ResourceFailed, without one in the stack's region."""
    if request.region not in replicas:
        raise ResourceFailed(
            f"a global table must have a replica in the region of its stack, {request.region}; "
            f"it has {', '.join(sorted(replicas))}"
        )
    return replicas[request.region]


def check_changes(old: Set[str], new: Set[str]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-globaltable.html

    Raises: ResourceFailed, if more than one is added or removed.
    """
    added, removed = sorted(new - old), sorted(old - new)
    if len(added) + len(removed) > 1:
        told = [f"adds {region}" for region in added] + [f"removes {region}" for region in removed]
        raise ResourceFailed(
            f"only one replica of a table can be added or removed per update, and this one {', '.join(told)}"
        )
