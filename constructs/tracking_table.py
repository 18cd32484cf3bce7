"""The table that events are claimed and counted in."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.access import Access, allow
from constructs.removal import removal
from constructs.serving_table import EXPIRY


@dataclass(frozen=True, kw_only=True)
class TrackingTableProps:
    """name: fixed, for the tools of operators. retain: whether the table outlives the stack."""

    name: str
    retain: bool


class TrackingTable(Construct):
    """Paid per request; claims expire by themselves, counters after 400 days."""

    def __init__(self, scope: Construct, construct_id: str, props: TrackingTableProps) -> None:
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
        )

    def grant_consume(self, role: iam.Role) -> None:
        """Transactions need the rights of the writes that they are made of."""
        allow(
            role,
            Access(
                actions=(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                resources=(self.table.table_arn,),
            ),
        )
