"""Buckets of a stage with a standby: which copies which, and in which order they are deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from review.planning.deploy_plan import deploy_plan, refusals
from review.reading.assemblies import Stack, assembly_of
from review.reading.templates import flat, resources_of
from tests.app.support.business.stages import PROD
from tests.app.support.standby import AWAY, HOME
from tests.app.support.standby import REPLICA as FAR
from tests.app.support.template_reading import rights_of

Estate = dict[str, Stack]
PAIRS = [(HOME, AWAY), (AWAY, HOME)]


@pytest.fixture(scope="module")
def stacks(standby: Path) -> Estate:
    return assembly_of(standby)


def replication(stacks: Estate, region: str) -> tuple[str, dict[str, Any]]:
    """Logical id of the role, and the configuration, of the only bucket that has one."""
    [bucket] = (
        bucket
        for bucket in resources_of(stacks[f"Prod-{region}-Data"].template, "AWS::S3::Bucket").values()
        if "ReplicationConfiguration" in bucket
    )
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    found: dict[str, Any] = bucket["ReplicationConfiguration"]
    return found["Role"]["Fn::GetAtt"][0], found


@pytest.mark.parametrize(("region", "other"), PAIRS)
def test_the_bucket_of_each_region_that_may_be_active_is_copied_to_the_other(
    stacks: Estate, region: str, other: str
) -> None:
    there = stacks[f"Prod-{other}-Copies"].template
    [receiver] = (one for one in resources_of(there, "AWS::S3::Bucket").values() if "BucketName" in one)
    [alias] = resources_of(there, "AWS::KMS::Alias").values()

    _, found = replication(stacks, region)

    assert {rule["Status"] for rule in found["Rules"]} == {"Enabled"}
    for rule in found["Rules"]:
        assert flat(rule["Destination"]["Bucket"]).endswith(f":s3:::{receiver['BucketName']}")
        key = flat(rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"])
        assert key.endswith(f":kms:{other}:{PROD.account}:{alias['AliasName']}")
        assert rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"] == {"Status": "Enabled"}
        assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
    prefixes = {rule["Filter"]["Prefix"] for rule in found["Rules"]}
    assert prefixes == {f"{one}/" for one in "datasets events measured models runs switches uploads".split()}
    assert len({rule["Priority"] for rule in found["Rules"]}) == len(found["Rules"])
    assert receiver["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "ReplicationConfiguration" not in receiver
    kept = {rule["Id"]: rule for rule in receiver["LifecycleConfiguration"]["Rules"]}
    assert kept["Expire-old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 14


@pytest.mark.parametrize(("region", "other"), PAIRS)
def test_the_role_of_the_rules_reads_and_writes_what_they_copy_and_nothing_else(
    stacks: Estate, region: str, other: str
) -> None:
    role, found = replication(stacks, region)
    rights = rights_of(stacks[f"Prod-{region}-Data"].template, role)
    prefixes = {rule["Filter"]["Prefix"] for rule in found["Rules"]}

    objects = {one for one in rights if "GetObjectVersion" in one.action or "s3:Replicate" in one.action}
    assert {one.resource.rpartition("/*")[0].rpartition("/")[2] + "/" for one in objects} == prefixes
    written = {one.resource for one in rights if one.action.startswith("s3:Replicate")}
    assert all(f"-copies-{PROD.account}-{other}/" in resource for resource in written)
    for one in rights:
        if one.action.startswith("kms:"):
            there = other if one.action != "kms:Decrypt" else region
            assert f"s3.{there}." in one.conditions and "EncryptionContext:aws:s3:arn" in one.conditions
            assert (":key/*" in one.resource) == ("kms:ResourceAliases" in one.conditions)


@pytest.mark.parametrize(
    ("region", "queues"),
    [(HOME, [HOME]), (AWAY, [AWAY]), (FAR, [HOME, AWAY])],
    ids=["primary", "standby", "replica"],
)
def test_the_api_of_a_replica_may_send_events_to_any_region_that_trains_others_to_their_own(
    stacks: Estate, region: str, queues: list[str]
) -> None:
    serving = stacks[f"Prod-{region}-Serving"].template
    [function] = (
        one
        for one in resources_of(serving, "AWS::Lambda::Function").values()
        if "EVENTS_QUEUE_REGION" in one.get("Environment", {}).get("Variables", {})
    )

    rights = rights_of(serving, function["Role"]["Fn::GetAtt"][0])

    assert function["Environment"]["Variables"]["EVENTS_QUEUE_REGION"].split(",") == queues
    sent = {right.resource.rpartition(":sqs:")[2] for right in rights if right.action == "sqs:SendMessage"}
    assert sent == {f"{one}:{PROD.account}:recs-prod-events" for one in queues}


def test_late_and_failed_copies_are_alarms_where_they_come_from(stacks: Estate) -> None:
    for region, other in PAIRS:
        alarms = resources_of(stacks[f"Prod-{region}-Observability"].template, "AWS::CloudWatch::Alarm")
        watched = [alarm for name, alarm in alarms.items() if name.startswith("Copies")]
        rules = {
            dimension["Value"]
            for alarm in watched
            for metric in alarm["Metrics"]
            for dimension in metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", ())
            if dimension["Name"] == "RuleId"
        }
        assert len(watched) == 2
        assert rules == {rule["Id"] for rule in replication(stacks, region)[1]["Rules"]}
        assert all(rule.endswith(f"-to-{other}") for rule in rules)


def test_what_gets_copies_comes_before_what_is_copied_and_goes_after_it(stacks: Estate) -> None:
    plan = deploy_plan({}, stacks)
    assert not plan.stuck
    order = [one.stack for one in plan.deployments]
    for region, other in PAIRS:
        assert order.index(f"Prod-{other}-Copies") < order.index(f"Prod-{region}-Data")
    wrong = [f"Prod-{HOME}-Data", *(name for name in order if name != f"Prod-{HOME}-Data")]
    copies, first = f"recs-prod-copies-{PROD.account}-{AWAY}", f"deploy Prod-{AWAY}-Copies first"
    reason = f"Prod-{HOME}-Data: {copies}, which it copies to, is not there yet: {first}"
    assert reason in refusals({}, stacks, wrong)

    back = deploy_plan(stacks, {})
    assert not back.stuck
    order = [one.stack for one in back.deployments]
    for region, other in PAIRS:
        assert order.index(f"Prod-{region}-Data") < order.index(f"Prod-{other}-Copies")


def test_a_stage_with_one_region_that_may_be_active_copies_no_objects(assembly: Path) -> None:
    stacks = assembly_of(assembly)

    assert not [name for name in stacks if name.endswith("-Copies")]
    for stack in stacks.values():
        for bucket in resources_of(stack.template, "AWS::S3::Bucket").values():
            assert "ReplicationConfiguration" not in bucket
