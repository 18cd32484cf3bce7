"""From schemas to recommendations in S3, as a user of the service goes."""

import json
from typing import Any

import pytest

from personalize_server.objects.locations import names_below
from tests.personalize_server.support.journey import (
    BUCKET,
    Journey,
    interactions_csv,
    items_csv,
    user_lines,
    users_csv,
)

METRICS = {
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
    *(f"precision_at_{k}" for k in (5, 10, 25)),
}


def test_schemas_to_batch_recommendations(journey: Journey) -> None:
    group = journey.group()
    for kind, body in (
        ("Interactions", interactions_csv()),
        ("Users", users_csv()),
        ("Items", items_csv()),
    ):
        job = journey.import_csv(journey.dataset(group, kind), body)
        assert job["status"] == "ACTIVE", job

    version = journey.train(journey.solution(group))
    assert version["status"] == "ACTIVE", version
    assert version["trainingHours"] > 0
    arn = version["solutionVersionArn"]
    metrics = journey.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert set(metrics) == METRICS
    assert all(0 <= value <= 1 for value in metrics.values())

    job = journey.infer(arn, user_lines(["u0", "u1", "nobody"]), numResults=10)
    assert job["status"] == "ACTIVE", job
    known, other, unknown = journey.output()
    assert known["input"] == {"userId": "u0"}
    assert known["error"] is None
    assert set(known) == {"input", "output", "error"}
    items, scores = known["output"]["recommendedItems"], known["output"]["scores"]
    assert scores == [round(score, 7) for score in scores]
    assert len(items) == len(set(items)) == len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert all(int(item[1:]) >= 40 for item in items), "u0 is of the camp of the upper half"
    assert all(int(item[1:]) < 40 for item in other["output"]["recommendedItems"])
    assert len(unknown["output"]["recommendedItems"]) == 10


def test_scores_of_the_whole_catalogue_sum_to_one(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train()))
    journey.infer(version["solutionVersionArn"], user_lines(["u3"]), numResults=500)
    [line] = journey.output()
    assert len(line["output"]["scores"]) == 80
    assert sum(line["output"]["scores"]) == pytest.approx(1, abs=1e-5), "rounded each"


def test_popularity_lines_have_neither_scores_nor_error(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train(), "aws-popularity-count"))
    job = journey.infer(version["solutionVersionArn"], user_lines(["u1", "u2"]))
    assert job["numResults"] == 25
    lines = journey.output()
    assert all(set(line) == {"input", "output"} for line in lines)
    assert all(set(line["output"]) == {"recommendedItems"} for line in lines)
    assert lines[0]["output"] == lines[1]["output"]


def test_files_of_equal_names_in_different_folders_have_an_output_each(journey: Journey, s3: Any) -> None:
    version = journey.train(journey.solution(journey.ready_to_train(), "aws-popularity-count"))
    for folder, user in (("monday/", "u1"), ("tuesday/", "u2")):
        journey.put(f"batch-1/input/{folder}users.jsonl", user_lines([user]))
    journey.infer(version["solutionVersionArn"], user_lines(["u0"]))
    for folder, user in (("", "u0"), ("monday/", "u1"), ("tuesday/", "u2")):
        key = f"{journey.name}/batch-1/output/{folder}users.jsonl.out"
        [line] = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().splitlines()
        assert json.loads(line)["input"] == {"userId": user}


@pytest.mark.parametrize(
    ("path", "keys", "names"),
    [
        ("s3://bucket", ["a", "b/a"], ["a", "b/a"]),
        ("s3://bucket/in/", ["in/a", "in/b/a"], ["a", "b/a"]),
        ("s3://bucket/in", ["in/a", "in/b/a"], ["a", "b/a"]),
        ("s3://bucket/in", ["in-2/a", "in/a"], ["in-2/a", "in/a"]),
        ("s3://bucket/x/in/a", ["x/in/a"], ["a"]),
        ("s3://bucket/x/part-", ["x/part-1", "x/part-2"], ["part-1", "part-2"]),
    ],
)
def test_outputs_are_named_from_the_folder_of_the_input_on(
    path: str, keys: list[str], names: list[str]
) -> None:
    assert names_below(path, keys) == names


def test_a_filter_leaves_out_what_the_user_did(journey: Journey) -> None:
    group = journey.ready_to_train()
    version = journey.train(journey.solution(group))["solutionVersionArn"]
    filters = {
        name: journey.personalize.create_filter(
            name=f"{journey.name}-{name}", datasetGroupArn=group, filterExpression=expression
        )["filterArn"]
        for name, expression in {
            "seen": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
            "bought": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("BUY","gift")',
            "only": 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE = "like"',
        }.items()
    }
    done: dict[str, set[str]] = {"*": set()}
    for row in interactions_csv().splitlines()[1:]:
        user, item, _, kind, _ = row.split(",")
        if user == "u5":
            done.setdefault(kind, set()).add(item)
            done["*"].add(item)
    every = {f"i{item}" for item in range(80)}
    for name, wanted in (
        ("seen", every - done["*"]),
        ("bought", every - done["buy"]),
        ("only", done["like"]),
    ):
        journey.infer(version, user_lines(["u5"]), name, numResults=100, filterArn=filters[name])
        [line] = journey.output(name)
        assert set(line["output"]["recommendedItems"]) == wanted, name


def test_bad_input_lines_become_error_lines_in_their_place(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train()))["solutionVersionArn"]
    lines = '{"userId": "u1"}\n{"userId": \n{"user": "u2"}\n\n{"userId": 7}\n[]\n{"userId": "u4"}'
    lines += '\n{"userId": "\\ud800"}\n{"userId": "u5", "\\udfff": 1}\n{"userId": "u6"}'
    assert journey.infer(version, lines)["status"] == "ACTIVE"
    found = journey.output()
    assert [line["error"] is None for line in found] == [True, *[False] * 4, True, False, False, True]
    wrong = [*found[1:5], *found[6:8]]
    assert all(line["error"].startswith("User error: ") for line in wrong)
    assert all(line["output"] == {"recommendedItems": []} for line in wrong)
    assert found[6]["input"] == '{"userId": "\\ud800"}'
    assert found[2]["input"] == {"user": "u2"}


def test_input_files_below_a_prefix_each_get_an_output_file(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train()))["solutionVersionArn"]
    journey.put("batch-1/input/deep/more.json", user_lines(["u2", "u3"]))
    assert journey.infer(version, user_lines(["u1"]))["status"] == "ACTIVE"
    keys = journey.s3.list_objects_v2(Bucket="personalize-data", Prefix=f"{journey.name}/batch-1/output/")
    names = sorted(entry["Key"].rpartition("/")[2] for entry in keys["Contents"])
    assert names == ["more.json.out", "users.jsonl.out"]
    assert len(journey.output()) == 1


def test_event_types_and_weights_decide_what_is_learned(journey: Journey) -> None:
    group = journey.ready_to_train()
    config = {"eventsConfig": {"eventParametersList": [{"eventType": "buy", "weight": 1.0}]}}
    version = journey.train(journey.solution(group, solutionConfig=config))
    assert version["status"] == "CREATE FAILED"
    expected = "Dataset has fewer than 1000 interactions after filtering by event type: buy"
    assert expected in version["failureReason"]

    solution = version["solutionArn"]
    weights = [{"eventType": "view", "weight": 0.1}, {"eventType": "like"}, {"eventType": "buy"}]
    journey.personalize.update_solution(
        solutionArn=solution, solutionUpdateConfig={"eventsConfig": {"eventParametersList": weights}}
    )
    version = journey.train(solution)
    assert version["status"] == "ACTIVE"
    assert version["solutionConfig"]["eventsConfig"]["eventParametersList"][0]["weight"] == 0.1


def test_a_threshold_on_the_event_value_filters(journey: Journey) -> None:
    group = journey.ready_to_train()
    solution = journey.solution(
        group,
        "aws-user-personalization",
        eventType="view",
        solutionConfig={"eventValueThreshold": "4"},
    )
    version = journey.train(solution)
    assert version["status"] == "CREATE FAILED"
    assert "after filtering by event type: view" in version["failureReason"]
