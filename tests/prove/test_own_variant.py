"""Use cases without the variant `personalize` on the local cloud, beside others: deployed, run, served."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.derived.names import serving_table_name
from config.schema import Fatigue
from local_cloud.demo import serving_table
from local_cloud.lifecycle.serving_api import ServingApi
from operations.arguments import Known
from operations.cli import main as operations
from pipeline.storage import Bucket
from pipeline.tracking.shown_lately import notes_of_people
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.app.support.clouds.second_stage import SecondStage, by_variant
from tests.app.support.own_only import OWN_STAGE, OWN_USE_CASES, synthesise_own
from tests.support.waiting import eventually

USE_CASES = tuple(use_case.name for use_case in OWN_USE_CASES)
Outcomes = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def stage(deployed: CommunityCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondStage]:
    """The cloud with a stage besides, of which nothing is left afterwards."""
    assembly = tmp_path_factory.mktemp("own")
    synthesise_own(assembly)
    second = SecondStage(deployed, OWN_STAGE)
    second.deploy(assembly)
    try:
        yield second
    finally:
        second.destroy(assembly)


@pytest.fixture(scope="module")
def own(stage: SecondStage) -> CommunityCloud:
    return stage.community


@pytest.fixture(scope="module")
def runs(stage: SecondStage) -> Outcomes:
    """By use case and variant."""
    return {
        (name, variant): outcome
        for name, output in stage.run(USE_CASES).items()
        for variant, outcome in by_variant(output, "own").items()
    }


@pytest.fixture(scope="module")
def bucket(stage: SecondStage) -> str:
    return stage.output("Data", "DataBucketName")


def test_nothing_of_it_is_in_personalize(own: CommunityCloud) -> None:
    """Where the stage beside it has its own."""
    groups = own.client("personalize").list_dataset_groups()["datasetGroups"]

    assert {group["name"].split("-")[1] for group in groups} == {LOCAL.name}


def test_a_run_ends_with_lists_for_everybody(own: CommunityCloud, runs: Outcomes) -> None:
    assert runs.keys() == {(case.name, one.name) for case in OWN_USE_CASES for one in case.variants}
    for (name, variant), output in runs.items():
        assert (output["outcome"], output["verdict"]) == ("published", "first")
        served = serving_table.read(
            own.client("dynamodb"), serving_table_name(OWN_STAGE.name), name, variant, own.audience(name)
        )
        assert served is not None
        assert served.generation == output["run"]
        assert len(served.lists) == len(own.audience(name)) == output["users"]
        assert all(served.lists.values())


def test_what_was_trained_is_judged_and_recorded(own: CommunityCloud, runs: Outcomes, bucket: str) -> None:
    s3 = own.client("s3")
    for (name, variant), output in runs.items():
        record = json.loads(
            s3.get_object(Bucket=bucket, Key=f"runs/{name}/{variant}/last_good.json")["Body"].read()
        )
        assert record["metrics"]["coverage"] > 0
        assert record["modelKey"] == f"models/{name}/{variant}/{output['run']}/model.rec"
        assert s3.head_object(Bucket=bucket, Key=record["modelKey"])["ContentLength"] > 1000


def test_batch_output_is_written_as_personalize_writes_it(
    own: CommunityCloud, runs: Outcomes, bucket: str
) -> None:
    """In a folder per variant, where there are several."""
    s3 = own.client("s3")
    for (name, variant), output in runs.items():
        folder = output.get("output", f"s3://{bucket}/batch/{name}/{output['run']}/output/")
        assert ("output" in output) is folder.endswith(f"/{variant}/")
        prefix = folder.removeprefix(f"s3://{bucket}/")
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
        assert keys
        assert all(key.endswith(".jsonl.out") for key in keys)


def test_the_stored_model_answers_in_real_time_with_what_was_touched_just_now(
    stage: SecondStage, own: CommunityCloud, runs: Outcomes
) -> None:
    api = ServingApi(own.cloud.settings, stage.output("Serving", "ApiUrl"))

    def live(path: str) -> Any:
        def answer() -> Any:
            body = api.get(path).body
            return body if body["source"] == "realtime" else None

        return eventually(answer)

    known = live("/v1/users/1/training-programs?limit=10")
    new = live(f"/v1/users/nobody/training-programs?limit=10&events={known['items'][0]['id']}")

    assert known["generation"] == new["generation"] == runs["training_programs", "own"]["run"]
    assert {known["variant"], new["variant"]} == {"own"}
    assert known["items"][0]["id"] not in [item["id"] for item in new["items"] if item["matched"]]


def test_the_api_serves_the_lists(stage: SecondStage, own: CommunityCloud, runs: Outcomes) -> None:
    api = ServingApi(own.cloud.settings, stage.output("Serving", "ApiUrl"))

    answers = {
        name: api.get(path)
        for name, path in (
            ("users_to_follow", "/v1/users/1/people-to-follow?limit=5"),
            ("similar_programs", "/v1/training-programs/1/similar?limit=5"),
        )
    }

    for name, answer in answers.items():
        assert answer.status == 200, answer.body
        assert (answer.body["source"], answer.body["variant"]) == ("batch", "own")
        assert answer.body["generation"] == runs[name, "own"]["run"]
        assert answer.body["items"]


def test_the_same_data_is_not_trained_on_again(stage: SecondStage, runs: Outcomes) -> None:
    before = {variant: run["run"] for (name, variant), run in runs.items() if name == "users_to_follow"}
    output = stage.run(["users_to_follow"])["users_to_follow"]

    assert output["outcome"] == "unchanged"
    found = by_variant(output, "own")
    assert {variant: (one["outcome"], one["generation"]) for variant, one in found.items()} == {
        variant: ("unchanged", run) for variant, run in before.items()
    }


def test_who_was_shown_for_days_and_not_followed_comes_later_and_is_told_why(
    stage: SecondStage, own: CommunityCloud, runs: Outcomes, bucket: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The first five of a list, of whom three may stay."""
    fatigue, name = Fatigue(), "users_to_follow"
    before = list_of_one(own)
    tiring, days = before[:5], [datetime.now(UTC) - timedelta(days=ago) for ago in range(3, 0, -1)]
    assert len(days) == fatigue.shown_days and len(before) > fatigue.among + len(tiring)
    events = [impression(item, day) for item in tiring for day in days]
    posted = ServingApi(own.cloud.settings, stage.output("Serving", "ApiUrl")).post(
        "/v1/events", {"events": events}
    )
    assert posted.status == 202, posted.body
    stored, run = Bucket(own.client("s3"), bucket), runs[name, "own"]["run"]
    eventually(lambda: len(set(notes_of_people(stored, name, run, fatigue.days))) == len(tiring) * len(days))

    stage.run([name], force=True)

    after = list_of_one(own)
    still, later = tiring[: fatigue.most], tiring[fatigue.most :]
    assert tuple(item for item in after[: fatigue.among] if item in tiring) == still
    monkeypatch.setattr("operations.explaining.command.STAGES", (OWN_STAGE,))
    monkeypatch.setattr("operations.explaining.command.USE_CASES", OWN_USE_CASES)
    for variable, value in own.cloud.settings.environment().items():
        monkeypatch.setenv(variable, value)
    asked = ["explain", "--stage", OWN_STAGE.name, "--use-case", name, "--user", "1", "--json", "--item"]
    for item in (*still, *later):
        assert operations([*asked, item], known=Known((OWN_STAGE,), USE_CASES)) == 0
        told = json.loads(capsys.readouterr().out)["rested"]
        if item in still:
            assert told is None
        else:
            assert told["days"] == [f"{day:%Y-%m-%d}" for day in days]
            assert told["before"] <= fatigue.among < told["after"] == after.index(item) + 1


def list_of_one(own: CommunityCloud) -> tuple[str, ...]:
    """Who person 1 is recommended to follow by the variant `own`."""
    client, table = own.client("dynamodb"), serving_table_name(OWN_STAGE.name)
    served = serving_table.read(client, table, "users_to_follow", "own", ["1"])
    assert served is not None
    return served.lists["1"]


def impression(item: str, moment: datetime) -> dict[str, str]:
    day = f"{moment:%Y%m%d}"
    return {
        "eventId": f"shown-{item}-on-{day}",
        "useCase": "users_to_follow",
        "type": "impression",
        "userId": "1",
        "itemId": item,
        "source": "batch",
        "variant": "own",
        "occurredAt": moment.isoformat(timespec="seconds"),
    }
