"""Several variants in one use case on the local cloud: all publish, and one is taken out and put in again."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.derived.names import serving_table_name
from config.derived.recipes import METRICS
from config.schema import Own, UseCase
from local_cloud.demo import serving_table
from local_cloud.lifecycle.serving_api import ServingApi
from stacks.props.spending import limit_of
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.filled_cloud import up
from tests.app.support.clouds.second_stage import SecondStage, by_variant
from tests.app.support.side_by_side import BESIDE_STAGE, BESIDE_USE_CASES, synthesise_beside, without
from tests.app.support.snapshots import synthesise

Outcomes = dict[tuple[str, str], dict[str, Any]]
EXPECTED = {(case.name, variant.name) for case in BESIDE_USE_CASES for variant in case.variants}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondStage]:
    """In place of the community's, whose dataset groups would be too many beside these for one account."""
    assembly: Path = tmp_path_factory.mktemp("beside")
    synthesise_beside(assembly)
    community_s: Path = tmp_path_factory.mktemp("community")
    synthesise(community_s)
    with up(tmp_path_factory.mktemp("cloud")) as community:
        SecondStage(community, LOCAL).destroy(community_s)
        second = SecondStage(community, BESIDE_STAGE)
        second.deploy(assembly)
        yield second


def run(stage: SecondStage, use_cases: Sequence[UseCase], **given: Any) -> Outcomes:
    """By use case and variant."""
    names = {case.name: case.default_variant for case in use_cases}
    return {
        (name, variant): outcome
        for name, output in stage.run(names, **given).items()
        for variant, outcome in by_variant(output, names[name]).items()
    }


@pytest.fixture(scope="module")
def first(stage: SecondStage) -> Outcomes:
    return run(stage, BESIDE_USE_CASES)


def served(stage: SecondStage, use_case: str, variant: str) -> serving_table.Served:
    found = serving_table.read(
        stage.community.client("dynamodb"),
        serving_table_name(BESIDE_STAGE.name),
        use_case,
        variant,
        stage.community.audience(use_case),
    )
    assert found is not None
    return found


def test_each_variant_publishes_lists_for_everybody(stage: SecondStage, first: Outcomes) -> None:
    assert first.keys() == EXPECTED
    for (name, variant), outcome in first.items():
        assert (outcome["outcome"], outcome["verdict"]) == ("published", "first")
        found = served(stage, name, variant)
        assert found.generation == outcome["generation"] == outcome["run"]
        assert len(found.lists) == len(stage.community.audience(name)) == outcome["users"]
        assert all(found.lists.values())


def test_each_is_judged_by_metrics_of_the_same_names(stage: SecondStage, first: Outcomes) -> None:
    s3, bucket = stage.community.client("s3"), stage.output("Data", "DataBucketName")
    # Where event types have weights, Personalize measures by them as well.
    assert all(outcome["metrics"].keys() >= set(METRICS) for outcome in first.values())
    for (name, variant), outcome in first.items():
        key = f"runs/{name}/{variant}/last_good.json"
        record = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        assert (record["metrics"], record["output"]) == (outcome["metrics"], outcome["output"])


def test_batch_input_is_shared_and_output_is_not(stage: SecondStage, first: Outcomes) -> None:
    s3, bucket = stage.community.client("s3"), stage.output("Data", "DataBucketName")
    for case in BESIDE_USE_CASES:
        folder = f"batch/{case.name}/{first[case.name, case.default_variant]['run']}/"
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]
        keys = [entry["Key"].removeprefix(folder) for entry in listed]
        shards = [key.removeprefix("input/") for key in keys if key.startswith("input/")]
        outputs = [key for key in keys if key.endswith(".out")]
        assert shards
        assert sorted(outputs) == sorted(
            f"output/{variant.name}/{shard}.out" for variant in case.variants for shard in shards
        )


def test_the_first_variant_is_served(stage: SecondStage, first: Outcomes) -> None:
    api = ServingApi(stage.community.cloud.settings, stage.output("Serving", "ApiUrl"))
    for path, variant in (
        ("/v1/users/1/training-programs?limit=5", "own"),
        ("/v1/training-programs/1/similar?limit=5", "personalize"),
    ):
        answer = api.get(path)
        assert (answer.status, answer.body["variant"]) == (200, variant), answer.body


def test_a_run_within_its_limit_goes_through_and_tells_what_it_was_expected_to_cost(
    stage: SecondStage, first: Outcomes
) -> None:
    cloudwatch, now = stage.community.client("cloudwatch"), datetime.now(UTC)

    def figure(use_case: str, name: str) -> float:
        dimensions = {"stage": BESIDE_STAGE.name, "use_case": use_case, "variant": "personalize"}
        points = cloudwatch.get_metric_statistics(
            Namespace="Recommendations",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(hours=2),
            EndTime=now + timedelta(hours=2),
            Period=4 * 3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        return max(float(point["Maximum"]) for point in points)

    for case in BESIDE_USE_CASES:
        if limit := limit_of(BESIDE_STAGE, case):
            assert first[case.name, "personalize"]["outcome"] == "published"
            assert 0 < figure(case.name, "RunCostEstimated") < limit
            assert 0 < figure(case.name, "RunCostOfEstimate") < 1.2


def test_a_variant_is_taken_out_and_put_in_again_by_a_deployment_each(
    stage: SecondStage, first: Outcomes, tmp_path: Path
) -> None:
    """What it has published stays until it expires; the others do not notice."""
    rest = without(Own)
    synthesise_beside(tmp_path / "without", rest)
    stage.deploy(tmp_path / "without")
    others = run(stage, rest)
    assert others.keys() == {of for of in EXPECTED if of[1] != "own"}
    assert {outcome["outcome"] for outcome in others.values()} == {"unchanged"}
    functions = stage.community.client("lambda").get_paginator("list_functions").paginate()
    names = [one["FunctionName"] for page in functions for one in page["Functions"]]
    assert not [name for name in names if name.startswith(stage.place) and "OwnTrainModel" in name]

    synthesise_beside(tmp_path / "again")
    stage.deploy(tmp_path / "again")
    again = run(stage, BESIDE_USE_CASES, force=True)

    assert again.keys() == EXPECTED
    for (name, variant), outcome in again.items():
        assert outcome["outcome"] == "published"
        if variant != "personalize":
            assert outcome["verdict"] == "equal"
            assert outcome["metrics"] == first[name, variant]["metrics"]
        assert served(stage, name, variant).generation == outcome["run"]
