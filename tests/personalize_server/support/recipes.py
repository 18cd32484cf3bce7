"""Training by a recipe: versions, their metrics, and what a campaign of theirs recommends."""

import itertools
from typing import Any

from tests.personalize_server.support.journey import Journey
from tests.personalize_server.support.processes import PersonalizeServer

_NUMBERS = itertools.count()


def train(shop: tuple[Journey, str], name: str, recipe: str, **more: Any) -> dict[str, Any]:
    journey, group = shop
    version = journey.train(journey.solution(group, recipe, name=f"recipes-{name}", **more))
    assert version["status"] == "ACTIVE", version
    return version


def metrics_of(journey: Journey, version: dict[str, Any]) -> dict[str, float]:
    arn = version["solutionVersionArn"]
    return dict(journey.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"])


def recommended(
    shop: tuple[Journey, str], server: PersonalizeServer, version: dict[str, Any], **ask: Any
) -> Any:
    """By a campaign of its own, which starts with the data as it is."""
    journey, _ = shop
    name = f"recipes-{next(_NUMBERS)}"
    campaign = journey.personalize.create_campaign(
        name=name, solutionVersionArn=version["solutionVersionArn"]
    )["campaignArn"]
    answer = server.client("personalize-runtime").get_recommendations(campaignArn=campaign, **ask)
    journey.personalize.delete_campaign(campaignArn=campaign)
    return [entry["itemId"] for entry in answer["itemList"]]
