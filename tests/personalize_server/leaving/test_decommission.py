"""`operations decommission` against a Personalize server: what goes, what stays, and the proof."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.cli import main, parser
from operations.leaving import command
from tests.personalize_server.support.journey import schema_text
from tests.personalize_server.support.left_behind import RUN, SHARED_RUN, LeftBehind
from tests.personalize_server.support.processes import ENVIRONMENT, REGION, PersonalizeServer

Make = Callable[[str], LeftBehind]


@pytest.fixture
def make(
    server: PersonalizeServer, s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Make:
    """Stages of the account; the commands talk to the two servers and keep their files in a folder."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    endpoints = {"AWS_ENDPOINT_URL": s3_endpoint, "AWS_ENDPOINT_URL_PERSONALIZE": server.url}
    for name, value in (ENVIRONMENT | endpoints).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return lambda stage: LeftBehind(server.client(), s3_endpoint, stage)


def decommission(stage: str, *how: str) -> int:
    return main(["decommission", "--stage", stage, "--region", REGION, "--pause", "0", *how])


def answers(personalize: Any, made: Mapping[str, str]) -> dict[str, str]:
    """By operation: the status, or the error's code."""
    found = {}
    for kind, arn in made.items():
        first, *others = kind.split("_")
        member = first + "".join(word.capitalize() for word in others)
        try:
            answer = getattr(personalize, f"describe_{kind}")(**{f"{member}Arn": arn})
            found[kind] = str(answer[member].get("status", "there"))
        except ClientError as error:
            found[kind] = error.response["Error"]["Code"]
    return found


class Killed(BaseException):
    """As a process that is gone at this point."""


@pytest.mark.prove
def test_what_a_stage_left_goes_though_the_command_is_killed_at_every_wait(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    leaving, staying = make("leaving"), make("staying")
    made, others = leaving.make_all(), staying.make_models()
    staying.make_bucket()
    staying.make_role_and_log_group()
    leaving.make_role_and_log_group()
    leaving.make_others_of_the_name()
    before = staying.keys()
    options = parser().parse_args(
        ["decommission", "--stage", "leaving", "--region", REGION, "--yes", "--proof", "proof.json"]
    )

    def killed(_: float) -> None:
        raise Killed

    runs = 1
    while True:
        try:
            assert command.run(options, sleep=killed) == 0
            break
        except Killed:
            runs += 1
            assert runs < 40

    assert runs > 5, "each kind is waited for"
    assert set(answers(leaving.personalize, made).values()) == {"ResourceNotFoundException"}
    assert set(answers(staying.personalize, others).values()) == {"ACTIVE", "there"}
    shared = (f"batch/posts/{SHARED_RUN}/input/s.jsonl", f"batch/posts/{SHARED_RUN}/output/own/s.jsonl.out")
    assert leaving.keys() == {
        *shared,
        f"datasets/posts/{SHARED_RUN}/interactions.csv",
        f"runs/posts/personalize/{SHARED_RUN}.json",
        f"runs/posts/own/{SHARED_RUN}.json",
        "uploads/posts/interactions.csv",
    }
    assert staying.keys() == before
    policy = json.loads(leaving.aws("s3").get_bucket_policy(Bucket=leaving.bucket)["Policy"])
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]
    roles = [role["RoleName"] for role in leaving.aws("iam").list_roles()["Roles"]]
    assert sorted(name for name in roles if name.startswith(("Leaving-", "Staying-"))) == [
        f"{leaving.beginning}PostsBatchRole-2",
        f"{staying.beginning}PostsImportRole-1",
    ]
    assert leaving.log_groups() == [f"{leaving.beginning}CampaignsFunctionLogs-2"]
    assert len(staying.log_groups()) == 1
    assert leaving.aws("s3").list_objects_v2(Bucket=f"leaving-{REGION}-data-theirs")["KeyCount"] == 1
    proof = json.loads(Path("proof.json").read_text())
    [region] = proof["regions"]
    assert proof["complete"] and not any(one["left"] for one in region["lists"])
    told = {one["handle"]: one["answer"] for one in region["recorded"]}
    assert {arn: told[arn] for arn in made.values()} == dict.fromkeys(
        made.values(), "ResourceNotFoundException"
    )
    assert told[f"batch/posts/{RUN}/"] == told[f"datasets/posts/{RUN}/"] == "no version"
    page = Path("proof.md").read_text()
    assert page.startswith("# Amazon Personalize of stage leaving: gone") and made["campaign"] in page


def test_a_plan_tells_the_order_and_changes_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    planned = make("planned")
    made = planned.make_models()
    before = answers(planned.personalize, made)

    assert decommission("planned", "--plan") == 0

    out = capsys.readouterr().out
    lines = [line.split(". ")[1] for line in out.splitlines() if ". " in line]
    assert lines == ["solution: 1", "filter: 1", "dataset: 1", "dataset group: 1", "schema: 1"]
    assert answers(planned.personalize, made) == before
    assert not list(Path.cwd().iterdir())


def test_what_others_have_put_into_a_group_is_told_at_once_and_nothing_begun(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    crowded = make("crowded")
    made = crowded.make_models()
    made["filter"] = crowded.filter("somebody-s")
    crowded.filter(f"{crowded.name}-theirs", service="shop")

    assert decommission("crowded", "--yes") == 1

    out = capsys.readouterr().out
    assert "somebody-s lies in dataset group" in out and "it has the tag service=shop" in out
    assert f"aws personalize delete-filter --filter-arn {made['filter']}" in out
    assert "ResourceNotFoundException" not in answers(crowded.personalize, made).values()


def test_a_deletion_that_is_refused_is_told_and_the_rest_goes_on(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = make("refused")
    made = refused.make_models()
    api = refused.personalize
    team = api.create_dataset_group(name="another-team-s")["datasetGroupArn"]
    theirs = api.create_dataset(
        name="theirs", schemaArn=made["schema"], datasetGroupArn=team, datasetType="Interactions"
    )["datasetArn"]

    assert decommission("refused", "--yes", "--proof", "first.json") == 1

    captured = capsys.readouterr()
    assert "schema recs-refused-posts-interactions-0123abcd" in captured.err and theirs in captured.err
    proof = json.loads(Path("first.json").read_text())
    assert not proof["complete"]
    assert [one["left"] for one in proof["regions"][0]["lists"] if one["left"]] == [
        ["recs-refused-posts-interactions-0123abcd"]
    ]
    assert answers(api, {**made, "schema": made["dataset"]})["dataset_group"] == "ResourceNotFoundException"

    api.delete_dataset(datasetArn=theirs)
    assert decommission("refused", "--yes", "--proof", "second.json") == 0
    told = json.loads(Path("second.json").read_text())["regions"][0]["recorded"]
    assert {one["handle"] for one in told} >= set(made.values())


def test_only_the_use_cases_that_are_named_go(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    some = make("some")
    made = some.make_models()
    longer = some.personalize.create_dataset_group(name=f"{some.name}-extra")["datasetGroupArn"]
    schema = some.personalize.create_schema(
        name=f"{some.name}-extra-interactions-0123abcd", schema=schema_text("Interactions")
    )["schemaArn"]

    assert decommission("some", "--yes", "--use-case", "posts") == 0

    assert set(answers(some.personalize, made).values()) == {"ResourceNotFoundException"}
    kept = answers(some.personalize, {"dataset_group": longer, "schema": schema})
    assert "ResourceNotFoundException" not in kept.values()
    assert f"{some.name}-extra" in capsys.readouterr().out


def test_a_stage_that_nobody_has_seen_is_no_proof(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make("prod")

    assert decommission("prd", "--yes") == 1

    assert "are name and region right?" in capsys.readouterr().out
    assert not list(Path.cwd().iterdir())


def test_one_has_to_say_whether_it_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["decommission", "--stage", "dev"])

    assert ended.value.code == 2 and "--plan --yes is required" in capsys.readouterr().err
