"""Only a complete generation is published, and a repeated publication changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline import catalogue
from pipeline.errors import CatalogueTooLarge, GenerationIncomplete, GenerationSuperseded
from pipeline.generations import Generations, Pointer
from pipeline.lists.publish import Loaded, publish_generation
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from pipeline.storage import Bucket

TABLE = "recs-test-serving"
NOW = 1_800_000_000.0
ONE, TWO = "20270101T000000000", "20270102T000000000"
LOADED = Loaded(audience=100, loaded=99, errors=1, minimum_share=0.99)
LAST_GOOD = "runs/posts/personalize/last_good.json"


@pytest.fixture
def generations(dynamodb: Any) -> Generations:
    return Generations(dynamodb, TABLE, "posts", "personalize", clock=lambda: NOW)


@pytest.fixture
def publish(bucket: Bucket, generations: Generations) -> Any:
    bucket.write_json("popular.json", ["a", "b"])

    def run(generation: str, loaded: Loaded = LOADED, popular_key: str = "popular.json") -> Pointer:
        return publish_generation(
            bucket,
            generations,
            generation,
            loaded,
            popular_key=popular_key,
            generation_days=14,
            record={
                "datasets": [{"dataset": "interactions"}],
                "solutionVersionArn": "arn",
                "metrics": {"m": 0.1},
            },
        )

    return run


def test_a_complete_generation_is_served_recorded_and_can_be_gone_back_to(
    publish: Any, generations: Generations, bucket: Bucket
) -> None:
    publish(ONE)
    pointer = publish(TWO)

    assert generations.pointer() == pointer
    assert (pointer.generation, pointer.previous, pointer.users) == (TWO, ONE, 99)
    assert [generation.name for generation in generations.existing()] == [ONE, TWO]
    assert generations.existing()[0].expires == int(NOW) + 14 * 86_400
    assert bucket.read_json(LAST_GOOD) == {
        "generation": TWO,
        "publishedAt": "2027-01-15T08:00:00Z",
        "generationDays": 14,
        "audience": 100,
        "loaded": 99,
        "errors": 1,
        "trimmed": 0,
        "datasets": [{"dataset": "interactions"}],
        "solutionVersionArn": "arn",
        "metrics": {"m": 0.1},
        # From the moment that names the run to the one at which it is published.
        "used": {
            "people": 100,
            "rows": 0,
            "writeUnits": 99,
            "extractSeconds": 0.0,
            "seconds": 1_152_000.0,
        },
    }


def test_publishing_again_changes_nothing(publish: Any, generations: Generations) -> None:
    publish(ONE)
    first = publish(TWO)

    assert publish(TWO) == first == generations.pointer()


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        (
            replace(LOADED, loaded=98, errors=2),
            r"98 of 100 users have a list \(2 error lines\), at least 99.0%",
        ),
        (replace(LOADED, audience=0, loaded=0, minimum_share=0.0), "0 of 0 users"),
    ],
)
def test_an_incomplete_generation_leaves_readers_with_the_previous_one(
    publish: Any, generations: Generations, bucket: Bucket, loaded: Loaded, message: str
) -> None:
    before = publish(ONE)

    with pytest.raises(GenerationIncomplete, match=message):
        publish(TWO, loaded)

    assert generations.pointer() == before
    assert bucket.read_json(LAST_GOOD)["generation"] == ONE
    assert [generation.name for generation in generations.existing()] == [ONE]


def test_a_generation_without_its_popular_list_is_incomplete(publish: Any, generations: Generations) -> None:
    with pytest.raises(GenerationIncomplete, match=r"no popular list at s3://data-bucket/gone\.json"):
        publish(ONE, popular_key="gone.json")

    assert generations.pointer() is None


def test_an_overtaken_run_does_not_become_the_last_good_one(publish: Any, bucket: Bucket) -> None:
    publish(TWO)

    with pytest.raises(GenerationSuperseded):
        publish(ONE)

    assert bucket.read_json(LAST_GOOD)["generation"] == TWO


def test_a_directory_s_catalogue_is_there_before_readers_see_the_generation(
    bucket: Bucket, generations: Generations, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_PAGE_BYTES", 10)
    bucket.write("items.csv", b"ITEM_ID,LEVEL\nb,1\na,1\nc\\,c,2\nb,1\nlong-id-of-an-item,1\n", "text/csv")
    bucket.write_json("popular.json", ["a"])

    def again() -> Pointer:
        return publish_generation(
            bucket,
            generations,
            ONE,
            LOADED,
            popular_key="popular.json",
            generation_days=14,
            record={},
            catalogue_key="items.csv",
        )

    assert again() == again()

    table = Table(dynamodb, TABLE, Waiting(), clock=lambda: NOW)
    assert table.catalogue("posts", "personalize", ONE) == ("b", "a", "c,c", "long-id-of-an-item")
    pages = dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "catalogue#posts"}},
    )["Items"]
    assert [page["sk"]["S"] for page in pages] == [f"personalize#{ONE}#{n:05d}" for n in range(len(pages))]
    assert {page["expires"]["N"] for page in pages} == {str(int(NOW) + 14 * 86_400)}
    assert len(pages) > 1


class Written:
    """In the place of a client: writing so many takes long."""

    def __init__(self) -> None:
        self.pages: list[list[str]] = []

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:
        self.pages.append([element["S"] for element in Item["items"]["L"]])


def test_a_directory_may_have_fifty_thousand_items_in_pages_that_an_item_holds(bucket: Bucket) -> None:
    ids = [f"it-{number:06d}" for number in range(50_001)]
    bucket.write("most.csv", "\n".join(["ITEM_ID", *ids[:-1], ""]).encode(), "text/csv")
    bucket.write("more.csv", "\n".join(["ITEM_ID", *ids, ""]).encode(), "text/csv")
    generations = Generations(written := Written(), TABLE, "posts", "personalize")

    assert catalogue.store_catalogue(bucket, generations, ONE, "most.csv", expires=1) == 50_000

    assert [id_ for page in written.pages for id_ in page] == ids[:-1]
    assert [len(page) for page in written.pages] == [20_000, 20_000, 10_000], "200,000 bytes of 10 each"
    with pytest.raises(CatalogueTooLarge, match="50,001 items, and a directory can have 50,000"):
        catalogue.store_catalogue(bucket, generations, ONE, "more.csv", expires=1)
