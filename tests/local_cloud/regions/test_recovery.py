"""Point-in-time recovery on the local cloud, by boto3: what a table held at a second of its past."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.moments import next_second
from tests.local_cloud.support.regions import AWAY, HOME, Item, Regions, item, key
from tests.support.waiting import eventually

ON = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}


def recovered(db: Any, table: str) -> None:
    db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=ON)


def add(db: Any, table: str, name: str, number: int = 1) -> None:
    db.update_item(
        TableName=table,
        Key=key(name),
        UpdateExpression="ADD #v :n",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":n": {"N": str(number)}},
    )


def put(table: str, name: str, value: int) -> Item:
    return {"Put": {"TableName": table, "Item": item(name, value)}}


def window(db: Any, table: str) -> dict[str, Any]:
    told = db.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found: dict[str, Any] = told["PointInTimeRecoveryDescription"]
    return found


def restored(db: Any, table: str, **at: Any) -> list[Item]:
    """Its items; the table is there for as long as they are read."""
    name = f"{table}-{uuid4().hex[:8]}"
    if "RestoreDateTime" in at:
        eventually(lambda: window(db, table)["LatestRestorableDateTime"] >= at["RestoreDateTime"])
    db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name, **at)
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    items = scanned(db, name)
    db.delete_table(TableName=name)
    return items


def scanned(db: Any, table: str) -> list[Item]:
    found: list[Item] = db.scan(TableName=table, ConsistentRead=True)["Items"]
    return sorted(found, key=lambda each: each["pk"]["S"])


def test_a_table_is_restored_as_it_was_at_a_second_in_each_of_its_regions(regions: Regions) -> None:
    table = regions.replicated_table()
    db, away = (regions.aws.client("dynamodb", region) for region in (HOME, AWAY))
    db.put_item(TableName=table, Item=item("before", 1))
    regions.drained()
    for client in (db, away):
        recovered(client, table)
    add(db, table, "before")
    add(db, table, "added")
    away.put_item(TableName=table, Item=item("away", 1))
    regions.drained()
    first, was = next_second(), scanned(db, table)
    add(db, table, "added", 5)
    add(away, table, "away", 5)
    db.delete_item(TableName=table, Key=key("before"))
    with pytest.raises(ClientError):
        db.transact_write_items(
            TransactItems=[
                {"Update": {"TableName": table, "Key": key("added"), "UpdateExpression": "REMOVE sk"}},
                put(table, "refused", 1),
            ]
        )
    db.transact_write_items(TransactItems=[put(table, "both", 1), put(table, "sides", 1)])
    regions.drained()
    second, then = next_second(), scanned(db, table)
    db.execute_statement(Statement=f"""DELETE FROM "{table}" WHERE pk='both' AND sk='-'""")
    requests = [{"DeleteRequest": {"Key": key("sides")}}, {"PutRequest": {"Item": item("added", 0)}}]
    db.batch_write_item(RequestItems={table: requests})
    regions.drained()

    assert [each["pk"]["S"] for each in was] == ["added", "away", "before"]
    assert [each["pk"]["S"] for each in then] == ["added", "away", "both", "sides"]
    for client in (db, away):
        assert restored(client, table, RestoreDateTime=second) == then
        assert restored(client, table, RestoreDateTime=first) == was
        assert len(scanned(client, table)) == 2


def test_what_was_restored_is_a_table_by_itself(regions: Regions) -> None:
    table = regions.replicated_table()
    db = regions.aws.client("dynamodb", HOME)
    recovered(db, table)
    db.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}
    )
    told = db.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=f"{table}-beside", UseLatestRestorableTime=True
    )["TableDescription"]

    assert (told["TableStatus"], told["RestoreSummary"]["RestoreInProgress"]) == ("CREATING", True)
    with pytest.raises(db.exceptions.ResourceInUseException):
        db.delete_table(TableName=f"{table}-beside")
    db.get_waiter("table_exists").wait(TableName=f"{table}-beside", WaiterConfig={"Delay": 1})
    source, beside = (db.describe_table(TableName=name)["Table"] for name in (table, f"{table}-beside"))
    for name in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
        assert beside[name] == source[name]
    assert beside["RestoreSummary"]["SourceTableArn"] == source["TableArn"]
    assert not beside["RestoreSummary"]["RestoreInProgress"]
    assert ("Replicas" in source, "Replicas" in beside) == (True, False)
    lifetime = db.describe_time_to_live(TableName=f"{table}-beside")["TimeToLiveDescription"]
    assert lifetime["TimeToLiveStatus"] == "DISABLED"
    assert window(db, f"{table}-beside")["PointInTimeRecoveryStatus"] == "DISABLED"
    db.put_item(TableName=f"{table}-beside", Item=item("beside", 1))
    regions.drained()
    assert scanned(db, table) == []


def test_what_cannot_be_restored_is_refused(aws: LocalAws, regions: Regions) -> None:
    table, db = regions.replicated_table(), aws.client("dynamodb")

    def refused(**asked: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            db.restore_table_to_point_in_time(
                **({"SourceTableName": table, "TargetTableName": f"{table}-beside"} | asked)
            )
        return str(refusal.value.response["Error"]["Code"])

    assert refused(UseLatestRestorableTime=True) == "PointInTimeRecoveryUnavailableException"
    recovered(db, table)
    told = window(db, table)
    assert told["RecoveryPeriodInDays"] == 7
    times = (told["EarliestRestorableDateTime"], told["LatestRestorableDateTime"])
    late, early = times[1] + timedelta(minutes=5), times[0] - timedelta(seconds=2)
    assert refused(RestoreDateTime=late) == "InvalidRestoreTimeException"
    assert refused(RestoreDateTime=early) == "InvalidRestoreTimeException"
    assert refused() == refused(RestoreDateTime=late, UseLatestRestorableTime=True) == "ValidationException"
    latest = {"UseLatestRestorableTime": True}
    assert refused(TargetTableName=table, **latest) == "TableAlreadyExistsException"
    assert refused(SourceTableName="nowhere", **latest) == "TableNotFoundException"
    # Who turns it off and on again begins anew.
    db.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    next_second()
    recovered(db, table)
    assert window(db, table)["EarliestRestorableDateTime"] > times[0]
