"""What training makes of texts and of other columns of items."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import RECIPE, Journey, interactions_csv, schema_text
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.recipes import recommended, train

DESCRIBED = json.dumps(
    {
        "type": "record",
        "name": "Items",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "NAME", "type": "string", "itemName": True},
            {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True},
        ],
        "version": "1.0",
    }
)


def test_texts_that_mean_something_alike_are_similar(journey: Journey, server: PersonalizeServer) -> None:
    group = journey.group()
    texts = [
        ("s1", "Orbit", "a rocket brings astronauts to the space station"),
        ("s2", "Red dust", "astronauts walk on mars far from the space station"),
        ("s3", "Launch", "engineers build a rocket for the journey to mars"),
        ("k1", "Broth", "a cook simmers soup from bones and vegetables"),
        ("k2", "Sunday table", "grandmother teaches the cook to season vegetables"),
        ("k3", "Oven", "bread and soup from an old kitchen"),
    ]
    rows = ["ITEM_ID,NAME,DESCRIPTION", *(",".join(text) for text in texts)]
    items = journey.dataset(group, "Items", DESCRIBED)
    assert journey.import_csv(items, "\n".join(rows) + "\n")["status"] == "ACTIVE"
    version = journey.train(journey.solution(group, "aws-semantic-similarity"))
    assert version["status"] == "ACTIVE", version
    found = recommended((journey, group), server, version, itemId="s1")
    assert set(found[:2]) == {"s2", "s3"}
    assert set(found[2:]) == {"k1", "k2", "k3"}
    text = {"name": "Landing", "description": "the rocket returns to the space station with astronauts"}
    put = [{"itemId": "s4", "properties": json.dumps(text)}]
    server.client("personalize-events").put_items(datasetArn=items, items=put)
    assert "s4" not in recommended((journey, group), server, version, itemId="s1"), "not before a training"
    solution = journey.solution(
        group, "aws-semantic-similarity", name=f"{journey.name}-kept", performIncrementalUpdate=True
    )
    kept = journey.train(solution)
    text["name"] = "Docking"
    put = [{"itemId": "s5", "properties": json.dumps(text)}]
    server.client("personalize-events").put_items(datasetArn=items, items=put)
    assert {"s4", "s5"} <= set(recommended((journey, group), server, kept, itemId="s1")[:3])


def test_an_item_that_nobody_touched_is_found_by_its_metadata_unless_that_is_excluded(
    journey: Journey, server: PersonalizeServer
) -> None:
    """The genre tells the camps apart, and is all that is known of a new item."""
    group = journey.group()
    camps = "".join(f"i{n},{'Low' if n < 40 else 'High'},,\n" for n in range(80))
    metadata = f"ITEM_ID,GENRES,PRICE,TITLE\n{camps}new-low,Low,,\nnew-high,High,,\n"
    for kind, body in (("Interactions", interactions_csv()), ("Items", metadata)):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    version = train((journey, group), "known", "aws-similar-items")
    found = recommended((journey, group), server, version, itemId="new-low", numResults=40)
    assert all(item == "new-low" or int(item[1:]) < 40 for item in found)
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["GENRES"]}}}
    version = train((journey, group), "unknown", "aws-similar-items", solutionConfig=excluded)
    without = recommended((journey, group), server, version, itemId="new-low", numResults=40)
    assert any(int(item[1:]) >= 40 for item in without if item.startswith("i"))
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match="COLOR"):
        wrong = {"trainingDataConfig": {"includedDatasetColumns": {"ITEMS": ["COLOR"]}}}
        journey.solution(group, "aws-similar-items", name="wrong-columns", solutionConfig=wrong)


def test_schemas_of_texts_are_checked(journey: Journey) -> None:
    two = {"name": "MORE", "type": "string", "textual": True}
    with pytest.raises(ClientError, match="Only one field can be textual"):
        text = schema_text("Items", two, {**two, "name": "OTHER"})
        journey.personalize.create_schema(name=f"{journey.name}-two", schema=text)


def test_a_recommender_trains_on_columns_that_are_there(journey: Journey) -> None:
    api = journey.personalize
    group = api.create_dataset_group(name=journey.name, domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["GENRES"]}}}
    with pytest.raises(api.exceptions.InvalidInputException, match="no ITEMS dataset"):
        api.create_recommender(
            name=journey.name,
            datasetGroupArn=group,
            recipeArn=f"{RECIPE}aws-vod-top-picks",
            recommenderConfig=config,
        )
