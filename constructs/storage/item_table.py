"""A DynamoDB table that holds several kinds of items, told apart by the beginning of their keys."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.removal import removal

_EXPIRY = "expires"
"""Attribute with the second (epoch) after which an item may be removed."""
DENIED = "denied#*"
"""Partitions of the serving table with the items that are denied, one per use case."""
OPTED_OUT = "opted-out"
"""Partition of the serving table with the people who do not want to be personalised."""


@dataclass(frozen=True, kw_only=True)
class ItemTableProps:
    """name: fixed, because other regions and the tools of operators know the table by its name only.
    replica_regions: without the stack's own.
    recovery_days: how far back it can be restored, 1 to 35.
    copied: the table is another region's, whose stack makes this region's copy of it.
    retain: whether table and replicas outlive the stack. protected: whether they refuse to be deleted, which
    a deployment that fails does with what it has just created: to be asked for only from the second one on.
    """

    name: str
    replica_regions: tuple[str, ...] = ()
    retain: bool
    protected: bool = False
    recovery_days: int = 35
    copied: bool = False


class ItemTable(Construct):
    """A global table, paid per request, restorable to any second of the last days.

    Its key is DynamoDB's own in each region: a key of ours would have to exist in every replica's region
    before the table does.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ItemTableProps) -> None:
        super().__init__(scope, construct_id)
        self.name = props.name
        self.table = (
            dynamodb.TableV2.from_table_name(self, "Table", props.name) if props.copied else self._made(props)
        )

    def _made(self, props: ItemTableProps) -> dynamodb.ITableV2:
        return dynamodb.TableV2(
            self,
            "Table",
            table_name=props.name,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            time_to_live_attribute=_EXPIRY,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=props.recovery_days
            ),
            deletion_protection=props.protected,
            removal_policy=removal(retain=props.retain),
            replicas=[
                dynamodb.ReplicaTableProps(region=region, deletion_protection=props.protected)
                for region in props.replica_regions
            ],
        )

    def items(self, actions: tuple[str, ...], *keys: str) -> Access:
        """Rights on the items whose partition key looks like one of `keys`, such as `user#*`."""
        return items_access(self.table.table_arn, actions, *keys)


def items_access(table_arn: str, actions: tuple[str, ...], *keys: str) -> Access:
    """The rights of `ItemTable.items`, on a table of another stack or region."""
    return Access(
        actions=actions,
        resources=(table_arn,),
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
    )
