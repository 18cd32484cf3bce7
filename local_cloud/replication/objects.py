"""Objects that a bucket's rules copy to a bucket of another region, as they are written.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
"""

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeDeleteMarker, S3Backend

from local_cloud.ground.patching import replace
from local_cloud.judge.refusals import Refused
from local_cloud.regions.carrier import Carrier
from local_cloud.regions.links import Change
from local_cloud.replication.object_rights import Place, key_of, require

_KMS = ("aws:kms", "aws:kms:dsse")
_ON = "Enabled"
_log = logging.getLogger(__name__)


def install(carrier: Carrier) -> None:
    """moto keeps the rules, and copies nothing."""

    def put_object(self: Any, bucket_name: str, key_name: str, *more: Any, **named: Any) -> Any:
        written = stock_put(self, bucket_name, key_name, *more, **named)
        for rule in _rules(self, bucket_name, written):
            send(self, bucket_name, rule, partial(_copy, self, stock_put, bucket_name, rule, written))
        return written

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = stock_marker(self, bucket_name, key_name)
        for rule in _rules(self, bucket_name, marker):
            if (rule.get("DeleteMarkerReplication") or {}).get("Status") == _ON:
                send(self, bucket_name, rule, partial(_mark, self, bucket_name, rule, marker))
        return marker

    def send(backend: Any, bucket_name: str, rule: Mapping[str, Any], apply: Any) -> None:
        carrier.send(
            Change(
                source=str(backend.get_bucket(bucket_name).region_name),
                destination=str(_target(backend, rule).region_name),
                about=bucket_name,
                sent=carrier.clock(),
                apply=apply,
            )
        )

    def put_bucket_replication(self: Any, bucket_name: str, replication: dict[str, Any]) -> None:
        _require_versions(self, bucket_name, replication)
        stock_rules(self, bucket_name, replication)

    stock_put = replace(S3Backend, "put_object", put_object)
    stock_marker = replace(S3Backend, "_set_delete_marker", set_delete_marker)
    stock_rules = replace(S3Backend, "put_bucket_replication", put_bucket_replication)


def _require_versions(backend: Any, bucket_name: str, replication: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html"""
    if not backend.get_bucket(bucket_name).is_versioned:
        raise S3ClientError(
            "InvalidRequest",
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        )
    rules = replication["Rule"]
    for rule in rules if isinstance(rules, list) else [rules]:
        if not _target(backend, rule).is_versioned:
            raise S3ClientError("InvalidRequest", "Destination bucket must have versioning enabled.")


def _rules(backend: Any, bucket_name: str, written: Any) -> Iterator[Mapping[str, Any]]:
    """Those that copy the object: of several with one destination, that of the highest priority."""
    configuration = getattr(backend.get_bucket(bucket_name), "replication", None) or {}
    taken: set[str] = set()
    for rule in sorted(configuration.get("Rule", ()), key=lambda rule: -int(rule.get("Priority", 1))):
        destination = rule["Destination"]["Bucket"]
        if destination not in taken and rule["Status"] == _ON and _covers(backend, rule, written):
            taken.add(destination)
            yield rule


def _covers(backend: Any, rule: Mapping[str, Any], written: Any) -> bool:
    filtered = rule.get("Filter") or {}
    every = filtered.get("And") or filtered
    if "Tag" in every or "Tags" in every:
        raise NotImplementedError("replication of objects with tags")
    prefix = every.get("Prefix") or rule.get("Prefix") or ""
    if not written.name.startswith(prefix):
        return False
    chosen = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}
    return getattr(written, "encryption", None) not in _KMS or chosen.get("Status") == _ON


def _target(backend: Any, rule: Mapping[str, Any]) -> Any:
    return backend.get_bucket(rule["Destination"]["Bucket"].rpartition(":")[2])


def _copy(backend: Any, put: Any, bucket_name: str, rule: Mapping[str, Any], written: Any) -> None:
    """The same version, where versions are in the order in which they were written."""
    target, destination = _target(backend, rule), rule["Destination"]
    encrypted = written.encryption in _KMS
    key = (destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID") if encrypted else None
    key = key_of(backend.account_id, target.region_name, key) if key else None
    if not _allowed(backend, bucket_name, target, written, key, "s3:ReplicateObject"):
        return
    kept = {"encryption": written.encryption, "kms_key_id": key} if encrypted else {}
    copy = put(
        backend,
        target.name,
        written.name,
        written.value,
        storage=destination.get("StorageClass") or written.storage_class,
        etag=written.etag.strip('"'),
        checksum_value=written.checksum_value,
        **kept,
    )
    copy.set_metadata(written.metadata)
    copy.last_modified, copy._version_id = written.last_modified, written._version_id
    _in_order(target, written.name)


def _mark(backend: Any, bucket_name: str, rule: Mapping[str, Any], marker: Any) -> None:
    """Deleting one version is never copied, so that what is erased is to be erased in both."""
    target, name = _target(backend, rule), marker.name
    if target.keys.getlist(name, []) and _allowed(
        backend, bucket_name, target, marker, None, "s3:ReplicateDelete"
    ):
        copy = FakeDeleteMarker(key=target.keys[name])
        copy.last_modified, copy._version_id = marker.last_modified, marker._version_id
        target.keys.setlist(name, [*target.keys.getlist(name), copy])
        _in_order(target, name)


def _allowed(
    backend: Any, bucket_name: str, target: Any, written: Any, key: str | None, writing: str
) -> bool:
    """What the role of the rules may not do is not copied, and nobody who has written hears of it."""
    bucket = backend.get_bucket(bucket_name)
    encrypted = getattr(written, "kms_key_id", None) if key else None
    own = key_of(backend.account_id, bucket.region_name, encrypted) if encrypted else None
    source = Place(region=bucket.region_name, bucket=bucket_name, name=written.name, key=own)
    there = Place(region=target.region_name, bucket=target.name, name=written.name, key=key)
    try:
        require(bucket.replication["Role"], source, there, writing=writing)
    except Refused as refused:
        _log.warning("%s is not copied to %s: %s", source.arn, target.name, refused)
        return False
    return True


def _in_order(bucket: Any, name: str) -> None:
    versions = bucket.keys.getlist(name)
    bucket.keys.setlist(name, sorted(versions, key=lambda each: (each.last_modified, each.version_id)))
