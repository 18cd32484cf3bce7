"""The table beside stays as long as something is to be looked at there, whatever was asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from operations.cli import parser
from operations.restoring import command
from pipeline.notifications.table import EMAIL_CONSENT, key, user_pk
from tests.app.support.in_memory import client

NAME, BESIDE = "recs-test-notifications", "recs-test-notifications-beside"
OPT_OUT = key(user_pk("ann"), EMAIL_CONSENT)
SURPRISE = key("surprise#1", "-")


def restore(at: str, *words: str) -> int:
    return command.run(
        parser().parse_args(["restore", "--table", NAME, "--to", BESIDE, "--at", at, *words]),
        client("dynamodb"),
    )


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def tables() -> list[str]:
    return sorted(client("dynamodb").list_tables()["TableNames"])


def test_with_remove_it_goes_only_once_nothing_is_missing_or_unknown(
    aws: None, capsys: pytest.CaptureFixture[str]
) -> None:
    db: Any = client("dynamodb")
    names = ("pk", "sk")
    db.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": n, "KeyType": k} for n, k in zip(names, ("HASH", "RANGE"), strict=True)],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
    )
    recovery = {"PointInTimeRecoveryEnabled": True}
    db.update_continuous_backups(TableName=NAME, PointInTimeRecoverySpecification=recovery)
    for item in (OPT_OUT, SURPRISE):
        db.put_item(TableName=NAME, Item=item)
    told = db.describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    restore(written(told["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]), "--compare-only")
    # moto restores what there is now, and says so.
    at = written(db.describe_table(TableName=BESIDE)["Table"]["RestoreSummary"]["RestoreDateTime"])
    db.delete_item(TableName=NAME, Key=OPT_OUT)
    capsys.readouterr()

    assert restore(at, "--compare-only", "--remove") == 1
    assert f"{BESIDE} stays" in capsys.readouterr().out
    # What nobody knows is looked at there, though all else has been put back.
    assert restore(at, "--remove") == 1
    assert db.get_item(TableName=NAME, Key=OPT_OUT)["Item"] == OPT_OUT
    assert tables() == [NAME, BESIDE]

    db.delete_item(TableName=BESIDE, Key=SURPRISE)
    assert restore(at, "--remove") == 0
    assert tables() == [NAME]
