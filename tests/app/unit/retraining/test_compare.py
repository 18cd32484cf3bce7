"""When a run has nothing to do."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.deciding.compare import compare_datasets
from pipeline.generations import Generations
from pipeline.storage import Bucket
from tests.app.support.in_memory import with_newer_copy

TABLE = "recs-test-serving"
SERVED = "20270101T000000000"
RUN = "20270102T000000000"
SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/recs-test-posts-0a0b0c0d"


def datasets(**hashes: str) -> list[dict[str, Any]]:
    return [{"dataset": name, "contentHash": content, "rows": 1} for name, content in hashes.items()]


@pytest.fixture
def generations(dynamodb: Any) -> Generations:
    return Generations(dynamodb, TABLE, "posts", "personalize", clock=lambda: 1_798_761_600.0)


@pytest.fixture
def last_good(bucket: Bucket, generations: Generations) -> Bucket:
    """A good run of yesterday is being served for 14 days."""
    generations.publish(SERVED, users=10)
    record = {
        "generation": SERVED,
        "generationDays": 14,
        "solutionVersionArn": f"{SOLUTION}/1a2b3c4d",
        "datasets": datasets(interactions="x", users="y"),
    }
    bucket.write_json("runs/posts/personalize/last_good.json", record)
    return bucket


def reason(
    bucket: Bucket,
    generations: Generations,
    now: list[dict[str, Any]],
    *,
    run: str = RUN,
    force: bool = False,
    solution_arn: str | None = None,
) -> tuple[bool, str]:
    comparison = compare_datasets(bucket, generations, now, run=run, force=force, solution_arn=solution_arn)
    return comparison.changed, comparison.reason


SAME = datasets(interactions="x", users="y")


def test_the_same_contents_are_unchanged(last_good: Bucket, generations: Generations) -> None:
    changed, why = reason(last_good, generations, list(reversed(SAME)), solution_arn=SOLUTION)

    assert not changed
    assert SERVED in why


def test_what_is_unchanged_is_what_the_last_good_run_made(
    last_good: Bucket, generations: Generations
) -> None:
    """Where it wrote its batch output, or where runs wrote theirs before they said so."""
    found = compare_datasets(last_good, generations, SAME, run=RUN, force=False)
    assert (found.generation, found.metrics) == (SERVED, None)
    assert found.output == last_good.url(f"batch/posts/{SERVED}/output/")

    key = "runs/posts/personalize/last_good.json"
    more = {"metrics": {"coverage": 0.5}, "output": "s3://elsewhere/output/personalize/"}
    last_good.write_json(key, {**last_good.read_json(key), **more})
    found = compare_datasets(last_good, generations, SAME, run=RUN, force=False)
    assert (found.metrics, found.output) == tuple(more.values())

    changed = compare_datasets(last_good, generations, SAME, run=RUN, force=True)
    assert (changed.generation, changed.metrics, changed.output) == (None, None, None)


def test_of_two_regions_last_good_runs_the_newer_one_counts(
    last_good: Bucket, generations: Generations
) -> None:
    """After a switch this region's own may be the older one."""
    key = "runs/posts/personalize/last_good.json"
    newer = datasets(interactions="z", users="y")

    here = with_newer_copy(last_good, key, {**last_good.read_json(key), "datasets": newer})

    assert reason(here, generations, newer)[0] is False
    assert reason(here, generations, SAME) == (True, "interactions changed")


def test_a_forced_run_is_changed(last_good: Bucket, generations: Generations) -> None:
    assert reason(last_good, generations, SAME, force=True) == (True, "forced by the input")


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (datasets(interactions="z", users="y"), "interactions changed"),
        (datasets(interactions="x"), "users is gone"),
        (datasets(interactions="x", users="y", items="i"), "items is new"),
        (datasets(interactions="z", items="i"), "interactions changed; items is new; users is gone"),
    ],
)
def test_other_contents_are_named(
    last_good: Bucket, generations: Generations, now: list[dict[str, Any]], why: str
) -> None:
    assert reason(last_good, generations, now) == (True, why)


def test_another_solution_counts_as_changed(last_good: Bucket, generations: Generations) -> None:
    assert reason(last_good, generations, SAME, solution_arn=SOLUTION[:-1] + "e") == (
        True,
        "the solution is another one",
    )


@pytest.mark.parametrize(
    ("definition", "found"),
    [("a1", (False, None)), ("b2", (True, "the model is defined in another way")), (None, (False, None))],
)
def test_a_model_that_is_defined_in_another_way_counts_as_changed(
    last_good: Bucket, generations: Generations, definition: str | None, found: tuple[bool, str | None]
) -> None:
    key = "runs/posts/personalize/last_good.json"
    last_good.write_json(key, {**last_good.read_json(key), "definition": "a1"})

    compared = compare_datasets(last_good, generations, SAME, run=RUN, force=False, definition=definition)

    changed, why = found
    assert compared.changed is changed
    assert why is None or compared.reason == why


@pytest.mark.parametrize(("run", "changed"), [("20270108T000000000", False), ("20270108T000000001", True)])
def test_a_generation_past_half_of_its_days_is_renewed(
    last_good: Bucket, generations: Generations, run: str, changed: bool
) -> None:
    assert reason(last_good, generations, SAME, run=run)[0] is changed


def test_without_a_last_good_run_everything_is_new(bucket: Bucket, generations: Generations) -> None:
    assert reason(bucket, generations, SAME) == (True, "no run has been published yet")


def test_a_table_that_serves_nothing_is_filled_again(last_good: Bucket, dynamodb: Any) -> None:
    elsewhere = Generations(dynamodb, TABLE, "posts", "personalize")
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "pointer#posts"}, "sk": {"S": "personalize"}})

    assert reason(last_good, elsewhere, SAME) == (True, "no generation is being served")
