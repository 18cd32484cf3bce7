"""The handlers: a run of all steps on one table and bucket, what they count, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import DatasetRejected, InvalidInput
from pipeline.extract.database import Database
from pipeline.storage import Bucket
from pipeline.withholding.opt_out_list import OptOutList
from steps import (
    clients,
    compare_datasets,
    environment,
    extract_dataset,
    judge_solution_version,
    list_opt_outs,
    load_recommendations,
    publish_generation,
    write_batch_input,
)

RUN, LATER = "20270101T000000000", "20270102T000000000"
VARIANT = {"useCase": "posts", "variant": "personalize"}
CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn",
    aws_request_id="id",
    get_remaining_time_in_millis=lambda: 300_000,
)
QUERY = """SELECT 'u' || i % 50 AS "USER_ID", 'i' || i % 20 AS "ITEM_ID", 1700000000 + i AS "TIMESTAMP"
    FROM generate_series(1, {rows}) AS i"""
COLUMNS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long", "nullable": False},
]


@pytest.fixture(autouse=True)
def deployed(
    monkeypatch: pytest.MonkeyPatch, bucket: Bucket, dynamodb: Any, secrets: Any, database: Database
) -> Iterator[None]:
    """The environment of deployed functions; the database's secret is there."""
    for name, value in {
        "DATA_BUCKET": bucket.name,
        "SERVING_TABLE": "recs-test-serving",
        "ACTIVE_REGIONS": "eu-west-1",
        "STAGE": "test",
        "DATABASE_SECRET": "database",
        "DATABASE_SSL_MODE": "disable",
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
    }.items():
        monkeypatch.setenv(name, value)
    secret = {name: getattr(database, name) for name in ("host", "port", "username", "password", "dbname")}
    secrets.create_secret(Name="database", SecretString=json.dumps(secret))
    for cached in (environment.step_environment, environment.extract_environment):
        cached.cache_clear()
    yield
    for cached in (environment.step_environment, environment.extract_environment):
        cached.cache_clear()


@pytest.fixture(autouse=True, scope="module")
def clients_of_this_module() -> Iterator[None]:
    clients.client.cache_clear()
    yield
    clients.client.cache_clear()


def metrics(capsys: pytest.CaptureFixture[str]) -> list[tuple[set[str], dict[str, Any]]]:
    """(names of the dimensions, everything in the record) of each metrics record printed so far."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    records = [line for line in lines if "_aws" in line]
    for record in records:
        assert record["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Recommendations"
    return [(set(r["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]), r) for r in records]


def extract(rows: int = 1200, run: str = RUN) -> dict[str, Any]:
    request = {"useCase": "posts", "run": run, "dataset": "interactions", "columns": COLUMNS}
    result = extract_dataset.lambda_handler(request | {"query": QUERY.format(rows=rows)}, CONTEXT)
    return dict(result)


def test_a_run_leaves_out_who_has_opted_out(dynamodb: Any) -> None:
    OptOutList(dynamodb, "recs-test-serving").add(["u7", "nobody"], reason="", by="ann")
    listed = list_opt_outs.lambda_handler({"useCase": "posts", "run": RUN}, CONTEXT)
    request = {"useCase": "posts", "run": RUN, "dataset": "interactions", "columns": COLUMNS}

    result = extract_dataset.lambda_handler(
        request | {"query": QUERY.format(rows=1200), "optedOut": listed["key"]}, CONTEXT
    )

    assert listed["users"] == 2
    assert (result["rows"], result["users"]) == (1200 - 24, 49)


def test_a_run_goes_from_the_database_to_a_published_generation(
    bucket: Bucket, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = extract()
    compared = compare_datasets.lambda_handler(
        {**VARIANT, "run": RUN, "force": False, "datasets": [dataset]}, CONTEXT
    )
    written = write_batch_input.lambda_handler(
        {
            "useCase": "posts",
            "run": RUN,
            "interactionsKey": dataset["key"],
            "usersKey": None,
            "ownEventTypes": ["*"],
            "ownIncludesUser": False,
            "activeWithinDays": None,
            "usersPerShard": 30,
        },
        CONTEXT,
    )
    shards = bucket.read_json(written["shardsKey"])
    for shard in shards:
        put_output(bucket, shard)
    loads = [
        load_recommendations.lambda_handler(
            {
                **VARIANT,
                "generation": RUN,
                "shard": shard,
                "popularKey": written["popularKey"],
                "limit": 5,
                "expires": 4_000_000_000,
            },
            CONTEXT,
        )
        for shard in shards
    ]
    publication = {
        **VARIANT,
        "generation": RUN,
        "audience": written["users"],
        "loaded": sum(load["users"] for load in loads),
        "errors": sum(load["errors"] for load in loads),
        "minimumShare": 0.9,
        "popularKey": written["popularKey"],
        "generationDays": 14,
        "record": {"datasets": [dataset], "solutionVersionArn": "arn/1", "metrics": {"coverage": 0.5}},
    }
    published = publish_generation.lambda_handler(publication, CONTEXT)
    again = compare_datasets.lambda_handler(
        {**VARIANT, "run": LATER, "force": False, "datasets": [extract(run=LATER)]}, CONTEXT
    )

    assert compared["changed"] is True and compared["reason"] == "no run has been published yet"
    assert (written["users"], written["shards"]) == (50, 2)
    assert [load["users"] for load in loads] == [30, 19]
    assert [load["errors"] for load in loads] == [0, 1]
    assert published == {"generation": RUN, "previous": None, "users": 49}
    assert (again["changed"], again["solutionVersionArn"]) == (False, "arn/1")
    printed = metrics(capsys)
    assert [(sorted(r.keys() & NAMES), sorted(of)) for of, r in printed if r.keys() & NAMES] == [
        (["RowsRead", "RowsRejected", "RowsRejectedShare"], ["dataset", *OF_USE_CASE]),
        (["AudienceUsers"], OF_USE_CASE),
        (["ErrorLines", "UsersLoaded"], OF_VARIANT),
        (["FreshGeneration"], OF_VARIANT),
        (["ErrorLines", "FreshGeneration", "UsersLoaded"], OF_USE_CASE),
        (["RowsRead", "RowsRejected", "RowsRejectedShare"], ["dataset", *OF_USE_CASE]),
        (["FreshGeneration"], OF_VARIANT),
        (["FreshGeneration"], OF_USE_CASE),
    ]


OF_USE_CASE = ["stage", "use_case"]
OF_VARIANT = [*OF_USE_CASE, "variant"]
NAMES = {
    "RowsRead",
    "RowsRejected",
    "RowsRejectedShare",
    "AudienceUsers",
    "ErrorLines",
    "FreshGeneration",
    "UsersLoaded",
    "ModelJudgedWorse",
}


def put_output(bucket: Bucket, shard: dict[str, Any]) -> None:
    """New items for everybody, but an error for one user."""
    body = bucket.client.get_object(Bucket=bucket.name, Key=shard["own"].replace("/own/", "/input/"))[
        "Body"
    ].read()
    answers = []
    for line in body.splitlines():
        user = json.loads(line)["userId"]
        recommended = {"recommendedItems": ["new-1", "new-2"], "scores": [0.2, 0.1]}
        answer = {
            "input": {"userId": user},
            "output": recommended,
            "error": "User error" if user == "u0" else None,
        }
        answers.append(json.dumps(answer))
    bucket.write(shard["output"], "\n".join(answers).encode(), "application/jsonlines")


def test_a_refused_dataset_is_counted_and_raised_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DatasetRejected, match="only 900 interactions"):
        extract(900)

    [(dimensions, record)] = metrics(capsys)
    assert dimensions == {"stage", "use_case", "dataset"}
    assert (record["stage"], record["use_case"], record["dataset"]) == ("test", "posts", "interactions")
    assert (record["RowsRead"], record["RowsRejected"]) == ([900.0], [0.0])


def test_rejected_rows_are_counted_in_percent(capsys: pytest.CaptureFixture[str]) -> None:
    query = QUERY.format(rows=2000).replace("1700000000 + i", "CASE WHEN i <= 500 THEN 1 ELSE 1700000000 END")
    request = {"useCase": "posts", "run": RUN, "dataset": "interactions", "columns": COLUMNS, "query": query}

    with pytest.raises(DatasetRejected):
        extract_dataset.lambda_handler(request, CONTEXT)

    [(_, record)] = metrics(capsys)
    assert (record["RowsRejected"], record["RowsRejectedShare"]) == ([500.0], [25.0])


def test_a_judged_model_shows_in_the_metrics_of_its_variant(
    monkeypatch: pytest.MonkeyPatch, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"coverage": 0.5, "mean_reciprocal_rank_at_25": 0.1}
    personalize = SimpleNamespace(get_solution_metrics=lambda **_: {"metrics": figures})
    monkeypatch.setattr(judge_solution_version, "client", lambda _: personalize)
    bucket.write_json(
        "runs/posts/personalize/last_good.json", {"generation": "g", "metrics": {"coverage": 0.9}}
    )
    request = {**VARIANT, "run": RUN, "solutionVersionArn": "arn/2", "metric": "coverage"}

    result = judge_solution_version.lambda_handler(
        request | {"floor": None, "tolerance": 0.1, "useWorse": False}, CONTEXT
    )

    assert (result["verdict"], result["use"]) == ("worse", False)
    printed = metrics(capsys)
    of_variant = [record for dimensions, record in printed if "variant" in dimensions]
    for record in of_variant:
        assert (record["stage"], record["use_case"], record["variant"]) == ("test", "posts", "personalize")
    assert [record["coverage"] for record in of_variant if "coverage" in record] == [[0.5]]
    worse = [sorted(of) for of, record in printed if record.get("ModelJudgedWorse") == [1.0]]
    assert worse == [OF_VARIANT, OF_USE_CASE]


@pytest.mark.parametrize(
    ("handler", "event", "message"),
    [
        (
            extract_dataset,
            {"useCase": "posts"},
            "run is missing; dataset is missing; query is missing; columns is",
        ),
        (extract_dataset, {"columns": [{"name": "A"}]}, r"columns\[0\]\.type is missing"),
        (
            load_recommendations,
            {"shard": {"own": 1}},
            r"shard\.own must be a text, not 1; shard\.output is missing",
        ),
        (compare_datasets, {"force": "yes"}, "force must be true or false, not 'yes'"),
        (write_batch_input, {"usersPerShard": True}, "usersPerShard must be a whole number"),
        (publish_generation, [], "input must be an object"),
    ],
)
def test_an_incomplete_input_is_refused_by_naming_what_is_wrong(
    handler: Any, event: Any, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        handler.lambda_handler(event, CONTEXT)


def test_a_missing_variable_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_SECRET")
    monkeypatch.setenv("STAGE", "")

    with pytest.raises(RuntimeError, match="missing environment variables: DATABASE_SECRET, STAGE"):
        environment.ExtractEnvironment.read()
