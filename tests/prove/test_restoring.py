"""A stage as it is deployed, with all that runs write, can be restored; every kind of item is known."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest

from operations.cli import parser
from operations.restoring import command, drill_command
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.local_cloud.support.moments import next_second
from tests.support.waiting import eventually


def run(module: Any, client: Any, *words: str) -> int:
    return int(module.run(parser().parse_args(words), client))


def test_every_table_of_a_deployed_stage_can_be_restored(
    deployed: CommunityCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    client = deployed.client("dynamodb")
    assert deployed.run("posts").outcome == "published"

    code = run(drill_command, client, "restore-drill", "--stage", LOCAL.name, "--json")

    told = json.loads(capsys.readouterr().out)
    assert code == 0, told
    tables = {table["table"]: table["kinds"] for table in told["tables"]}
    assert [name for name in tables if name.endswith(("-serving", "-notifications", "-tracking"))] == [
        *tables
    ]
    assert len(tables) == 3
    for name, kinds in tables.items():
        assert "of no known kind" not in kinds, name
    lists = tables[f"recs-{LOCAL.name}-serving"]["lists"]
    assert lists["restored"] == lists["before"] > 0
    with capsys.disabled():
        for table in told["tables"]:
            print(f"\n{table['table']}: {table['restoreSeconds']} s, compared in {table['compareSeconds']} s")


def test_opt_outs_of_a_deployed_stage_come_back(
    deployed: CommunityCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    client, name = deployed.client("dynamodb"), f"recs-{LOCAL.name}-notifications"
    keys = [{"pk": {"S": f"user#{user}"}, "sk": {"S": "consent#email"}} for user in range(60)]
    for each in keys:
        client.put_item(TableName=name, Item={**each, "state": {"S": "unsubscribed"}})
    at = next_second().astimezone(UTC)
    for each in keys[::3]:
        client.delete_item(TableName=name, Key=each)

    def restorable() -> bool:
        told = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        return bool(told["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"] >= at)

    eventually(restorable)
    words = ("restore", "--table", name, "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}", "--remove", "--json")
    assert run(command, client, *words) == 0

    opt_outs = json.loads(capsys.readouterr().out)["kinds"]["opt-outs"]
    assert (opt_outs["then"], opt_outs["missing"], opt_outs["put_back"]) == (60, 20, 20)
    there = [client.get_item(TableName=name, Key=each).get("Item") for each in keys]
    assert None not in there
