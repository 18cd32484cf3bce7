"""AutoML: the best of several recipes, found when a version is trained."""

from typing import Any

import pytest

from tests.personalize_server.support.journey import RECIPE, Journey, user_lines
from tests.personalize_server.support.processes import PersonalizeServer

POPULAR, PERSONAL = f"{RECIPE}aws-popularity-count", f"{RECIPE}aws-user-personalization-v2"


def solution(journey: Journey, group: str, **config: Any) -> str:
    made = journey.personalize.create_solution(
        **{"name": journey.name, "datasetGroupArn": group, "performAutoML": True},
        performAutoTraining=False,
        solutionConfig={"autoMLConfig": config} if config else {},
    )
    return str(made["solutionArn"])


def test_the_best_recipe_is_found_and_serves(journey: Journey, server: PersonalizeServer) -> None:
    api, group = journey.personalize, journey.ready_to_train()
    arn = solution(journey, group, recipeList=[POPULAR, PERSONAL], metricName="precision_at_5")
    described = api.describe_solution(solutionArn=arn)["solution"]
    assert (described["performAutoML"], described["performHPO"]) == (True, True)
    assert "recipeArn" not in described and "autoMLResult" not in described
    version = journey.train(arn)
    assert (version["status"], version["recipeArn"]) == ("ACTIVE", PERSONAL), version
    described = api.describe_solution(solutionArn=arn)["solution"]
    assert described["autoMLResult"] == {"bestRecipeArn": PERSONAL}
    assert described["recipeArn"] == PERSONAL

    campaign = api.create_campaign(name=journey.name, solutionVersionArn=version["solutionVersionArn"])
    runtime = server.client("personalize-runtime")
    listed = runtime.get_recommendations(campaignArn=campaign["campaignArn"], userId="u1", numResults=5)
    assert all(int(entry["itemId"][1:]) < 40 for entry in listed["itemList"]), "of the user's camp"
    assert journey.infer(version["solutionVersionArn"], user_lines(["u1"]))["status"] == "ACTIVE"

    again = journey.train(arn)
    assert (again["status"], again["recipeArn"]) == ("ACTIVE", PERSONAL)
    with pytest.raises(api.exceptions.InvalidInputException, match="FULL alone"):
        api.create_solution_version(solutionArn=arn, trainingMode="UPDATE")
    api.update_solution(solutionArn=arn, performAutoTraining=True)


def test_another_metric_may_find_another_recipe_and_few_data_none(journey: Journey) -> None:
    group = journey.ready_to_train()
    arn = solution(journey, group, recipeList=[POPULAR])
    assert journey.train(arn)["recipeArn"] == POPULAR
    [dataset] = journey.personalize.list_datasets(datasetGroupArn=group)["datasets"]
    lonely = "".join(f"u{n},i{n % 80},{1_700_000_000 + n},view,1\n" for n in range(1000))
    head = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n"
    assert journey.import_csv(dataset["datasetArn"], head + lonely, "2")["status"] == "ACTIVE"
    version = journey.train(arn)
    assert version["status"] == "CREATE FAILED"
    assert "fewer than 25 users" in version["failureReason"]
    assert "recipeArn" not in version


@pytest.mark.parametrize(
    ("config", "more", "reason"),
    [
        ({}, {"recipeArn": PERSONAL}, "leave recipeArn out"),
        ({"metricName": "accuracy"}, {}, "metricName must be one of coverage"),
        ({"recipeList": [f"{RECIPE}aws-sims"]}, {}, "recipes of the type USER_PERSONALIZATION"),
        ({"recipeList": [f"{RECIPE}aws-vod-top-picks"]}, {}, "recipes of the type USER_PERSONALIZATION"),
        ({"recipeList": [f"{RECIPE}none"]}, {}, "recipes of the type USER_PERSONALIZATION"),
    ],
)
def test_a_search_for_a_recipe_that_makes_no_sense_is_refused(
    journey: Journey, config: dict[str, Any], more: dict[str, str], reason: str
) -> None:
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=reason):
        journey.personalize.create_solution(
            **{"name": journey.name, "datasetGroupArn": journey.group(), "performAutoML": True, **more},
            solutionConfig={"autoMLConfig": config},
        )
