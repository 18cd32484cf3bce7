"""The bucket between the database, Amazon Personalize and the serving table."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.personalize_service import personalize_principal
from constructs.ground.removal import removal
from constructs.storage.bucket_copies import BucketCopies, BucketCopiesProps, Receiver

DATASETS, BATCH, RUNS, EVENTS = "datasets", "batch", "runs", "events"
JOINED, NOTIFICATIONS, UPLOADS, MODELS = "joined", "notifications", "uploads", "models"
SWITCHES, MEASURED = "switches", "measured"
"""First part of every key: exported tables, batch inference, records of runs, events, a day's events that are
trained on, notifications, files that somebody puts there where no database is, models of our own, records of
switches from region to region, counted days and reports of experiments.
"""
COPIED = (DATASETS, EVENTS, MEASURED, MODELS, RUNS, SWITCHES, UPLOADS)
"""What other regions have copies of: what cannot be made again, or not at once. Batch files, joined events
and notifications are of one run, and made anew by the next one.
"""


@dataclass(frozen=True, kw_only=True)
class DataBucketProps:
    """retain: whether both buckets outlive the stack.
    versioned: whether what is overwritten or deleted is kept for `noncurrent_days`.
    own_jobs_only: as of the key.
    dataset_days, batch_days, notification_days: how long files of past runs are kept, which hold personal
    data; records stay.
    event_days: how long tracked events are kept, and files that were joined of them; personal data as well.
    model_days: how long models of our own are kept, which hold what people touched; None: there are none.
    access_log_days: how long the log of requests is kept.
    for_personalize: whether jobs of Amazon Personalize read and write here.
    name: fixed, of a bucket that other regions copy to; None: CloudFormation's.
    receivers: buckets of other regions that have copies of `COPIED`; both sides keep versions then.
    """

    key: kms.IKey
    retain: bool
    versioned: bool
    own_jobs_only: bool = False
    dataset_days: int = 14
    batch_days: int = 14
    event_days: int = 400
    notification_days: int = 14
    noncurrent_days: int = 14
    model_days: int | None = None
    access_log_days: int = 90
    for_personalize: bool = True
    name: str | None = None
    receivers: tuple[Receiver, ...] = ()


class DataBucket(Construct):
    """Encrypted with our key, reachable over TLS only, every request logged; open to Personalize's jobs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: DataBucketProps,
        *,
        copies: "DataBucket | None" = None,
    ) -> None:
        """copies: of this region, with what other regions' buckets have."""
        super().__init__(scope, construct_id)
        self.copies = copies
        # Whatever flags the app has: without this one, access logs ask for an ACL, which the bucket forbids.
        self.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
        self.key = props.key
        policy = removal(retain=props.retain)
        self.access_logs = s3.Bucket(
            self,
            "AccessLogs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(props.access_log_days))],
            removal_policy=policy,
        )
        cdk.Validations.of(self.access_logs).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-S1",
                reason="The bucket of access logs would log the writing of its own logs, without end",
            )
        )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=props.name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=props.key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=props.versioned or bool(props.receivers),
            server_access_logs_bucket=self.access_logs,
            lifecycle_rules=_lifecycle(props),
            removal_policy=policy,
        )
        if props.for_personalize:
            self._let_personalize_in(personalize_principal(self, own_jobs_only=props.own_jobs_only))
        for bucket in (self.access_logs, self.bucket):
            assert bucket.policy
            bucket.policy.apply_removal_policy(policy)
        if props.receivers:
            BucketCopies(
                self,
                "Copies",
                BucketCopiesProps(
                    bucket=self.bucket, key=props.key, receivers=props.receivers, prefixes=COPIED
                ),
            )

    @property
    def environment(self) -> dict[str, str]:
        """Of functions that read: what is not here is looked for among the copies."""
        names = [each.bucket.bucket_name for each in (self, self.copies) if each]
        return {"DATA_BUCKET": ",".join(names)}

    def objects(self, prefix: str) -> str:
        """The ARN of everything under a prefix, for example `datasets/films`."""
        return self.bucket.arn_for_objects(f"{prefix}/*")

    def grant_read(self, role: iam.Role, prefix: str, *, why: str) -> None:
        allow(
            role,
            Access(actions=("s3:GetObject",), resources=(self.objects(prefix),), why=why),
            Access(actions=("kms:Decrypt",), resources=(self.key.key_arn,)),
        )

    def grant_find(self, role: iam.Role, prefix: str, *, why: str) -> None:
        """Reading and listing, here and among the copies."""
        self.grant_read(role, prefix, why=why)
        self.grant_list(role)
        if self.copies and prefix.partition("/")[0] in COPIED:
            self.copies.grant_read(role, prefix, why=why)
            self.copies.grant_list(role)

    def grant_find_object(self, role: iam.Role, key: str) -> None:
        """One object, here or among the copies: who may not list is not told that it is not here."""
        self.grant_read_object(role, key)
        if self.copies:
            self.grant_list(role)
            self.copies.grant_read_object(role, key)
            self.copies.grant_list(role)

    def grant_read_object(self, role: iam.Role, key: str) -> None:
        """One object."""
        allow(
            role,
            Access(actions=("s3:GetObject",), resources=(self.bucket.arn_for_objects(key),)),
            Access(actions=("kms:Decrypt",), resources=(self.key.key_arn,)),
        )

    def grant_write(self, role: iam.Role, prefix: str, *, why: str) -> None:
        """Includes multipart uploads, whose parts are decrypted to be put together."""
        allow(
            role,
            Access(
                actions=("s3:AbortMultipartUpload", "s3:PutObject"),
                resources=(self.objects(prefix),),
                why=why,
            ),
            Access(actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(self.key.key_arn,)),
        )

    def grant_put(self, role: iam.Role, prefix: str, *, why: str) -> None:
        """Whole objects; nothing in parts."""
        allow(
            role,
            Access(actions=("s3:PutObject",), resources=(self.objects(prefix),), why=why),
            Access(actions=("kms:GenerateDataKey",), resources=(self.key.key_arn,)),
        )

    def grant_list(self, role: iam.Role) -> None:
        allow(role, Access(actions=("s3:ListBucket",), resources=(self.bucket.bucket_arn,)))

    def _let_personalize_in(self, principal: iam.IPrincipal) -> None:
        """Personalize wants the bucket's consent besides its role's rights: listing, reading, writing."""
        statements = (
            ("PersonalizeLists", "s3:ListBucket", [self.bucket.bucket_arn]),
            ("PersonalizeReads", "s3:GetObject", [self.objects(DATASETS), self.objects(BATCH)]),
            ("PersonalizeWrites", "s3:PutObject", [self.objects(BATCH)]),
        )
        for sid, action, resources in statements:
            self.bucket.add_to_resource_policy(
                iam.PolicyStatement(sid=sid, principals=[principal], actions=[action], resources=resources)
            )


def _lifecycle(props: DataBucketProps) -> list[s3.LifecycleRule]:
    rules = [
        s3.LifecycleRule(id=f"Expire-{prefix}", prefix=f"{prefix}/", expiration=cdk.Duration.days(days))
        for prefix, days in (
            (DATASETS, props.dataset_days),
            (BATCH, props.batch_days),
            (EVENTS, props.event_days),
            (JOINED, props.event_days),
            (NOTIFICATIONS, props.notification_days),
            *([(MODELS, props.model_days)] if props.model_days is not None else []),
        )
    ]
    rules.append(
        s3.LifecycleRule(id="Abandoned-uploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(1))
    )
    if props.versioned or props.receivers:
        rules.append(
            s3.LifecycleRule(
                id="Expire-old-versions",
                noncurrent_version_expiration=cdk.Duration.days(props.noncurrent_days),
                expired_object_delete_marker=True,
            )
        )
    return rules
