"""Resources that outlived their stack, taken over by another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from botocore.exceptions import ClientError
from constructs.ground.removal import removal
from constructs.notifications.unsubscribe_secret import UnsubscribeSecret, UnsubscribeSecretProps
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps
from constructs.storage.item_table import ItemTable, ItemTableProps

from tests.local_cloud.support.cdk_cli import Cli
from tests.local_cloud.support.stacks import Stacks, parameter, resource, template

NAME = "Outlived"
# Of retained types, the property that AWS identifies them by.
IDENTIFIERS = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::KMS::Key": "KeyId",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SecretsManager::Secret": "Id",
}


def assembly(folder: Path) -> dict[str, Any]:
    """A synthesised stack of what a stage keeps, without assets; its template."""
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    stack = cdk.Stack(app, NAME, env=environment, synthesizer=cdk.LegacyStackSynthesizer())
    key = DataKey(stack, "Key", DataKeyProps(description="kept", retain=True))
    DataBucket(stack, "Bucket", DataBucketProps(key=key.key, retain=True, versioned=True))
    ItemTable(stack, "Table", ItemTableProps(name="outlived", retain=True))
    secret = UnsubscribeSecretProps(name="outlived-secret", replica_regions=(), retain=True)
    UnsubscribeSecret(stack, "Secret", secret)
    logs.LogGroup(stack, "Logs", removal_policy=removal(retain=True))
    app.synth()
    parsed: dict[str, Any] = json.loads((folder / f"{NAME}.template.json").read_text())
    return parsed


@pytest.mark.prove
def test_the_cli_imports_what_a_destroyed_stack_has_left_and_deploys_over_it(
    stacks: Stacks, tmp_path: Path
) -> None:
    kept = assembly(tmp_path / "app")
    stacks.names.append(NAME)
    stacks.api.create_stack(StackName=NAME, TemplateBody=json.dumps(kept))
    made = stacks.api.list_stack_resources(StackName=NAME)["StackResourceSummaries"]
    mapping = {
        each["LogicalResourceId"]: {IDENTIFIERS[each["ResourceType"]]: each["PhysicalResourceId"]}
        for each in made
        if each["ResourceType"] in IDENTIFIERS
    }
    assert {each["ResourceType"] for each in made} - {"AWS::CDK::Metadata"} == set(IDENTIFIERS)
    dynamodb = stacks.aws.client("dynamodb")
    dynamodb.put_item(TableName="outlived", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    stacks.api.delete_stack(StackName=NAME)
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    cli = Cli(stacks.aws, tmp_path)
    app = ("--app", str(tmp_path / "app"))

    stacks.api.create_stack(StackName=NAME, TemplateBody=json.dumps(kept))
    events = stacks.api.describe_stack_events(StackName=NAME)["StackEvents"]
    assert [each for each in events if "already exists" in each.get("ResourceStatusReason", "").lower()]
    stacks.api.delete_stack(StackName=NAME)

    cli.succeed("import", NAME, *app, "--resource-mapping", str(tmp_path / "mapping.json"))

    assert stacks.api.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"] == "IMPORT_COMPLETE"
    cli.succeed("deploy", NAME, *app, "--method", "direct", "--require-approval", "never")
    now = stacks.api.list_stack_resources(StackName=NAME)["StackResourceSummaries"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in now}
    assert ids.items() >= {name: next(iter(each.values())) for name, each in mapping.items()}.items()
    assert dynamodb.scan(TableName="outlived")["Count"] == 1


def retained(kind: str, **properties: Any) -> dict[str, Any]:
    return resource(kind, {"DeletionPolicy": "Retain"}, **properties)


GROUP = retained("AWS::Logs::LogGroup", LogGroupName="import-test")


def importing(name: str, kind: str, **identifier: str) -> Mapping[str, Any]:
    return {"LogicalResourceId": name, "ResourceType": kind, "ResourceIdentifier": identifier}


def imported(stacks: Stacks, name: str, resources: Mapping[str, Any], *wanted: Mapping[str, Any]) -> str:
    """The status of the stack after the import."""
    stacks.names.append(name)
    stacks.api.create_change_set(
        StackName=name,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        ResourcesToImport=list(wanted),
        TemplateBody=template(resources),
    )
    described = stacks.api.describe_change_set(StackName=name, ChangeSetName="import")
    actions = [each["ResourceChange"]["Action"] for each in described["Changes"]]
    assert actions == ["Import"] * len(wanted)
    stacks.api.execute_change_set(StackName=name, ChangeSetName="import")
    return str(stacks.api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def test_what_does_not_exist_or_is_another_stacks_is_not_imported(stacks: Stacks) -> None:
    wanted = importing("Group", "AWS::Logs::LogGroup", LogGroupName="import-test")

    assert imported(stacks, "import-absent", {"Group": GROUP}, wanted) == "IMPORT_ROLLBACK_COMPLETE"

    owner = stacks.create({"Owner": GROUP})
    assert imported(stacks, "import-owned", {"Group": GROUP}, wanted) == "IMPORT_ROLLBACK_COMPLETE"
    events = stacks.api.describe_stack_events(StackName="import-owned")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert f"import-test is already managed by stack {owner.name}, as Owner" in reasons
    owner.delete()
    assert imported(stacks, "import-free", {"Group": GROUP}, wanted) == "IMPORT_COMPLETE"
    stacks.aws.client("logs").delete_log_group(logGroupName="import-test")


def test_an_import_changes_nothing_else_and_says_all_that_is_wrong_with_it(stacks: Stacks) -> None:
    stack = stacks.create({"Same": parameter("x")})
    wanted = [
        importing("Policyless", "AWS::Logs::LogGroup", LogGroupName="any"),
        importing("Group", "AWS::Logs::LogGroup", Name="any"),
        importing("Same", "AWS::SSM::Parameter", Name="any"),
        importing("Absent", "AWS::S3::Bucket", BucketName="any"),
    ]
    resources = {
        "Same": parameter("x"),
        "More": parameter("y"),
        "Group": GROUP,
        "Policyless": resource("AWS::Logs::LogGroup"),
    }

    with pytest.raises(ClientError) as caught:
        imported(stacks, stack.name, resources, *wanted)

    for problem in (
        "Policyless is to be imported and must have a DeletionPolicy",
        "Group of AWS::Logs::LogGroup is identified by LogGroupName",
        "[AWS::SSM::Parameter] are not supported for Import",
        "Absent is to be imported and not in the template",
        "you cannot modify or add [More, Same]",
    ):
        assert problem in str(caught.value)
    assert stack.status == "CREATE_COMPLETE"
