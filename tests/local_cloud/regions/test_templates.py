"""What templates say of other regions: replicas of tables and secrets come, change and go with them."""

from typing import Any
from uuid import uuid4

from tests.local_cloud.support.regions import AWAY, HOME, Regions, item, key
from tests.local_cloud.support.stacks import Stacks, resource

THIRD = "eu-north-1"
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
TAGS = {"Tags": [{"Key": "a", "Value": "b"}]}


def table(name: str, *regions: str, **away: Any) -> dict[str, Any]:
    """away: of the replica there."""
    replicas = [{"Region": region, **(away if region == AWAY else {})} for region in (HOME, *regions)]
    made = resource(
        "AWS::DynamoDB::GlobalTable",
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
        TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
        Replicas=replicas,
    )
    return {"Table": made}


def in_regions(regions: Regions, name: str) -> list[str]:
    """That have the table."""
    return [
        region
        for region in (HOME, AWAY, THIRD)
        if name in regions.aws.client("dynamodb", region).list_tables()["TableNames"]
    ]


def test_replicas_of_a_table_are_made_changed_and_removed_with_it(regions: Regions, stacks: Stacks) -> None:
    name, away = f"table-{uuid4().hex[:8]}", regions.aws.client("dynamodb", AWAY)
    stack = stacks.create(table(name, AWAY, THIRD, **RECOVERY, **TAGS))
    assert stack.status == "CREATE_COMPLETE", stack.events
    regions.aws.client("dynamodb", THIRD).put_item(TableName=name, Item=item("a", 1))
    assert regions.drained()
    assert set(regions.items(name, AWAY)) == set(regions.items(name, HOME)) == {"a"}
    recovery = away.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert away.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "expires"
    arn = away.describe_table(TableName=name)["Table"]["TableArn"]
    assert away.list_tags_of_resource(ResourceArn=arn)["Tags"] == TAGS["Tags"]

    stack.update(table(name, AWAY, THIRD, DeletionProtectionEnabled=True))
    assert stack.status == "UPDATE_COMPLETE", stack.events
    stack.update(table(name, THIRD))
    assert "DeletionProtectionEnabled" in stack.reason("Table")
    assert in_regions(regions, name) == [HOME, AWAY, THIRD]
    stack.update(table(name, AWAY, THIRD))
    stack.update(table(name, THIRD))
    assert stack.status == "UPDATE_COMPLETE", stack.events
    assert in_regions(regions, name) == [HOME, THIRD]
    stack.delete()
    assert in_regions(regions, name) == []


def test_one_replica_at_a_time_is_added_or_removed(regions: Regions, stacks: Stacks) -> None:
    name = f"table-{uuid4().hex[:8]}"
    stack = stacks.create(table(name))
    stack.update(table(name, AWAY, THIRD))
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "only one replica" in stack.reason("Table")
    assert f"adds {AWAY}, adds {THIRD}" in stack.reason("Table")
    for count, more in enumerate(((AWAY,), (AWAY, THIRD)), start=2):
        stack.update(table(name, *more))
        assert (stack.status, len(in_regions(regions, name))) == ("UPDATE_COMPLETE", count)


def test_an_update_that_fails_later_takes_its_replica_away_again(regions: Regions, stacks: Stacks) -> None:
    name = f"table-{uuid4().hex[:8]}"
    stack = stacks.create(table(name))
    regions.aws.client("dynamodb", HOME).put_item(TableName=name, Item=key("a"))
    absent = "arn:aws:sns:eu-west-1:1:absent"
    broken = resource(
        "AWS::SNS::Subscription", {"DependsOn": "Table"}, Protocol="sqs", TopicArn=absent, Endpoint=absent
    )
    stack.update(table(name, AWAY) | {"Broken": broken})
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert in_regions(regions, name) == [HOME]
    assert set(regions.items(name, HOME)) == {"a"}


def test_a_secret_has_replicas_as_long_as_its_template_says(regions: Regions, stacks: Stacks) -> None:
    name = f"secret-{uuid4().hex[:8]}"
    more = {"Name": name, "GenerateSecretString": {"PasswordLength": 30}}
    copied = resource("AWS::SecretsManager::Secret", ReplicaRegions=[{"Region": AWAY}], **more)
    stack = stacks.create({"Secret": copied})
    assert stack.status == "CREATE_COMPLETE", stack.events
    secrets = {region: regions.aws.client("secretsmanager", region) for region in (HOME, AWAY)}
    texts = {it.get_secret_value(SecretId=name)["SecretString"] for it in secrets.values()}
    assert len(texts) == 1
    stack.update({"Secret": resource("AWS::SecretsManager::Secret", **more)})
    assert name not in listed(secrets[AWAY])
    stack.update({"Secret": copied})
    assert secrets[AWAY].get_secret_value(SecretId=name)["SecretString"] in texts
    stack.delete()
    assert name not in listed(secrets[AWAY]) + listed(secrets[HOME])


def listed(secrets: Any) -> list[str]:
    return [each["Name"] for each in secrets.list_secrets()["SecretList"]]
