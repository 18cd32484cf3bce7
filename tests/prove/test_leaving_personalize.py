"""Amazon Personalize left on the local cloud: run, taken out of the configuration, proved to be gone."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import build_app
from config.schema import Campaign, DatasetType, Own, Personalize, StageConfig, Tier, UseCase, Variant
from operations.cli import main
from stacks.props.training_workflow import uploaded_file
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.app.support.clouds.second_stage import SecondStage, by_variant
from tests.app.support.snapshots import NO_BUNDLING
from verification.ground import sample

STAGE: StageConfig = replace(
    LOCAL,
    name="leaving",
    tier=Tier.PRODUCTION,
    database=None,
    notifications=None,
    alarm_emails=("you@example.com",),
)
OWN = Own(algorithm="ease", memory_mb=1024)
ORDER = ("Observability", "Training", "Tracking", "Data")


def sampled(*variants: Variant) -> UseCase:
    """Its data are files, since a production stage speaks TLS with its database."""
    return replace(sample.use_case(campaign_in=None), variants=variants)


def upload(stage: SecondStage, case: UseCase) -> None:
    s3, bucket = stage.community.client("s3"), stage.output("Data", "DataBucketName")
    day = int(time.time()) // 86_400 * 86_400
    for dataset, configured in case.datasets.items():
        columns = tuple(column.name for column in configured.columns)
        text = sample.csv_of(dataset, columns, day=day)
        if dataset is DatasetType.INTERACTIONS:
            text = ",".join(columns) + "\n" + interactions(day)
        s3.put_object(Bucket=bucket, Key=uploaded_file(case, dataset), Body=text.encode())


def interactions(day: int) -> str:
    """Of the sample's users, each with other items: what is held back of a history is not in the rest."""
    rng, lines = random.Random(0), []
    for user in range(sample.USERS):
        chosen = rng.sample(range(sample.ITEMS), sample.EVENTS)
        times = sorted(rng.randrange(day - 30 * 86_400, day) for _ in chosen)
        lines += [f"user-{user},item-{item},like,{at}" for item, at in zip(chosen, times, strict=True)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def stage(deployed: CommunityCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondStage]:
    """It keeps its data: what its templates no longer have stays. Commands reach it."""
    assembly = tmp_path / "with"
    both = sampled(Personalize(campaign=Campaign(stages=(STAGE.name,))), OWN)
    build_app((STAGE,), (both,), (), outdir=str(assembly), context=NO_BUNDLING).synth()
    second = SecondStage(deployed, STAGE)
    second.deploy(assembly)
    upload(second, both)
    for name, value in deployed.cloud.settings.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    yield second


def decommission(*how: str) -> int:
    return main(["decommission", "--stage", STAGE.name, "--region", STAGE.region, "--pause", "0.1", *how])


def test_a_stage_leaves_and_goes_on_without(
    stage: SecondStage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.run(["sample"])
    others = names_in_personalize(stage)

    assert decommission("--yes") == 1
    assert f"stack {stage.place}-Data still has" in capsys.readouterr().out

    alone = tmp_path / "without"
    build_app((STAGE,), (sampled(OWN),), (), outdir=str(alone), context=NO_BUNDLING).synth()
    for stack in ORDER:
        stage.deploy(alone, stack)
    assert decommission("--plan") == 0
    planned = capsys.readouterr().out
    assert "dataset group: 1" in planned and "solution: 1" in planned

    assert decommission("--yes", "--proof", "proof.json") == 0

    proof = json.loads(Path("proof.json").read_text())
    assert proof["complete"]
    kinds = {one["kind"] for one in proof["regions"][0]["recorded"] if one["answer"].endswith("Exception")}
    assert kinds >= {"dataset group", "dataset", "schema", "solution", "solution version"}
    left = names_in_personalize(stage)
    assert left == {name for name in others if not name.startswith("recs-leaving-")} and left
    [output] = stage.run(["sample"], force=True).values()
    assert by_variant(output, "own")["own"]["outcome"] == "published"


def names_in_personalize(stage: SecondStage) -> set[str]:
    personalize = stage.community.client("personalize")
    return {
        one["name"]
        for listing, member in (
            ("list_dataset_groups", "datasetGroups"),
            ("list_schemas", "schemas"),
            ("list_solutions", "solutions"),
        )
        for page in personalize.get_paginator(listing).paginate()
        for one in page[member]
    }
