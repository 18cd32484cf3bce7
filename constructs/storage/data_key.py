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
    pending_days: 7 to 30, in which a deleted key can still be saved.
    for_personalize: whether Amazon Personalize may use it.
    """

    description: str
    retain: bool
    pending_days: int = 7
    for_personalize: bool = True


class DataKey(Construct):
    """A key of our own, rotated every year; Personalize may use it for this account's jobs only."""

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
            self.key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="PersonalizeForThisAccount",
                    principals=[personalize_principal(self)],
                    actions=[
                        "kms:CreateGrant",
                        "kms:Decrypt",
                        "kms:DescribeKey",
                        "kms:GenerateDataKey",
                        "kms:ListGrants",
                    ],
                    resources=["*"],
                )
            )
