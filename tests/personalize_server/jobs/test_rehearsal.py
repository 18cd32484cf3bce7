"""A rehearsal in which weeks pass in seconds: what the server does without being asked."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.personalize_server.support.journey import RECIPE, Journey, interactions_csv, schema_text, settled
from tests.personalize_server.support.processes import PersonalizeServer
from tests.support.waiting import eventually

WEEK = 3.0
"""seconds, at this scale"""


@pytest.fixture(scope="module")
def fast(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    server = PersonalizeServer(
        tmp_path_factory.mktemp("rehearsal"),
        s3_endpoint,
        (
            *("--timing", "realistic", "--time-scale", str(WEEK / (7 * 86_400)), "--rate-limit", "0"),
            *("--workers", "2"),
        ),
    ).start()
    yield server
    server.stop()


@pytest.mark.prove
def test_a_solution_trains_itself_unless_told_not_to_and_a_campaign_may_follow(
    fast: PersonalizeServer, s3: Any
) -> None:
    journey = Journey(fast.client(), s3, "trap")
    api, group = journey.personalize, journey.group()
    eventually(
        lambda: api.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"] == "ACTIVE"
    )
    dataset = journey.dataset(group)
    describe = api.describe_dataset
    eventually(lambda: describe(datasetArn=dataset)["dataset"]["status"] == "ACTIVE")
    assert journey.import_csv(dataset, interactions_csv())["status"] == "ACTIVE"
    arn = api.create_solution(name="trap", datasetGroupArn=group, recipeArn=f"{RECIPE}aws-popularity-count")[
        "solutionArn"
    ]

    def versions() -> list[dict[str, Any]]:
        listed = api.list_solution_versions(solutionArn=arn)["solutionVersions"]
        return [version for version in listed if version["status"] == "ACTIVE"]

    eventually(lambda: len(versions()) == 1)
    assert versions()[0]["trainingType"] == "AUTOMATIC"
    campaign = api.create_campaign(
        name="trap",
        solutionVersionArn=f"{arn}/$LATEST",
        campaignConfig={"syncWithLatestSolutionVersion": True},
    )["campaignArn"]
    settled(lambda: api.describe_campaign(campaignArn=campaign)["campaign"])
    later = interactions_csv().replace(",i1,", ",hit,").replace(",i2,", ",hit,").replace(",i3,", ",hit,")
    assert journey.import_csv(dataset, later, "2")["status"] == "ACTIVE"
    runtime = fast.client("personalize-runtime")

    def listed() -> list[str]:
        answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=3)
        return [entry["itemId"] for entry in answer["itemList"]]

    eventually(lambda: "hit" in listed())
    assert len(versions()) == 2
    api.update_solution(solutionArn=arn, performAutoTraining=False)
    assert journey.import_csv(dataset, interactions_csv(), "3")["status"] == "ACTIVE"
    time.sleep(1.5 * WEEK)
    assert len(versions()) == 2


@pytest.mark.prove
def test_a_recommender_learns_by_itself_until_it_is_stopped(fast: PersonalizeServer, s3: Any) -> None:
    journey = Journey(fast.client(), s3, "weekly")
    api, name = journey.personalize, journey.name
    group = api.create_dataset_group(name=name, domain="ECOMMERCE")["datasetGroupArn"]
    eventually(
        lambda: api.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"] == "ACTIVE"
    )
    schema = api.create_schema(name=name, schema=schema_text("Interactions"), domain="ECOMMERCE")["schemaArn"]
    dataset = api.create_dataset(
        name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    eventually(lambda: api.describe_dataset(datasetArn=dataset)["dataset"]["status"] == "ACTIVE")
    views = interactions_csv().replace(",view,", ",View,").replace(",like,", ",View,")
    assert journey.import_csv(dataset, views)["status"] == "ACTIVE"
    arn = api.create_recommender(
        name=name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-ecomm-popular-items-by-views"
    )["recommenderArn"]
    described = settled(lambda: api.describe_recommender(recommenderArn=arn)["recommender"])
    assert described["status"] == "ACTIVE", described
    runtime = fast.client("personalize-runtime")

    def listed() -> list[str]:
        answer = runtime.get_recommendations(recommenderArn=arn, userId="nobody", numResults=3)
        return [entry["itemId"] for entry in answer["itemList"]]

    def replace_data(hit: str, run: str) -> None:
        later = views.replace(",i1,", f",{hit},").replace(",i2,", f",{hit},").replace(",i3,", f",{hit},")
        assert journey.import_csv(dataset, later, run)["status"] == "ACTIVE"

    replace_data("first", "2")
    eventually(lambda: "first" in listed())
    api.stop_recommender(recommenderArn=arn)
    eventually(lambda: api.describe_recommender(recommenderArn=arn)["recommender"]["status"] == "INACTIVE")
    replace_data("second", "3")
    time.sleep(1.5 * WEEK)
    api.start_recommender(recommenderArn=arn)
    eventually(lambda: api.describe_recommender(recommenderArn=arn)["recommender"]["status"] == "ACTIVE")
    eventually(lambda: "second" in listed())
    api.delete_recommender(recommenderArn=arn)
