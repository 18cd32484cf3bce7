"""A campaign or a batch may prefer what is popular or fresh among items whose texts are alike."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import RECIPE, Journey
from tests.personalize_server.support.processes import PersonalizeServer

DAY = 86_400
NOW = 1_700_000_000
SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Items",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "NAME", "type": "string", "itemName": True},
            {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True},
            {"name": "CREATION_TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }
)
ITEMS = [
    ("asked", "Orbit", "a rocket brings astronauts to the space station", 400),
    ("alike", "Orbit again", "a rocket brings astronauts to the space station", 400),
    ("popular", "Red dust", "astronauts walk on mars", 400),
    ("fresh", "Launch", "engineers build a rocket", 0),
    ("other", "Broth", "a cook simmers soup from bones", 400),
]
Shop = tuple[Journey, str, str]


@pytest.fixture(scope="module")
def shop(personalize: Any, s3: Any) -> Shop:
    """A journey, its group and a version; nearly all interactions are with one item."""
    journey = Journey(personalize, s3, "influence")
    group = journey.group()
    rows = [f'{item},{name},"{text}",{NOW - days * DAY}' for item, name, text, days in ITEMS]
    lines = ["ITEM_ID,NAME,DESCRIPTION,CREATION_TIMESTAMP", *rows]
    items = journey.dataset(group, "Items", SCHEMA)
    assert journey.import_csv(items, "\n".join(lines) + "\n")["status"] == "ACTIVE"
    events = [f"u{n},{'popular' if n % 50 else 'alike'},{NOW + n},view,1" for n in range(1000)]
    text = "\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE", *events]) + "\n"
    assert journey.import_csv(journey.dataset(group), text)["status"] == "ACTIVE"
    version = journey.train(journey.solution(group, "aws-semantic-similarity"))
    assert version["status"] == "ACTIVE", version
    return journey, group, version["solutionVersionArn"]


def first(shop: Shop, server: PersonalizeServer, name: str, **influence: float) -> str:
    """What a campaign with this influence puts first."""
    api = shop[0].personalize
    config = {"campaignConfig": {"rankingInfluence": influence}} if influence else {}
    campaign = api.create_campaign(name=f"influence-{name}", solutionVersionArn=shop[2], **config)[
        "campaignArn"
    ]
    answer = server.client("personalize-runtime").get_recommendations(campaignArn=campaign, itemId="asked")
    if influence:
        described = api.describe_campaign(campaignArn=campaign)["campaign"]["campaignConfig"]
        assert described["rankingInfluence"] == influence
    api.delete_campaign(campaignArn=campaign)
    return str(answer["itemList"][0]["itemId"])


def test_popularity_and_freshness_move_items_up_as_far_as_they_may(
    shop: Shop, server: PersonalizeServer
) -> None:
    assert first(shop, server, "none") == "alike"
    assert first(shop, server, "zero", POPULARITY=0.0, FRESHNESS=0.0) == "alike"
    assert first(shop, server, "popular", POPULARITY=1.0) == "popular"
    assert first(shop, server, "fresh", FRESHNESS=1.0) == "fresh"
    assert first(shop, server, "little", POPULARITY=0.01, FRESHNESS=0.01) == "alike"


def test_a_campaign_takes_another_influence_by_an_update(shop: Shop, server: PersonalizeServer) -> None:
    api, runtime = shop[0].personalize, server.client("personalize-runtime")
    campaign = api.create_campaign(name="influence-updated", solutionVersionArn=shop[2])["campaignArn"]
    config = {"rankingInfluence": {"POPULARITY": 1.0}}

    def best() -> str:
        answer = runtime.get_recommendations(campaignArn=campaign, itemId="asked")
        return str(answer["itemList"][0]["itemId"])

    assert best() == "alike"
    api.update_campaign(campaignArn=campaign, campaignConfig=config)
    until = time.monotonic() + 60
    while best() == "alike" and time.monotonic() < until:
        time.sleep(0.02)
    assert best() == "popular"
    api.delete_campaign(campaignArn=campaign)


def test_a_batch_has_its_own_influence(shop: Shop) -> None:
    journey, _, version = shop
    found = []
    for run, influence in (("plain", {}), ("popular", {"POPULARITY": 1.0}), ("fresh", {"FRESHNESS": 1.0})):
        more = {"batchInferenceJobConfig": {"rankingInfluence": influence}} if influence else {}
        assert journey.infer(version, '{"itemId": "asked"}\n', run, **more)["status"] == "ACTIVE"
        found.append(journey.output(run)[0]["output"]["recommendedItems"][0])
    assert found == ["alike", "popular", "fresh"]


@pytest.mark.parametrize("influence", [{"NOVELTY": 0.5}, {"POPULARITY": 1.5}, {"FRESHNESS": -0.1}])
def test_an_influence_that_there_is_not_is_refused(shop: Shop, influence: dict[str, float]) -> None:
    with pytest.raises(ClientError, match="rankingInfluence"):
        shop[0].personalize.create_campaign(
            name="influence-wrong",
            solutionVersionArn=shop[2],
            campaignConfig={"rankingInfluence": influence},
        )


def test_incremental_updates_are_for_texts_alone(shop: Shop) -> None:
    journey, group, _ = shop
    with pytest.raises(
        journey.personalize.exceptions.InvalidInputException, match="performIncrementalUpdate"
    ):
        journey.personalize.create_solution(
            **{"name": "influence-incremental", "datasetGroupArn": group},
            recipeArn=f"{RECIPE}aws-user-personalization-v2",
            performIncrementalUpdate=True,
        )
