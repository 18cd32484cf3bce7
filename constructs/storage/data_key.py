"""The key that encrypts the data on its way to the models and back."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.ground.personalize_service import personalize_principal
from constructs.ground.removal import removal


@dataclass(frozen=True, kw_only=True)
class DataKeyProps:
    """retain: whether the key outlives the stack; without it, what it encrypted is lost.
    own_jobs_only: whether Personalize must say that it works for this account, in aws:SourceAccount and
    aws:SourceArn. The documented policy does not ask for it, and whether it says so in all of its calls is
    not known.
    pending_days: 7 to 30, in which a deleted key can still be saved.
    for_personalize: whether Amazon Personalize may use it.
    """

    description: str
    retain: bool
    own_jobs_only: bool = False
    pending_days: int = 7
    for_personalize: bool = True


class DataKey(Construct):
    """A key of our own, rotated every year. Personalize may use it, and its roles for jobs."""

    def __init__(self, scope: Construct, construct_id: str, props: DataKeyProps) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description=props.description,
            enable_key_rotation=True,
            pending_window=cdk.Duration.days(props.pending_days),
            removal_policy=removal(retain=props.retain),
        )
        if props.for_personalize:
            let_personalize_use(self.key, personalize_principal(self, own_jobs_only=props.own_jobs_only))


def let_personalize_use(key: kms.IKey, principal: iam.IPrincipal) -> None:
    """principal: the service, and each role that it takes on for jobs."""
    key.add_to_resource_policy(
        iam.PolicyStatement(principals=[principal], actions=list(_USE), resources=["*"])
    )


_USE = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants")
"""The key policy's actions in Amazon Personalize's developer guide, "Giving Amazon Personalize permission to
use your AWS KMS key".
"""
