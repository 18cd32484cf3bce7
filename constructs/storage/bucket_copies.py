"""Copies of what a bucket gets, in buckets of other regions, by Amazon S3's own replication.

Rights of the role: Amazon S3 user guide, "Setting up permissions for live replication" and "Replicating
encrypted objects". With a bucket's own data keys the encryption context is the bucket, else the object.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.ground.access import Access, allow


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A bucket with versions in another region of the same account, by names: no reference crosses regions.

    key_alias: of the key there that encrypts the copies, with its prefix `alias/`.
    """

    region: str
    bucket_name: str
    key_alias: str


@dataclass(frozen=True, kw_only=True)
class BucketCopiesProps:
    """bucket: with versions. key: that encrypts it. prefixes: of keys that are copied, without the slash."""

    bucket: s3.Bucket
    key: kms.IKey
    receivers: tuple[Receiver, ...]
    prefixes: tuple[str, ...]


class BucketCopies(Construct):
    """New objects and delete markers; what was there before is not copied, nor what is a copy itself, nor the
    deletion of a version.
    """

    def __init__(self, scope: Construct, construct_id: str, props: BucketCopiesProps) -> None:
        super().__init__(scope, construct_id)
        self._props, self._stack = props, cdk.Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            description="Amazon S3 copies objects to buckets of other regions",
            assumed_by=iam.ServicePrincipal("s3.amazonaws.com"),
        )
        self._let_read()
        for receiver in props.receivers:
            self._let_write(receiver)
        resource = props.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=self.role.role_arn, rules=self._rules()
        )

    def _rules(self) -> Sequence[s3.CfnBucket.ReplicationRuleProperty]:
        pairs = [(receiver, prefix) for receiver in self._props.receivers for prefix in self._props.prefixes]
        return [
            self._rule(receiver, prefix, priority) for priority, (receiver, prefix) in enumerate(pairs, 1)
        ]

    def _rule(self, receiver: Receiver, prefix: str, priority: int) -> s3.CfnBucket.ReplicationRuleProperty:
        alias = self._stack.format_arn(service="kms", region=receiver.region, resource=receiver.key_alias)
        on = "Enabled"
        return s3.CfnBucket.ReplicationRuleProperty(
            id=rule_id(receiver.region, prefix),
            priority=priority,
            status=on,
            filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=f"{prefix}/"),
            delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status=on),
            source_selection_criteria=s3.CfnBucket.SourceSelectionCriteriaProperty(
                sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status=on)
            ),
            destination=s3.CfnBucket.ReplicationDestinationProperty(
                bucket=_bucket_arn(self._stack, receiver.bucket_name),
                encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(
                    replica_kms_key_id=alias
                ),
                metrics=s3.CfnBucket.MetricsProperty(status=on),
            ),
        )

    def _let_read(self) -> None:
        props = self._props
        arn = props.bucket.bucket_arn
        objects = tuple(props.bucket.arn_for_objects(f"{prefix}/*") for prefix in props.prefixes)
        allow(
            self.role,
            Access(actions=("s3:GetReplicationConfiguration", "s3:ListBucket"), resources=(arn,)),
            Access(
                actions=(
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionTagging",
                ),
                resources=objects,
                why="Amazon S3 copies every object below these prefixes",
            ),
            Access(
                actions=("kms:Decrypt",),
                resources=(props.key.key_arn,),
                conditions=self._of_s3(self._stack.region, (arn, *objects)),
            ),
        )

    def _let_write(self, receiver: Receiver) -> None:
        arn = _bucket_arn(self._stack, receiver.bucket_name)
        objects = tuple(f"{arn}/{prefix}/*" for prefix in self._props.prefixes)
        keys = self._stack.format_arn(
            service="kms", region=receiver.region, resource="key", resource_name="*"
        )
        of_s3 = self._of_s3(receiver.region, (arn, *objects))
        allow(
            self.role,
            Access(
                actions=("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"),
                resources=objects,
                why="Amazon S3 copies every object below these prefixes",
            ),
            Access(
                actions=("kms:Encrypt", "kms:GenerateDataKey"),
                resources=(keys,),
                why="The key of another region is known by its alias, which is a condition and no resource",
                conditions={
                    **of_s3,
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": receiver.key_alias},
                },
            ),
        )

    def _of_s3(self, region: str, contexts: tuple[str, ...]) -> dict[str, dict[str, object]]:
        return {
            "StringEquals": {"kms:ViaService": f"s3.{region}.{self._stack.url_suffix}"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": list(contexts)},
        }


def rule_id(region: str, prefix: str) -> str:
    """Of the rule that copies the prefix to the region: a dimension of its metrics."""
    return f"{prefix}-to-{region}"


def _bucket_arn(stack: cdk.Stack, name: str) -> str:
    return stack.format_arn(service="s3", region="", account="", resource=name)
