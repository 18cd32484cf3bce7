"""The table that recommendations are served from, in every region of a stage."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.access import Access, allow
from constructs.removal import removal

EXPIRY = "expires"
"""Attribute with the second (epoch) after which an item may be removed."""


@dataclass(frozen=True, kw_only=True)
class ServingTableProps:
    """name: fixed, because other regions know the table by its name only.
    replica_regions: without the stack's own.
    retain: whether table and replicas outlive the stack, and refuse to be deleted by hand.
    """

    name: str
    replica_regions: tuple[str, ...] = ()
    retain: bool


class ServingTable(Construct):
    """A global table, paid per request, restorable to any second of the last 35 days.

    Its key is DynamoDB's own in each region: a key of ours would have to exist in every
    replica's region before the table does.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ServingTableProps) -> None:
        super().__init__(scope, construct_id)
        self.name = props.name
        self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=props.name,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            time_to_live_attribute=EXPIRY,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=props.retain,
            removal_policy=removal(retain=props.retain),
            replicas=[
                dynamodb.ReplicaTableProps(region=region, deletion_protection=props.retain)
                for region in props.replica_regions
            ],
        )

    def grant_load(self, role: iam.Role) -> None:
        """Writing whole batches of users' lists."""
        self._allow(role, "dynamodb:BatchWriteItem")

    def grant_publish(self, role: iam.Role) -> None:
        """Moving the pointer under a condition, and storing the popular list."""
        self._allow(role, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")

    def grant_read(self, role: iam.Role) -> None:
        self._allow(role, "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")

    def _allow(self, role: iam.Role, *actions: str) -> None:
        allow(role, Access(actions=actions, resources=(self.table.table_arn,)))
