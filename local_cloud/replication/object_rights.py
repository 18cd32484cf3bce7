"""What the role of a bucket's rules needs for each copy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from moto.kms.models import kms_backends

from local_cloud.judge.actions.need import Need
from local_cloud.judge.instance import installed
from rights.patterns import Context

_SERVICE, _SESSION = "s3.amazonaws.com", "s3-replication"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Of an object. key: ARN of the KMS key that encrypts it; None: none does."""

    region: str
    bucket: str
    name: str
    key: str | None

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def arn(self) -> str:
        return f"{self.bucket_arn}/{self.name}"


def require(role: str, source: Place, target: Place, *, writing: str) -> None:
    """writing: the action, s3:ReplicateObject or s3:ReplicateDelete. Raises: Refused, by the first right that
    the role lacks, or if it does not trust Amazon S3.
    """
    authority = installed()
    keys = authority.assume(role, _SERVICE, _SESSION, source.bucket_arn)
    authority.role_needs(keys, [*_reading(source), *_writing(target, writing)])


def key_of(account: str, region: str, key: str) -> str:
    """The ARN of the key that an ARN of a key or of an alias names; as it is, if there is no such key."""
    backend = kms_backends[account][region]
    name = key.partition(":alias/")[2]
    found = backend.get_key_id_from_alias(f"alias/{name}") if name else None
    return str(backend.keys[found].arn) if found in backend.keys else key


def _reading(source: Place) -> Iterator[Need]:
    for action in ("s3:GetReplicationConfiguration", "s3:ListBucket"):
        yield Need(action=action, resource=source.bucket_arn)
    for action in ("ForReplication", "Acl", "Tagging"):
        yield Need(action=f"s3:GetObjectVersion{action}", resource=source.arn)
    if source.key:
        yield _of_key("kms:Decrypt", source.key, source)


def _writing(target: Place, action: str) -> Iterator[Need]:
    yield Need(action=action, resource=target.arn)
    if target.key:
        yield _of_key("kms:Encrypt", target.key, target)


def _of_key(action: str, key: str, place: Place) -> Need:
    aliases = kms_backends[key.split(":")[4]][place.region].list_aliases(key.rpartition("/")[2])
    context: Context = {
        "kms:ViaService": f"s3.{place.region}.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": place.bucket_arn,
        "kms:ResourceAliases": tuple(alias.alias_name for alias in aliases),
    }
    return Need(action=action, resource=key, context=context)
