"""What has been shown often already is explored less."""

import time
from collections import Counter

import pytest

from tests.personalize_server.support.journey import Journey, interactions_csv, schema_text
from tests.personalize_server.support.processes import PersonalizeServer

_ITEMS = [f"i{number}" for number in range(80)]
_OFTEN = frozenset(_ITEMS[::2])
_EXPLORING = {"itemExplorationConfig": {"explorationWeight": "1", "explorationItemAgeCutOff": "36500"}}


def explored(server: PersonalizeServer, campaign: str) -> Counter[bool]:
    """How many items of many lists, in which all is explored, have often been shown, and how many not."""
    runtime = server.client("personalize-runtime")
    found: Counter[bool] = Counter()
    for _ in range(30):
        asked = runtime.get_recommendations(campaignArn=campaign, userId="stranger", numResults=5)
        found.update(entry["itemId"] in _OFTEN for entry in asked["itemList"])
    return found


@pytest.mark.prove
def test_items_are_explored_the_less_the_more_impressions_they_have(
    journey: Journey, server: PersonalizeServer
) -> None:
    group = journey.group()
    schema = schema_text("Interactions", {"name": "IMPRESSION", "type": ["null", "string"]})
    interactions = journey.dataset(group, schema=schema)
    header, *rows = interactions_csv().splitlines()
    shown = "|".join(sorted(_OFTEN))
    bulk = "\n".join([f"{header},IMPRESSION", *(f"{row},{shown}" for row in rows)])
    unseen = "\n".join([f"{header},IMPRESSION", *(f"{row}," for row in rows)])
    assert journey.import_csv(interactions, unseen)["status"] == "ACTIVE"
    version = journey.train(journey.solution(group, "aws-user-personalization"))["solutionVersionArn"]
    campaign = journey.personalize.create_campaign(
        name=journey.name, solutionVersionArn=version, campaignConfig=_EXPLORING
    )["campaignArn"]
    before = explored(server, campaign)
    assert before[True] > 20 and before[False] > 20, "both alike"
    assert journey.import_csv(interactions, bulk, "shown")["status"] == "ACTIVE"
    until = time.monotonic() + 60
    while (after := explored(server, campaign))[True] > before[True] / 3:
        assert time.monotonic() < until, after
        time.sleep(0.2)
    assert after[False] > before[False]


def test_impressions_of_put_events_count_once_data_is_loaded_anew(
    journey: Journey, server: PersonalizeServer
) -> None:
    group = journey.group()
    schema = schema_text("Interactions", {"name": "IMPRESSION", "type": ["null", "string"]})
    interactions = journey.dataset(group, schema=schema)
    header, *rows = interactions_csv().splitlines()
    bulk = "\n".join([f"{header},IMPRESSION", *(f"{row}," for row in rows)])
    assert journey.import_csv(interactions, bulk)["status"] == "ACTIVE"
    tracker = journey.personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)
    events = server.client("personalize-events")
    often = sorted(_OFTEN)
    for start in (0, 20):
        event = {"eventType": "view", "itemId": "i1", "impression": often[start : start + 20]}
        for at in range(30):
            events.put_events(
                trackingId=tracker["trackingId"],
                **{"sessionId": "s", "userId": f"visitor-{at}"},
                eventList=[{**event, "sentAt": 1_700_000_000 + at}],
            )
    version = journey.train(journey.solution(group, "aws-user-personalization"))["solutionVersionArn"]
    campaign = journey.personalize.create_campaign(
        name=journey.name, solutionVersionArn=version, campaignConfig=_EXPLORING
    )["campaignArn"]
    found = explored(server, campaign)
    assert found[True] < found[False] / 3
