"""Several variants in one run, on the interpreter of the local cloud: what one does, and others meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.support.clouds.rehearsal import OUTPUT, STEPS, Ended, Rehearsal
from tests.app.support.side_by_side import BESIDE_STAGE, synthesise_beside
from tests.app.support.template_reading import machines_of, resources_of, training_of
from tests.local_cloud.support.local_aws import serving
from tests.support import tables

TABLE = "lists"
USE_CASE, VARIANTS = "posts", ("personalize", "own", "heuristic")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    templates = synthesise_beside(tmp_path_factory.mktemp("assembly"))
    template = training_of(templates, BESIDE_STAGE)
    [machine] = [one for one in machines_of(template) if one.use_case == USE_CASE]
    functions = resources_of(template, "AWS::Lambda::Function")
    handlers = {f"<{name}.Arn>": one["Handler"].split(".")[1] for name, one in functions.items()}
    folder: Path = tmp_path_factory.mktemp("cloud")
    with serving(folder) as aws:
        shards = json.dumps([{"own": "own/0", "output": "output/0.out", "users": 2}])
        tables.create(aws.client("dynamodb"), TABLE)
        yield Rehearsal(
            aws=aws,
            machine=machine,
            handlers=handlers,
            function=aws.function(STEPS),
            bucket=aws.bucket({"shards.json": shards}),
            table=TABLE,
        )


def outcomes(ended: Ended) -> dict[str, str]:
    return {variant: one["outcome"] for variant, one in ended.outcomes.items()}


@pytest.mark.prove
def test_all_publish(stage: Rehearsal) -> None:
    ended = stage.run({})

    assert (ended.status, ended.error, ended.cause) == ("SUCCEEDED", "", "")
    assert ended.output["outcome"] == "published"
    assert [one["variant"] for one in ended.output["variants"]] == list(VARIANTS)
    for one in ended.output["variants"]:
        assert (one["outcome"], one["generation"]) == ("published", ended.output["run"])
        assert one["output"] == f"{OUTPUT}{one['variant']}/"
        assert one["metrics"] == {"coverage": 0.5}
        assert 0 <= one["seconds"] < 600
    assert ended.states.count("Write batch input") == 1
    [job] = [body for operation, body in ended.requests if operation == "CreateBatchInferenceJob"]
    assert job["jobOutput"]["s3DataDestination"]["path"] == f"{OUTPUT}personalize/"
    assert ended.requests[-1][0] == "UpdateCampaign"


@pytest.mark.prove
def test_training_in_personalize_fails_and_the_others_publish(stage: Rehearsal) -> None:
    ended = stage.run({}, personalize="CREATE FAILED", messages=1)

    assert outcomes(ended) == {"personalize": "failed", "own": "published", "heuristic": "published"}
    assert (ended.status, ended.error) == ("FAILED", "VariantsFailed: personalize")
    assert ended.cause.startswith("Step Wait for the solution version of personalize: ")
    assert "too few interactions" in ended.cause
    [message] = ended.messages
    assert "The variant personalize in the training workflow of posts failed." in message
    assert "too few interactions" in message


@pytest.mark.prove
def test_training_of_our_own_fails_and_personalize_publishes(stage: Rehearsal) -> None:
    refused = {"error": "TrainingRefused", "why": "nobody has done anything"}
    ended = stage.run({"train_model": refused}, variant="own", messages=1)

    assert outcomes(ended) == {"personalize": "published", "own": "failed", "heuristic": "published"}
    assert (ended.status, ended.error) == ("FAILED", "VariantsFailed: own")
    assert ended.cause == "Step Train the model of own: nobody has done anything"
    [message] = ended.messages
    assert "The variant own in the training workflow of posts failed." in message
    assert "Reason: nobody has done anything" in message


@pytest.mark.prove
@pytest.mark.parametrize(
    ("step", "named"),
    [
        ("compare_datasets", "Compare datasets"),
        ("recommend_shard", "Recommend"),
        ("load_recommendations", "Load recommendations"),
    ],
)
def test_a_failure_is_the_variant_s_own_wherever_it_is(stage: Rehearsal, step: str, named: str) -> None:
    ended = stage.run({step: {"error": "Broken", "why": "not today"}}, variant="heuristic", messages=1)

    assert outcomes(ended) == {"personalize": "published", "own": "published", "heuristic": "failed"}
    assert ended.error == "VariantsFailed: heuristic"
    assert ended.cause.startswith(f"Step {named} of heuristic: ") and "not today" in ended.cause
    assert f"Step: {named}" in ended.messages[0]


@pytest.mark.prove
def test_all_that_failed_are_named_and_each_is_told(stage: Rehearsal) -> None:
    refused = {"error": "MetricMissing", "why": "there are none"}
    ended = stage.run({"judge_solution_version": refused}, messages=3)

    assert outcomes(ended) == dict.fromkeys(VARIANTS, "failed")
    assert ended.error == "VariantsFailed: personalize, own, heuristic"
    assert ended.cause.count("there are none") == 3
    assert len(ended.messages) == 3


@pytest.mark.prove
def test_what_fails_before_the_variants_fails_for_all_and_is_told_once(stage: Rehearsal) -> None:
    refused = {"error": "EmptyAudience", "why": "there are no users"}
    ended = stage.run({"write_batch_input": refused}, messages=1)

    assert (ended.status, ended.error) == ("FAILED", "EmptyAudience")
    assert ended.cause == "Step Write batch input: there are no users"
    assert ended.outcomes == {}


@pytest.mark.prove
def test_without_anything_new_nothing_is_written_and_the_last_good_run_is_named(stage: Rehearsal) -> None:
    last = {"generation": "g1", "metrics": {"coverage": 0.4}, "output": "s3://data/before/"}
    same = {"changed": False, "reason": "the same data", "solutionVersionArn": "arn/1", **last}
    ended = stage.run({"compare_datasets": same})

    assert ended.output["outcome"] == "unchanged"
    assert outcomes(ended) == dict.fromkeys(VARIANTS, "unchanged")
    for one in ended.outcomes.values():
        assert {name: one[name] for name in last} == last
    assert "Write batch input" not in ended.states
    assert [operation for operation, _ in ended.requests] == ["DescribeCampaign", "UpdateCampaign"]


@pytest.mark.prove
def test_a_model_that_is_not_used_is_told_with_its_variant_and_the_rest_is_published(
    stage: Rehearsal,
) -> None:
    worse = {"use": False, "verdict": "worse", "reason": "much worse", "metrics": {"coverage": 0.1}}
    ended = stage.run({"judge_solution_version": worse}, variant="own", messages=1)

    assert (ended.status, ended.output["outcome"]) == ("SUCCEEDED", "published")
    assert outcomes(ended) == {"personalize": "published", "own": "kept", "heuristic": "published"}
    assert (ended.outcomes["own"]["verdict"], ended.outcomes["own"]["metrics"]) == (
        "worse",
        {"coverage": 0.1},
    )
    assert "Variant: own" in ended.messages[0]
