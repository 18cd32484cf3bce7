"""Buckets whose rules copy objects to a bucket of another region."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import ROLE
from tests.local_cloud.support.regions import AWAY, HOME, Regions
from tests.local_cloud.support.stacks import Stacks, ref, resource


@pytest.fixture
def away(regions: Regions) -> str:
    """A bucket with versions."""
    name, s3 = f"test-{uuid4().hex[:12]}", regions.aws.client("s3", AWAY)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": AWAY})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def rule(destination: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": "all",
        "Status": "Enabled",
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
        **more,
    }


def bucket(*rules: dict[str, Any]) -> dict[str, Any]:
    return resource(
        "AWS::S3::Bucket",
        VersioningConfiguration={"Status": "Enabled"},
        ReplicationConfiguration={"Role": ROLE, "Rules": list(rules)},
    )


def test_what_a_rule_names_is_copied_with_its_versions_and_deletions(
    regions: Regions, stacks: Stacks, away: str
) -> None:
    rules = rule(away, Filter={"Prefix": "runs/"}, Priority=1, DeleteMarkerReplication={"Status": "Enabled"})
    stack = stacks.create({"Bucket": bucket(rules)}, {"Name": ref("Bucket")})
    assert stack.status == "CREATE_COMPLETE", stack.events
    here, s3, there = stack.outputs["Name"], regions.aws.client("s3", HOME), regions.aws.client("s3", AWAY)
    regions.links(seconds=0.05, shuffled=True)
    for text in ("first", "second", "third"):
        s3.put_object(Bucket=here, Key="runs/a", Body=text, Metadata={"who": "me"})
    s3.put_object(Bucket=here, Key="batch/a", Body="stays")
    s3.put_object(Bucket=here, Key="runs/gone", Body="text")
    regions.drained()
    s3.delete_object(Bucket=here, Key="runs/gone")
    assert regions.drained()

    copies = there.list_object_versions(Bucket=away)
    versions = s3.list_object_versions(Bucket=here, Prefix="runs/")
    for kind in ("Versions", "DeleteMarkers"):
        told, made = (
            {(each["Key"], each["VersionId"], each["IsLatest"]) for each in listed[kind]}
            for listed in (copies, versions)
        )
        assert told == made
    newest = there.get_object(Bucket=away, Key="runs/a")
    assert (newest["Body"].read(), newest["Metadata"]) == (b"third", {"who": "me"})


def test_a_template_without_rules_takes_them_away(regions: Regions, stacks: Stacks, away: str) -> None:
    plain = resource("AWS::S3::Bucket", VersioningConfiguration={"Status": "Enabled"})
    stack = stacks.create({"Bucket": bucket(rule(away, Prefix=""))}, {"Name": ref("Bucket")})
    here, s3 = stack.outputs["Name"], regions.aws.client("s3", HOME)
    for number, template in enumerate((plain, bucket(rule(away, Prefix="")))):
        stack.update({"Bucket": template}, {"Name": ref("Bucket")})
        s3.put_object(Bucket=here, Key=str(number), Body="x")
    assert regions.drained()
    listed = regions.aws.client("s3", AWAY).list_objects_v2(Bucket=away)["Contents"]
    assert [each["Key"] for each in listed] == ["1"]


def test_what_is_encrypted_by_a_key_is_copied_only_if_a_rule_says_so(
    regions: Regions, stacks: Stacks, away: str
) -> None:
    chosen = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    plain = rule(away, Prefix="")
    stack = stacks.create({"Bucket": bucket(plain)}, {"Name": ref("Bucket")})
    here, s3 = stack.outputs["Name"], regions.aws.client("s3", HOME)
    s3.put_object(Bucket=here, Key="a", Body="x", ServerSideEncryption="aws:kms")
    key = regions.aws.client("kms", AWAY).create_key()["KeyMetadata"]["Arn"]
    keyed = rule(away, Prefix="", SourceSelectionCriteria=chosen)
    keyed["Destination"] |= {"EncryptionConfiguration": {"ReplicaKmsKeyID": key}}
    stack.update({"Bucket": bucket(keyed)}, {"Name": ref("Bucket")})
    s3.put_object(Bucket=here, Key="b", Body="x", ServerSideEncryption="aws:kms")
    assert regions.drained()
    there = regions.aws.client("s3", AWAY)
    assert [each["Key"] for each in there.list_objects_v2(Bucket=away)["Contents"]] == ["b"]
    assert there.head_object(Bucket=away, Key="b")["SSEKMSKeyId"] == key


def test_both_buckets_must_have_versions(regions: Regions, away: str) -> None:
    here = regions.aws.bucket({})
    api = {
        "Role": ROLE,
        "Rules": [{"Status": "Enabled", "Prefix": "", "Destination": rule(away)["Destination"]}],
    }
    with pytest.raises(ClientError, match="Versioning must be 'Enabled' on the bucket"):
        regions.aws.client("s3").put_bucket_replication(Bucket=here, ReplicationConfiguration=api)
