"""The secret that signs the links by which people unsubscribe."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from constructs.ground.access import Access, secret_access
from constructs.ground.removal import removal


@dataclass(frozen=True, kw_only=True)
class UnsubscribeSecretProps:
    """name: fixed, because the API of other regions knows its replica by the name only. copied: it is another
    region's, whose stack makes this region's replica of it.
    """

    name: str
    replica_regions: tuple[str, ...]
    retain: bool
    copied: bool = False


class UnsubscribeSecret(Construct):
    """Made by Secrets Manager when the stack is deployed, and known to nobody."""

    def __init__(self, scope: Construct, construct_id: str, props: UnsubscribeSecretProps) -> None:
        super().__init__(scope, construct_id)
        self.name = props.name
        self.reading = secret_access(self, props.name) if props.copied else self._made(props)

    def _made(self, props: UnsubscribeSecretProps) -> Access:
        """The right to read it."""
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=props.name,
            description="Signs the links by which people unsubscribe from e-mails",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in props.replica_regions],
            removal_policy=removal(retain=props.retain),
        )
        cdk.Validations.of(secret).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-SMG4",
                reason="Links in e-mails that were sent have to work as long as the e-mails exist",
            )
        )

        return Access(actions=("secretsmanager:GetSecretValue",), resources=(secret.secret_arn,))
