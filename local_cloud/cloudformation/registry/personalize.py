"""AWS::Personalize: calls to the Personalize server, awaited as CloudFormation does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes
from local_cloud.cloudformation.templates.errors import ResourceFailed

DEADLINE_SECONDS = 900.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`word` is the API's name of the resource, as in describe_<word>; `fixed` its create-only properties.

    `without` is what an updatable property is that the template does not have.
    """

    type: str
    word: str
    member: str
    fixed: str
    updatable: str = ""
    without: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = True
    more_attributes: tuple[str, ...] = ()

    @property
    def arn_member(self) -> str:
        return f"{self.member}Arn"

    @property
    def arn_attribute(self) -> str:
        return f"{self.member[0].upper()}{self.member[1:]}Arn"

    def describe(self, request: Request, arn: str) -> Mapping[str, Any]:
        answer = request.call("personalize", f"describe_{self.word}", {self.arn_member: arn})
        described: Mapping[str, Any] = answer[self.member]
        return described

    def row(self) -> ResourceType:
        return ResourceType(
            name=self.type,
            create=self.create,
            update=self.update if self.updatable else None,
            delete=self.delete,
            properties=names(self.updatable),
            replacing=names(self.fixed),
            adopt=self.adopt,
            identifier=(self.arn_attribute,),
            # The Personalize server takes tags as the service does: none that begin with aws:, from anybody.
            names_its_stack=False,
        )

    def create(self, request: Request) -> Physical:
        answer = request.call("personalize", f"create_{self.word}", request.properties)
        arn = answer[self.arn_member]
        request.began(Physical(arn, {self.arn_attribute: arn}))
        return self._physical(arn, {**self._active(request, arn), **answer})

    def adopt(self, request: Request, identifier: Mapping[str, str]) -> Physical:
        arn = identifier[self.arn_attribute]
        return self._physical(arn, self.describe(request, arn))

    def _physical(self, arn: str, described: Mapping[str, Any]) -> Physical:
        attributes = {
            f"{name[0].upper()}{name[1:]}": str(described[name])
            for name in self.more_attributes
            if name in described
        }
        return Physical(arn, {self.arn_attribute: arn, **attributes})

    def update(self, request: Request, physical: Physical) -> Physical:
        changed = [name for name in names(self.updatable) - {"Tags"} if request.changed(name)]
        if changed:
            without = {name: value for name, value in self.without.items() if name in changed}
            arguments = without | request.some(*changed)
            request.call("personalize", f"update_{self.word}", arguments, **{self.arn_member: physical.id})
            self._active(request, physical.id)
        tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
        if tags:
            request.call("personalize", "tag_resource", resourceArn=physical.id, tags=tags)
        if gone:
            request.call("personalize", "untag_resource", resourceArn=physical.id, tagKeys=gone)
        return physical

    def delete(self, request: Request, physical: Physical) -> None:
        request.call_unless_absent("personalize", f"delete_{self.word}", **{self.arn_member: physical.id})
        request.wait(
            lambda: self._gone(request, physical.id), f"deletion of {physical.id}", seconds=DEADLINE_SECONDS
        )

    def _active(self, request: Request, arn: str) -> Mapping[str, Any]:
        """Waits for ACTIVE; a failure carries the service's failureReason."""
        if not self.waits:
            return {}
        described: Mapping[str, Any] = {}

        def active() -> bool:
            nonlocal described
            described = self.describe(request, arn)
            latest = described.get(f"latest{self.member[0].upper()}{self.member[1:]}Update") or {}
            for state in (described, latest):
                if str(state.get("status", "")).endswith("FAILED"):
                    raise ResourceFailed(
                        f"{arn} is {state['status']}: {state.get('failureReason', 'no reason given')}"
                    )
            return bool(described["status"] == "ACTIVE" and latest.get("status", "ACTIVE") == "ACTIVE")

        request.wait(active, f"{arn} becoming ACTIVE", seconds=DEADLINE_SECONDS)
        return described

    def _gone(self, request: Request, arn: str) -> bool:
        try:
            status = self.describe(request, arn).get("status")
        except ClientError as problem:
            if problem.response["Error"]["Code"] == "ResourceNotFoundException":
                return True
            raise
        if status == "DELETE FAILED":
            raise ResourceFailed(f"{arn} could not be deleted")
        return False


KINDS = (
    Kind(
        type="AWS::Personalize::DatasetGroup",
        word="dataset_group",
        member="datasetGroup",
        fixed="Name Domain RoleArn KmsKeyArn Tags",
    ),
    Kind(
        type="AWS::Personalize::Schema",
        word="schema",
        member="schema",
        fixed="Name Schema Domain",
        waits=False,
    ),
    Kind(
        type="AWS::Personalize::Dataset",
        word="dataset",
        member="dataset",
        fixed="Name DatasetType DatasetGroupArn SchemaArn Tags",
    ),
    Kind(
        type="AWS::Personalize::Solution",
        word="solution",
        member="solution",
        fixed="Name DatasetGroupArn RecipeArn EventType PerformAutoML PerformHPO SolutionConfig Tags",
    ),
    Kind(
        type="AWS::Personalize::Filter",
        word="filter",
        member="filter",
        fixed="Name DatasetGroupArn FilterExpression",
        updatable="Tags",
        more_attributes=("status", "creationDateTime", "lastUpdatedDateTime"),
    ),
    Kind(
        type="AWS::Personalize::Campaign",
        word="campaign",
        member="campaign",
        fixed="Name",
        updatable="SolutionVersionArn CampaignConfig MinProvisionedTPS Tags",
        without={"CampaignConfig": {}, "MinProvisionedTPS": 1},
        more_attributes=("status", "creationDateTime", "lastUpdatedDateTime"),
    ),
    Kind(
        type="AWS::Personalize::EventTracker",
        word="event_tracker",
        member="eventTracker",
        fixed="Name DatasetGroupArn",
        updatable="Tags",
        more_attributes=("trackingId",),
    ),
)
TYPES = tuple(kind.row() for kind in KINDS)
