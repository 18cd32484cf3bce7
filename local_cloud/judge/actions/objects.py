"""S3, and the key that a bucket encrypts by.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from moto.s3.models import s3_backends

from local_cloud.judge.actions.need import Need, Needs, Table, key_need
from local_cloud.judge.actions.requests import Asked
from rights.patterns import Context

_HEADER_KEYS = {
    "s3:x-amz-acl": "x-amz-acl",
    "s3:x-amz-server-side-encryption": "x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-storage-class": "x-amz-storage-class",
}


def _context(asked: Asked) -> Context:
    sent = {key: asked.headers.get(header) for key, header in _HEADER_KEYS.items()}
    prefix = asked.members.get("Prefix")
    return {"s3:TlsVersion": "1.3", "s3:ResourceAccount": asked.account, "s3:prefix": prefix, **sent}


def _need(asked: Asked, action: str, key: str | None = None) -> Need:
    bucket = f"arn:aws:s3:::{asked.members['Bucket']}"
    resource = bucket if key is None else f"{bucket}/{key}"
    return Need(action=f"s3:{action}", resource=resource, context=_context(asked))


def _of_bucket(action: str) -> Needs:
    return lambda asked: (_need(asked, action),)


def _of_object(action: str, *of_key: str) -> Needs:
    """of_key: what the bucket's key must do for it."""

    def needs(asked: Asked) -> Iterator[Need]:
        yield _need(asked, action, asked.members["Key"])
        key = _key(asked, asked.members["Bucket"])
        for each in of_key if key else ():
            yield key_need(each, str(key))

    return needs


def _copied(asked: Asked) -> Iterator[Need]:
    bucket, _, key = unquote(str(asked.members["CopySource"]).lstrip("/")).partition("/")
    source = Need(
        action="s3:GetObject",
        resource=f"arn:aws:s3:::{bucket}/{key.partition('?')[0]}",
        context=_context(asked),
    )
    yield source
    if encrypted := _key(asked, bucket):
        yield key_need("Decrypt", encrypted)
    yield from _of_object("PutObject", "GenerateDataKey")(asked)


def _deleted(asked: Asked) -> Iterator[Need]:
    """One object, or one version of it."""
    action = "DeleteObjectVersion" if asked.members.get("VersionId") else "DeleteObject"
    yield _need(asked, action, asked.members["Key"])


def _all_deleted(asked: Asked) -> Iterator[Need]:
    for entry in asked.members["Delete"]["Objects"]:
        action = "DeleteObjectVersion" if entry.get("VersionId") else "DeleteObject"
        yield _need(asked, action, entry["Key"])


def _key(asked: Asked, bucket: str) -> str | None:
    """The ARN of the customer's key by which an object is or will be encrypted, if there is one."""
    if asked.headers.get("x-amz-server-side-encryption") == "aws:kms":
        named = asked.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
        if named:
            return named
    found = s3_backends[asked.account]["aws"].buckets.get(bucket)
    rule: Any = ((found.encryption if found else None) or {}).get("Rule", {})
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    return default.get("KMSMasterKeyID") if default.get("SSEAlgorithm") == "aws:kms" else None


OPERATIONS: Table = {
    "GetObject": _of_object("GetObject", "Decrypt"),
    "HeadObject": _of_object("GetObject"),
    "PutObject": _of_object("PutObject", "GenerateDataKey"),
    "CopyObject": _copied,
    "CreateMultipartUpload": _of_object("PutObject", "GenerateDataKey"),
    "UploadPart": _of_object("PutObject", "GenerateDataKey", "Decrypt"),
    "CompleteMultipartUpload": _of_object("PutObject", "Decrypt"),
    "AbortMultipartUpload": _of_object("AbortMultipartUpload"),
    "ListParts": _of_object("ListMultipartUploadParts"),
    "DeleteObject": _deleted,
    "DeleteObjects": _all_deleted,
    "HeadBucket": _of_bucket("ListBucket"),
    "ListObjects": _of_bucket("ListBucket"),
    "ListObjectsV2": _of_bucket("ListBucket"),
    "ListObjectVersions": _of_bucket("ListBucketVersions"),
    "ListMultipartUploads": _of_bucket("ListBucketMultipartUploads"),
    "GetBucketLocation": _of_bucket("GetBucketLocation"),
}


def to_see_that_it_is_absent(asked: Asked) -> Need | None:
    """Who may not list a bucket is told 403 instead of 404 of an object that is not there."""
    return _need(asked, "ListBucket") if asked.operation in ("GetObject", "HeadObject") else None
