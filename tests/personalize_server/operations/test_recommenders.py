"""Recommenders of domain dataset groups: life cycle, and answers from the same models as solutions have."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.personalize_server.support.journey import RECIPE, Journey, interactions_csv, schema_text, settled
from tests.personalize_server.support.processes import PersonalizeServer


def domain_group(journey: Journey, domain: str, kind: str = "View") -> str:
    """With interactions in it, most of them of this type."""
    api, name = journey.personalize, journey.name
    group = api.create_dataset_group(name=name, domain=domain)["datasetGroupArn"]
    schema = api.create_schema(name=name, schema=schema_text("Interactions"), domain=domain)["schemaArn"]
    dataset = api.create_dataset(
        name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    job = journey.import_csv(
        dataset, interactions_csv().replace(",view,", f",{kind},").replace(",like,", f",{kind},")
    )
    assert job["status"] == "ACTIVE", job
    return str(group)


def recommender(journey: Journey, group: str, recipe: str, **more: Any) -> dict[str, Any]:
    api = journey.personalize
    arn = api.create_recommender(
        name=f"{journey.name}-{recipe[-16:]}", datasetGroupArn=group, recipeArn=RECIPE + recipe, **more
    )["recommenderArn"]
    return settled(lambda: api.describe_recommender(recommenderArn=arn)["recommender"])


@pytest.mark.parametrize(
    ("domain", "recipe"),
    [("VIDEO_ON_DEMAND", "aws-vod-top-picks"), ("ECOMMERCE", "aws-ecomm-recommended-for-you")],
)
def test_a_recommender_gives_what_a_campaign_gives(
    journey: Journey, server: PersonalizeServer, domain: str, recipe: str
) -> None:
    group = domain_group(journey, domain)
    exploring = {"itemExplorationConfig": {"explorationWeight": "0"}}
    made = recommender(journey, group, recipe, recommenderConfig=exploring)
    assert made["status"] == "ACTIVE", made
    assert 0 < made["modelMetrics"]["precision_at_5"] <= 1
    version = journey.train(journey.solution(group))
    campaign = journey.personalize.create_campaign(
        name=journey.name, solutionVersionArn=version["solutionVersionArn"]
    )["campaignArn"]
    runtime = server.client("personalize-runtime")
    answer = runtime.get_recommendations(recommenderArn=made["recommenderArn"], userId="u1", numResults=9)
    assert (
        answer["itemList"]
        == runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=9)["itemList"]
    )
    assert answer["recommendationId"]


def test_recommenders_are_about_the_events_of_their_recipe(
    journey: Journey, server: PersonalizeServer
) -> None:
    group = domain_group(journey, "ECOMMERCE")
    runtime = server.client("personalize-runtime")
    viewed = recommender(journey, group, "aws-ecomm-customers-who-viewed-x-also-viewed")
    answer = runtime.get_recommendations(recommenderArn=viewed["recommenderArn"], itemId="i3", numResults=5)
    assert all(int(entry["itemId"][1:]) < 40 for entry in answer["itemList"])
    bought = recommender(journey, group, "aws-ecomm-popular-items-by-purchases")
    assert bought["status"] == "CREATE FAILED"
    assert bought["failureReason"].endswith("interactions after filtering by event type: Purchase")


def listed_recipes(api: Any, domain: str) -> list[dict[str, Any]]:
    pages = api.get_paginator("list_recipes").paginate(domain=domain)
    return [recipe for page in pages for recipe in page["recipes"]]


def described(api: Any, arn: str) -> dict[str, Any]:
    return dict(api.describe_recommender(recommenderArn=arn)["recommender"])


def test_every_recipe_of_videos_makes_a_recommender(journey: Journey, server: PersonalizeServer) -> None:
    api, group = journey.personalize, domain_group(journey, "VIDEO_ON_DEMAND", "Watch")
    recipes = listed_recipes(api, "VIDEO_ON_DEMAND")
    arns = [
        api.create_recommender(
            name=f"{journey.name}-{recipe['name'][-16:]}",
            datasetGroupArn=group,
            recipeArn=recipe["recipeArn"],
        )["recommenderArn"]
        for recipe in recipes
    ]
    runtime = server.client("personalize-runtime")
    for arn, recipe in zip(arns, recipes, strict=True):
        settled(partial(described, api, arn))
        assert described(api, arn)["status"] == "ACTIVE", recipe["name"]
        answer = runtime.get_recommendations(recommenderArn=arn, userId="nobody", itemId="i3")
        assert len(answer["itemList"]) == 25, recipe["name"]


def test_what_was_watched_is_not_recommended_again(journey: Journey, server: PersonalizeServer) -> None:
    group = domain_group(journey, "VIDEO_ON_DEMAND")
    made = recommender(journey, group, "aws-vod-top-picks")["recommenderArn"]
    runtime = server.client("personalize-runtime")

    def asked() -> list[str]:
        answer = runtime.get_recommendations(recommenderArn=made, userId="u1", numResults=80)
        return [entry["itemId"] for entry in answer["itemList"]]

    first, second, *_ = asked()
    tracker = journey.personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)
    for item, kind in ((first, "Watch"), (second, "View")):
        event = {"eventType": kind, "itemId": item, "sentAt": 1_700_009_000}
        server.client("personalize-events").put_events(
            trackingId=tracker["trackingId"], sessionId="s", userId="u1", eventList=[event]
        )
    assert set(asked()) == {f"i{n}" for n in range(80)} - {first}
    for _ in range(10):
        views = [{"eventType": "View", "itemId": second, "sentAt": 1_700_009_001}] * 10
        server.client("personalize-events").put_events(
            trackingId=tracker["trackingId"], sessionId="s", userId="u1", eventList=views
        )
    assert set(asked()) == {f"i{n}" for n in range(80)} - {first}, "however much was looked at since"


def test_the_life_of_a_recommender(journey: Journey, server: PersonalizeServer) -> None:
    api, runtime = journey.personalize, server.client("personalize-runtime")
    errors = api.exceptions
    group = domain_group(journey, "VIDEO_ON_DEMAND")
    arn = recommender(journey, group, "aws-vod-top-picks")["recommenderArn"]
    [listed] = api.list_recommenders(datasetGroupArn=group)["recommenders"]
    assert (listed["recommenderArn"], listed["status"]) == (arn, "ACTIVE")
    with pytest.raises(errors.ResourceInUseException):
        api.start_recommender(recommenderArn=arn)
    config = {"minRecommendationRequestsPerSecond": 3}
    assert api.update_recommender(recommenderArn=arn, recommenderConfig=config)["recommenderArn"] == arn
    described = api.describe_recommender(recommenderArn=arn)["recommender"]
    assert described["recommenderConfig"] == config
    assert described["latestRecommenderUpdate"]["status"] == "ACTIVE"
    api.stop_recommender(recommenderArn=arn)
    assert api.describe_recommender(recommenderArn=arn)["recommender"]["status"] == "INACTIVE"
    with pytest.raises(runtime.exceptions.InvalidInputException, match="INACTIVE"):
        runtime.get_recommendations(recommenderArn=arn, userId="u1")
    with pytest.raises(errors.ResourceInUseException):
        api.stop_recommender(recommenderArn=arn)
    api.start_recommender(recommenderArn=arn)
    assert runtime.get_recommendations(recommenderArn=arn, userId="u1")["itemList"]
    with pytest.raises(errors.ResourceInUseException):
        api.delete_dataset_group(datasetGroupArn=group)
    api.delete_recommender(recommenderArn=arn)
    with pytest.raises(runtime.exceptions.ResourceNotFoundException):
        runtime.get_recommendations(recommenderArn=arn, userId="u1")
    assert api.describe_recommender(recommenderArn=arn)["recommender"]["status"] == "DELETE IN_PROGRESS"
    with pytest.raises(errors.ResourceNotFoundException):
        api.describe_recommender(recommenderArn=arn)


def test_a_recommender_needs_a_recipe_of_its_groups_domain(journey: Journey) -> None:
    api = journey.personalize
    group = api.create_dataset_group(name=journey.name, domain="ECOMMERCE")["datasetGroupArn"]
    for recipe in ("aws-vod-top-picks", "aws-user-personalization-v2", "aws-none"):
        with pytest.raises(api.exceptions.InvalidInputException):
            recommender(journey, group, recipe)


@pytest.mark.prove
def test_a_recommender_answers_after_a_restart(s3: Any, s3_endpoint: str, tmp_path: Path) -> None:
    server = PersonalizeServer(tmp_path / "data", s3_endpoint).start()
    journey = Journey(server.client(), s3, "restarted")
    arn = recommender(journey, domain_group(journey, "VIDEO_ON_DEMAND"), "aws-vod-top-picks")[
        "recommenderArn"
    ]
    server.kill()
    server.start()
    answer = server.client("personalize-runtime").get_recommendations(recommenderArn=arn, userId="u1")
    server.stop()
    assert len(answer["itemList"]) == 25
