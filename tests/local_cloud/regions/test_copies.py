"""The buckets that a stage with a standby has, as its templates make them: each region has copies of what the
other one writes, by the rights of the role that the templates give to the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps

from config.schema import StageConfig, Standby, Tier
from local_cloud.ground.settings import Rights
from pipeline.storage import Bucket
from review.reading.templates import templates_of
from stacks.copies import CopiesStack, receivers
from tests.local_cloud.support.local_aws import serving
from tests.local_cloud.support.regions import AWAY, HOME, Regions

STAGE = StageConfig(
    name="copied",
    tier=Tier.PRODUCTION,
    account="123456789012",
    region=HOME,
    owner="tests",
    database=None,
    standby_regions=(Standby(region=AWAY),),
)
OTHER = {HOME: AWAY, AWAY: HOME}
Templates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Rights are enforced."""
    with serving(tmp_path_factory.mktemp("copies"), Rights.ENFORCE) as aws:
        yield Regions(aws)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """By the stack's name: <region>-Copies, <region>-Data."""
    folder = tmp_path_factory.mktemp("templates")
    app = cdk.App(
        outdir=str(folder),
        analytics_reporting=False,
        default_stack_synthesizer=cdk.LegacyStackSynthesizer(),
    )
    for stage in (STAGE, STAGE.in_standby(STAGE.standby_regions[0])):
        env = cdk.Environment(account=stage.account, region=stage.region)
        scope = cdk.Stage(app, stage.region, env=env)
        CopiesStack(scope, "Copies", stage=stage, model_days=35)
        data = cdk.Stack(scope, "Data")
        key = DataKey(data, "Key", DataKeyProps(description="data", retain=False)).key
        props = DataBucketProps(
            key=key, retain=True, versioned=False, receivers=receivers(STAGE, stage.region)
        )
        bucket = DataBucket(data, "Bucket", props).bucket
        cdk.CfnOutput(data, "DataBucketName", value=bucket.bucket_name)
    app.synth()
    return templates_of(folder)


def deploy(regions: Regions, name: str, template: dict[str, Any]) -> str:
    """The output that names its bucket; "" if the stack failed."""
    api = regions.aws.client("cloudformation", name.rpartition("-")[0])
    api.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    stack = api.describe_stacks(StackName=name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        api.delete_stack(StackName=name)
        return ""
    return str(
        next(one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"].endswith("BucketName"))
    )


def keys(regions: Regions, region: str, bucket: str) -> set[str]:
    listed = regions.aws.client("s3", region).list_objects_v2(Bucket=bucket)
    return {each["Key"] for each in listed.get("Contents", ())}


def test_each_region_gets_copies_of_what_the_other_writes_and_nothing_goes_round(
    regions: Regions, templates: Templates
) -> None:
    assert deploy(regions, f"{HOME}-Data", templates[f"{HOME}-Data"]) == "", "nobody can receive yet"
    copies = {region: deploy(regions, f"{region}-Copies", templates[f"{region}-Copies"]) for region in OTHER}
    data = {region: deploy(regions, f"{region}-Data", templates[f"{region}-Data"]) for region in OTHER}
    assert all(copies.values()) and all(data.values())
    clients = {region: regions.aws.client("s3", region) for region in OTHER}

    for region, s3 in clients.items():
        for key in (f"events/{region}", f"models/{region}", "runs/posts/own/last_good.json", "batch/x"):
            s3.put_object(Bucket=data[region], Key=key, Body=region.encode())
    assert regions.drained()

    last = "runs/posts/own/last_good.json"
    for region, other in OTHER.items():
        assert keys(regions, region, copies[region]) == {f"events/{other}", f"models/{other}", last}
        assert keys(regions, region, data[region]) == {
            f"events/{region}",
            f"models/{region}",
            last,
            "batch/x",
        }
        copy = clients[region].head_object(Bucket=copies[region], Key=last)
        [key] = (
            alias["TargetKeyId"]
            for alias in regions.aws.client("kms", region).list_aliases()["Aliases"]
            if alias["AliasName"] == "alias/recs-copied-copies"
        )
        assert copy["SSEKMSKeyId"].endswith(f":key/{key}") and f":{region}:" in copy["SSEKMSKeyId"]
        both = Bucket.named(clients[region], f"{data[region]},{copies[region]}")
        assert both.open(f"events/{other}").read() == other.encode()
        assert both.open(last).read() == region.encode()
    newest = Bucket.named(clients[AWAY], f"{data[AWAY]},{copies[AWAY]}")
    assert newest.open_newest(last).read() == AWAY.encode(), "written last"

    clients[HOME].delete_object(Bucket=data[HOME], Key=f"events/{HOME}")
    assert regions.drained()
    with pytest.raises(ClientError, match="NoSuchKey"):
        clients[AWAY].get_object(Bucket=copies[AWAY], Key=f"events/{HOME}")


LACKING = (
    *("s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObjectVersionForReplication"),
    *("s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:ReplicateObject"),
    *("kms:Decrypt", "kms:Encrypt"),
)


def test_without_any_of_its_rights_the_role_copies_nothing(regions: Regions) -> None:
    """After the test before, whose stacks are there."""
    s3, iam = regions.aws.client("s3", HOME), regions.aws.client("iam")
    cloudformation = regions.aws.client("cloudformation", HOME)
    outputs = cloudformation.describe_stacks(StackName=f"{HOME}-Data")["Stacks"][0]["Outputs"]
    [bucket] = (one["OutputValue"] for one in outputs)
    role = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Role"].rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]

    for number, action in enumerate(("", *LACKING)):
        left = json.loads(json.dumps(whole))
        for statement in left["Statement"]:
            listed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [one for one in listed if one != action] or ["s3:GetBucketTagging"]
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(left))
        s3.put_object(Bucket=bucket, Key=f"runs/{number}", Body=b"x")
        assert regions.drained()
    copied = keys(regions, AWAY, f"recs-copied-copies-{STAGE.account}-{AWAY}")
    assert {key for key in copied if key.startswith("runs/") and "/posts/" not in key} == {"runs/0"}
