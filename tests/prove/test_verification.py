"""The whole of a verification against the local cloud, beside another stage that it must leave alone."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from config.schema import DatasetType
from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import Deployment
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.commands import Commands
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.stages import LOCAL
from tests.local_cloud.support.ports import free_ports
from verification.beliefs.belief import Result
from verification.beliefs.catalogue import BELIEFS
from verification.cli import main
from verification.ground import sample

BYSTANDERS = ("recs-dev-serving", "recs-v3k9x2b-serving", "v3k9x2a")


@dataclass(frozen=True)
class Verified:
    code: int
    printed: str
    report: dict[str, Any]
    markdown: str


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Bootstrapped, with tables and a dataset group of others."""
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports())
    try:
        clouds.start(cloud, Progress())
        Deployment(cloud.settings, LOCAL, Commands()).bootstrap()
        for name in BYSTANDERS:
            client(cloud.settings, "sqs").create_queue(QueueName=name)
            client(cloud.settings, "personalize").create_dataset_group(name=f"{name}-group")
        yield cloud
    finally:
        clouds.down(cloud)


def everything(cloud: Cloud) -> dict[str, set[str]]:
    """What there is of the kinds that a stage is made of."""
    settings = cloud.settings
    return {
        "stacks": {
            one["StackName"] for one in client(settings, "cloudformation").describe_stacks()["Stacks"]
        },
        "queues": set(client(settings, "sqs").list_queues()["QueueUrls"]),
        "buckets": {one["Name"] for one in client(settings, "s3").list_buckets()["Buckets"]},
        "tables": set(client(settings, "dynamodb").list_tables()["TableNames"]),
        "roles": {one["RoleName"] for one in client(settings, "iam").list_roles()["Roles"]},
        "rules": {one["Name"] for one in client(settings, "events").list_rules()["Rules"]},
        "groups": {
            one["datasetGroupArn"]
            for one in client(settings, "personalize").list_dataset_groups()["datasetGroups"]
        },
        "schemas": {one["schemaArn"] for one in client(settings, "personalize").list_schemas()["schemas"]},
    }


def verify(cloud: Cloud, folder: Path, *options: str) -> tuple[int, str]:
    """The exit code, and what is printed."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.chdir(folder)
        code = main(["--endpoint", cloud.settings.endpoint_url, *options])
    return code, printed.getvalue()


@pytest.fixture(scope="module")
def before(cloud: Cloud) -> dict[str, set[str]]:
    return everything(cloud)


@pytest.fixture(scope="module")
def verified(cloud: Cloud, before: dict[str, set[str]], tmp_path_factory: pytest.TempPathFactory) -> Verified:
    assert before
    folder = tmp_path_factory.mktemp("verification")
    code, printed = verify(cloud, folder, "--stage", "local", "--database", "none", "--yes")
    [report] = folder.glob("verification-*.json")
    return Verified(
        code=code,
        printed=printed,
        report=json.loads(report.read_text(encoding="utf-8")),
        markdown=report.with_suffix(".md").read_text(encoding="utf-8"),
    )


def test_every_belief_is_answered_or_has_a_reason(verified: Verified) -> None:
    told = {belief["id"]: belief for belief in verified.report["beliefs"]}

    assert set(told) == {belief.id for belief in BELIEFS}
    assert all(belief["evidence"] for belief in told.values())
    assert {belief["result"] for belief in told.values()} <= {result.value for result in Result}
    for id_ in ("run-succeeds", "policies-suffice", "slash-in-user-id", "status-event-members"):
        assert told[id_]["result"] == "confirmed", told[id_]


def test_the_run_leaves_the_cloud_as_it_was(
    cloud: Cloud, verified: Verified, before: dict[str, set[str]]
) -> None:
    assert verified.code == 0, verified.printed
    assert everything(cloud) == before
    assert verified.report["left"] == []
    assert all(verified.report["run"] in removed.lower() for removed in verified.report["removed"])
    assert sum("stack" in removed for removed in verified.report["removed"]) == 5


def test_the_report_says_whose_answers_these_are_and_not_whose_account(verified: Verified) -> None:
    text = json.dumps(verified.report) + verified.markdown

    assert verified.report["isAws"] is False
    assert "not facts about AWS" in verified.report["about"]
    assert "not facts about AWS" in verified.markdown
    assert not re.search(r"(?<![\w.])\d{12}(?![\w.])", text), "an account"


def test_queries_and_files_make_the_same_data(cloud: Cloud) -> None:
    async def answers() -> tuple[int, dict[DatasetType, list[list[str]]]]:
        connection = await asyncpg.connect(cloud.database().dsn)
        try:
            async with connection.transaction():
                day = await connection.fetchval(
                    "SELECT extract(epoch FROM date_trunc('day', now(), 'UTC'))::bigint"
                )
                rows = {
                    kind: [[str(cell) for cell in row] for row in await connection.fetch(dataset.query)]
                    for kind, dataset in datasets.items()
                }
        finally:
            await connection.close()
        return day, rows

    datasets = sample.use_case(campaign_in=None).datasets
    day, rows = asyncio.run(answers())

    for kind, dataset in datasets.items():
        header = tuple(column.name for column in dataset.columns)
        text = sample.csv_of(kind, header, day=day)
        assert list(csv.reader(io.StringIO(text))) == [list(header), *rows[kind]], kind


def test_nothing_is_begun_without_being_asked_for(cloud: Cloud, tmp_path: Path) -> None:
    there = everything(cloud)

    code, printed = verify(cloud, tmp_path, "--stage", "local", "--database", "none")

    assert code == 2, printed
    assert "An estimate" in printed
    assert "nobody to ask" in printed
    assert everything(cloud) == there
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--stage", "dev"), "not of 111111111111, which is the stage's; `--account 123456789012`"),
        (("--stage", "local", "--account", "999999999999"), "not of 999999999999, which --account names"),
        (
            ("--stage", "local", "--database", "none", "--region", "us-west-2"),
            "no CDK bootstrap in us-west-2",
        ),
        (("--stage", "local", "--database", "none", "--vpc-id", "vpc-1"), "none has no vpc_id"),
        (("--stage", "local", "--vpc-id", "vpc-1"), "8 or 17 hexadecimal digits"),
        (("--run-id", "v000000"), "there is no run v000000 here"),
        (("--only-clean", "serving"), "'serving' is not the id of a run"),
        (("--only-clean", "v3k9x2a"), "name its --stage"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_made(
    cloud: Cloud, tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    code, printed = verify(cloud, tmp_path, *options, "--yes")

    assert code == 2, printed
    assert reason in printed
    assert list(tmp_path.iterdir()) == []


def test_a_quota_that_is_used_up_is_seen_before_anything_is_made(cloud: Cloud, tmp_path: Path) -> None:
    personalize = client(cloud.settings, "personalize")
    group = personalize.create_dataset_group(name="one-more")["datasetGroupArn"]
    try:
        code, printed = verify(cloud, tmp_path, "--stage", "local", "--database", "none", "--yes")
    finally:
        personalize.delete_dataset_group(datasetGroupArn=group)

    assert code == 2, printed
    assert "4 dataset groups are there, 2 more are needed, and the quota is 5" in printed
    assert list(tmp_path.iterdir()) == []
