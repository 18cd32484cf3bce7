"""Which record of an item counts: that of an import or one that was put, and what a new schema adds."""

import json
from typing import Any

import pytest

from tests.personalize_server.support.journey import Journey, interactions_csv, schema_text, user_lines
from tests.personalize_server.support.processes import PersonalizeServer


def items(**genres: str) -> str:
    rows = [f"{item},{genre},," for item, genre in genres.items()]
    return "\n".join(["ITEM_ID,GENRES,PRICE,TITLE", *rows]) + "\n"


@pytest.fixture
def shop(journey: Journey) -> tuple[Journey, str, str, str]:
    """A journey, its group, an Items dataset and a version that recommends all items of the interactions."""
    group = journey.group()
    assert journey.import_csv(journey.dataset(group), interactions_csv())["status"] == "ACTIVE"
    dataset = journey.dataset(group, "Items")
    version = journey.train(journey.solution(group, "aws-popularity-count"))["solutionVersionArn"]
    return journey, group, dataset, version


def filtered(shop: tuple[Journey, str, str, str], run: str, condition: str) -> set[str]:
    journey, group, _, version = shop
    filter_ = journey.personalize.create_filter(
        name=f"{journey.name}-{run}",
        datasetGroupArn=group,
        filterExpression=f"INCLUDE ItemID WHERE {condition}",
    )["filterArn"]
    assert journey.infer(version, user_lines(["u1"]), run, filterArn=filter_)["status"] == "ACTIVE"
    return set(journey.output(run)[0]["output"]["recommendedItems"])


def test_the_newest_record_of_an_item_counts_wherever_it_came_from(
    shop: tuple[Journey, str, str, str], server: PersonalizeServer
) -> None:
    journey, _, dataset, _ = shop
    events = server.client("personalize-events")

    def put(**genres: str) -> None:
        records: list[dict[str, Any]] = [
            {"itemId": item, "properties": json.dumps({"genres": genre})} for item, genre in genres.items()
        ]
        events.put_items(datasetArn=dataset, items=records)

    journey.import_csv(dataset, items(i1="A", i2="A", i3="A"), "1")
    put(i2="B", i4="B", i5="B")
    assert filtered(shop, "put", 'Items.GENRES IN ("B")') == {"i2", "i4", "i5"}
    journey.import_csv(dataset, items(i4="C", i6="C"), "2", importMode="INCREMENTAL")
    assert filtered(shop, "added", 'Items.GENRES IN ("C")') == {"i4", "i6"}
    assert filtered(shop, "left", 'Items.GENRES IN ("A","B")') == {"i1", "i2", "i3", "i5"}
    put(i6="D")
    assert filtered(shop, "again", 'Items.GENRES IN ("D")') == {"i6"}
    journey.import_csv(dataset, items(i1="E", i5="E"), "3")
    assert filtered(shop, "full", 'Items.GENRES IN ("E")') == {"i1", "i5"}
    assert filtered(shop, "kept", 'Items.GENRES IN ("B","D")') == {"i2", "i4", "i6"}, "what was put stays"
    assert filtered(shop, "gone", 'Items.GENRES IN ("A","C")') == set(), "what was imported does not"


def test_a_new_schema_adds_columns_to_the_data_there_is(
    shop: tuple[Journey, str, str, str], server: PersonalizeServer
) -> None:
    journey, _, dataset, _ = shop
    api = journey.personalize
    journey.import_csv(dataset, items(i1="A", i2="A"), "1")
    season = {"name": "SEASON", "type": ["null", "string"], "categorical": True}
    schema = api.create_schema(name=f"{journey.name}-more", schema=schema_text("Items", season))["schemaArn"]
    api.update_dataset(datasetArn=dataset, schemaArn=schema)
    assert filtered(shop, "old", 'Items.GENRES IN ("A")') == {"i1", "i2"}
    added = "ITEM_ID,GENRES,PRICE,TITLE,SEASON\ni2,B,,,spring\ni3,B,,,\n"
    job = journey.import_csv(dataset, added, "2", importMode="INCREMENTAL")
    assert job["status"] == "ACTIVE", job
    summer = [{"itemId": "i4", "properties": json.dumps({"genres": "B", "season": "summer"})}]
    server.client("personalize-events").put_items(datasetArn=dataset, items=summer)
    assert filtered(shop, "new", 'Items.SEASON IN ("spring","summer")') == {"i2", "i4"}
    assert filtered(shop, "all", 'Items.GENRES IN ("A","B")') == {"i1", "i2", "i3", "i4"}
