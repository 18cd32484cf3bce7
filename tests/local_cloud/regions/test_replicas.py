"""Global tables: each kind of write arrives in the other region, and what each replica has for itself."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.regions import AWAY, HOME, Regions, item, key

Write = Callable[[Any, str], Any]
WRITES: dict[str, tuple[Write, set[str]]] = {
    "put": (lambda db, table: db.put_item(TableName=table, Item=item("b", 2)), {"a", "b"}),
    "update": (
        lambda db, table: db.update_item(
            TableName=table,
            Key=key("a"),
            UpdateExpression="ADD #v :one",
            ExpressionAttributeNames={"#v": "value"},
            ExpressionAttributeValues={":one": {"N": "1"}},
        ),
        {"a"},
    ),
    "delete": (lambda db, table: db.delete_item(TableName=table, Key=key("a")), set()),
    "batch": (
        lambda db, table: db.batch_write_item(
            RequestItems={
                table: [{"PutRequest": {"Item": item("b", 2)}}, {"DeleteRequest": {"Key": key("a")}}]
            }
        ),
        {"b"},
    ),
    "transaction": (
        lambda db, table: db.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": item("b", 2)}},
                {"Delete": {"TableName": table, "Key": key("a")}},
            ]
        ),
        {"b"},
    ),
    "statement": (
        lambda db, table: db.execute_statement(
            Statement=f"DELETE FROM \"{table}\" WHERE pk = 'a' AND sk = '-'"
        ),
        set(),
    ),
}


@pytest.mark.parametrize("kind", WRITES)
def test_what_is_written_in_one_region_is_in_the_other(regions: Regions, kind: str) -> None:
    write, left = WRITES[kind]
    table = regions.replicated_table()
    db = regions.aws.client("dynamodb", AWAY)
    db.put_item(TableName=table, Item=item("a", 1))
    write(db, table)
    assert regions.drained()
    assert regions.items(table, HOME) == regions.items(table, AWAY)
    assert set(regions.items(table, HOME)) == left


def test_a_refused_transaction_and_a_failed_condition_are_no_writes(regions: Regions) -> None:
    table = regions.replicated_table()
    db = regions.aws.client("dynamodb", HOME)
    refused = {"ConditionExpression": "attribute_exists(pk)"}
    regions.links(paused=True)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        db.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": item("a", 1)}},
                {"Put": {"TableName": table, "Item": item("b", 1), **refused}},
            ]
        )
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        db.put_item(TableName=table, Item=item("c", 1), **refused)
    assert all(table not in link["waiting"] for link in regions.ask()["links"])


def test_what_was_there_before_the_replica_is_in_it_and_loses_against_what_is_written_there(
    regions: Regions,
) -> None:
    table = regions.replicated_table()
    home, away = (regions.aws.client("dynamodb", region) for region in (HOME, AWAY))
    home.put_item(TableName=table, Item=item("a", 1))
    regions.drained()
    home.update_table(TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}])
    home.put_item(TableName=table, Item=item("b", 1))
    home.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
    assert set(regions.items(table, AWAY)) == {"a", "b"}
    away.put_item(TableName=table, Item=item("a", 2))
    assert regions.drained()
    assert regions.items(table, HOME)["a"]["value"] == {"N": "2"}


def test_while_it_is_paused_each_region_has_its_own_and_the_later_write_stays(regions: Regions) -> None:
    table = regions.replicated_table()
    regions.links(paused=True)
    for region, value in ((AWAY, 1), (HOME, 2)):
        regions.aws.client("dynamodb", region).put_item(TableName=table, Item=item("a", value))
    assert [regions.items(table, region)["a"]["value"]["N"] for region in (HOME, AWAY)] == ["2", "1"]
    waiting = {(link["from"], link["to"]): link["waiting"][table] for link in regions.ask()["links"]}
    assert waiting == {(HOME, AWAY): 1, (AWAY, HOME): 1}
    regions.links(f"/{AWAY}/{HOME}")
    assert regions.drained()
    assert regions.items(table, HOME)["a"]["value"] == {"N": "2"}
    assert regions.items(table, AWAY)["a"]["value"] == {"N": "1"}
    regions.links()
    assert regions.drained()
    assert regions.items(table, AWAY)["a"]["value"] == {"N": "2"}


def test_what_expires_is_deleted_everywhere(regions: Regions) -> None:
    table = regions.replicated_table()
    home = regions.aws.client("dynamodb", HOME)
    home.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    told = regions.aws.client("dynamodb", AWAY).describe_time_to_live(TableName=table)
    assert told["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    now = int(time.time())
    for name, at in (("past", now - 60), ("to come", now + 3600), ("mistaken", 60)):
        home.put_item(TableName=table, Item={**key(name), "expires": {"N": str(at)}})
    regions.drained()
    regions.links(paused=True)
    regions.down(AWAY)
    assert regions.ask("expired-items", {})["deleted"] == {HOME: 1}
    regions.up(AWAY)
    assert set(regions.items(table, AWAY)) == {"past", "to come", "mistaken"}
    regions.links()
    assert regions.drained()
    assert set(regions.items(table, AWAY)) == {"to come", "mistaken"}


def test_a_replica_is_told_and_has_a_stream_of_its_own(regions: Regions) -> None:
    streams = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    table = regions.replicated_table(StreamSpecification=streams)
    for region, other in ((HOME, AWAY), (AWAY, HOME)):
        told = regions.aws.client("dynamodb", region).describe_table(TableName=table)["Table"]
        assert [replica["RegionName"] for replica in told["Replicas"]] == [other]
        assert told["GlobalTableVersion"] == "2019.11.21"
    regions.aws.client("dynamodb", HOME).put_item(TableName=table, Item=item("a", 1))
    regions.drained()
    reader = regions.aws.client("dynamodbstreams", AWAY)
    [shard] = reader.describe_stream(StreamArn=told["LatestStreamArn"])["StreamDescription"]["Shards"]
    place = reader.get_shard_iterator(
        StreamArn=told["LatestStreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    [record] = reader.get_records(ShardIterator=place["ShardIterator"])["Records"]
    assert (record["eventName"], record["dynamodb"]["NewImage"]) == ("INSERT", item("a", 1))


def test_a_protected_replica_stays_and_a_deleted_one_leaves_the_others(regions: Regions) -> None:
    table = regions.replicated_table()
    home, away = (regions.aws.client("dynamodb", region) for region in (HOME, AWAY))
    away.update_table(TableName=table, DeletionProtectionEnabled=True)
    with pytest.raises(ClientError, match="DeletionProtectionEnabled"):
        home.update_table(TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}])
    away.update_table(TableName=table, DeletionProtectionEnabled=False)
    away.delete_table(TableName=table)
    assert "Replicas" not in home.describe_table(TableName=table)["Table"]
    home.put_item(TableName=table, Item=item("a", 1))
    assert set(regions.items(table, HOME)) == {"a"}


def test_how_late_copies_arrive_is_a_metric_of_where_they_come_from(regions: Regions) -> None:
    table = regions.replicated_table()
    regions.aws.client("dynamodb", HOME).put_item(TableName=table, Item=item("a", 1))
    regions.drained()
    found = regions.aws.client("cloudwatch", HOME).list_metrics(
        Namespace="AWS/DynamoDB", Dimensions=[{"Name": "TableName", "Value": table}]
    )["Metrics"]
    assert [metric["MetricName"] for metric in found] == ["ReplicationLatency"]
    assert {"Name": "ReceivingRegion", "Value": AWAY} in found[0]["Dimensions"]
