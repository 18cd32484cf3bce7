"""The handlers refuse a run that is too dear or whose data has shrunk, and tell what one has cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import DataChanged, RunTooDear
from pipeline.storage import Bucket
from steps import clients, compare_datasets, environment, publish_generation

RUN = "20270101T000000000"
VARIANT = {"useCase": "posts", "variant": "personalize"}
CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn",
    aws_request_id="id",
    get_remaining_time_in_millis=lambda: 300_000,
)


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, bucket: Bucket, dynamodb: Any) -> Iterator[None]:
    """The environment of deployed functions."""
    for name, value in {
        "DATA_BUCKET": bucket.name,
        "SERVING_TABLE": "recs-test-serving",
        "ACTIVE_REGIONS": "eu-west-1",
        "STAGE": "test",
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
    }.items():
        monkeypatch.setenv(name, value)
    for cached in (environment.step_environment, clients.client):
        cached.cache_clear()
    yield
    for cached in (environment.step_environment, clients.client):
        cached.cache_clear()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Records of metrics that name a cost, those of the variant and of the use case."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if "_aws" in line and any(name.startswith("RunCost") for name in line)]


BUDGET = {"limitUsd": 25.0, "interactionsUsd": 0.002, "hourUsd": 0.0, "listsUsd": 0.15, "forItems": False}


def sized(interactions: int) -> list[dict[str, Any]]:
    return [
        {"dataset": "interactions", "rows": interactions, "users": 100_000, "contentHash": str(interactions)}
    ]


def comparing(interactions: int) -> Any:
    return compare_datasets.lambda_handler(
        {**VARIANT, "run": RUN, "force": False, "datasets": sized(interactions), "budget": BUDGET}, CONTEXT
    )


def test_a_run_beyond_its_budget_is_refused_before_anything_is_paid_for() -> None:
    with pytest.raises(RunTooDear, match=r"about 35\.00 US dollars"):
        comparing(10_000_000)


def test_a_run_whose_data_has_shrunk_is_refused_even_if_forced_unless_somebody_accepts_it(
    bucket: Bucket,
) -> None:
    record = {"generation": "20261231T000000000", "datasets": sized(10_000), "generationDays": 14}
    bucket.write_json("runs/posts/personalize/last_good.json", record)
    half = {"down": 0.5, "up": None}
    guards = {"rows": half, "people": half, "items": half, "eventType": half, "fromRows": 100}
    run = {**VARIANT, "run": RUN, "force": True, "datasets": sized(4_000)}
    guarded = {**run, "guards": {**guards, "variants": ["personalize"]}}

    with pytest.raises(DataChanged, match="4,000 rows of the interactions after 10,000"):
        compare_datasets.lambda_handler(guarded, CONTEXT)

    assert compare_datasets.lambda_handler({**guarded, "acceptData": True}, CONTEXT)["changed"]
    assert compare_datasets.lambda_handler(run, CONTEXT)["changed"]


def test_what_a_run_has_cost_is_told_as_a_share_of_its_estimate(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert comparing(1_000_000)["estimatedUsd"] == pytest.approx(17.0)
    assert told(capsys)[0]["RunCostEstimated"] == [pytest.approx(17.0)]
    bucket.write_json("popular.json", ["i1"])
    capsys.readouterr()

    publish_generation.lambda_handler(
        {
            **VARIANT,
            "generation": RUN,
            "audience": 120_000,
            "loaded": 120_000,
            "errors": 0,
            "minimumShare": 0.9,
            "popularKey": "popular.json",
            "generationDays": 14,
            "catalogueKey": None,
            "record": {"datasets": sized(1_000_000)},
            "budget": BUDGET,
            "estimatedUsd": 17.0,
        },
        CONTEXT,
    )

    of_variant, of_use_case = told(capsys)
    assert of_variant["variant"] == "personalize" and "variant" not in of_use_case
    for record in (of_variant, of_use_case):
        assert record["RunCost"] == [pytest.approx(20.0)]
        assert record["RunCostOfEstimate"] == [pytest.approx(20 / 17)]
