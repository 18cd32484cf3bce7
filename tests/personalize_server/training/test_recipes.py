"""What is particular to a recipe, a way of training or a setting of a solution."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import (
    Journey,
    interactions_csv,
    items_csv,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.recipes import metrics_of, recommended, train


@pytest.fixture(scope="module")
def shop(personalize: Any, s3: Any) -> tuple[Journey, str]:
    """A journey and its group with interactions, users and items."""
    journey = Journey(personalize, s3, "recipes")
    group = journey.group()
    for kind, body in (("Interactions", interactions_csv()), ("Users", users_csv()), ("Items", items_csv())):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    return journey, group


def test_what_grows_fastest_is_trending(journey: Journey, server: PersonalizeServer) -> None:
    group = journey.group()
    hours = [("old", 5, 40), ("steady", 20, 20), ("rising", 2, 30), ("falling", 30, 2)]
    rows, user = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"], 0
    for item, before, now in hours:
        for count, start in ((before, 1_700_000_000), (now, 1_700_003_600)):
            for _ in range(count if item != "old" else before):
                rows.append(f"u{user % 97},{item},{start + user % 3500},view,1")
                user += 1
    rows += [f"u{n % 97},filler{n % 30},{1_690_000_000 + n},view,1" for n in range(1000)]
    rows.append("u1,steady,1700007199,view,1")
    assert journey.import_csv(journey.dataset(group), "\n".join(rows) + "\n")["status"] == "ACTIVE"
    config = {"featureTransformationParameters": {"trend_discovery_frequency": "1 hour"}}
    solution = journey.solution(group, "aws-trending-now", solutionConfig=config)
    version = journey.train(solution)
    assert version["status"] == "ACTIVE", version
    assert 0 <= metrics_of(journey, version)["trend_prediction_accuracy"] <= 1
    found = recommended((journey, group), server, version, numResults=34)
    assert found[0] == "rising"
    assert found[-1] == "falling"
    dataset = journey.personalize.list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"]
    later = [rows[0], *(f"u{n % 97},falling,{1_700_010_800 + n},view,1" for n in range(1000))]
    job = journey.import_csv(dataset, "\n".join(later) + "\n", "2", importMode="INCREMENTAL")
    assert job["status"] == "ACTIVE"
    again = recommended((journey, group), server, version, numResults=34)
    assert again[0] == "falling", "trends are those of now, not of the training"
    with pytest.raises(ClientError, match="must be one of"):
        wrong = {"featureTransformationParameters": {"trend_discovery_frequency": "5 hours"}}
        journey.solution(group, "aws-trending-now", name="wrong", solutionConfig=wrong)


def test_similarity_of_texts_needs_texts(shop: tuple[Journey, str]) -> None:
    journey, group = shop
    version = journey.train(journey.solution(group, "aws-semantic-similarity", name="recipes-no-texts"))
    assert version["status"] == "CREATE FAILED"
    assert "no field whose attribute itemName is true" in version["failureReason"]


def test_an_update_refreshes_the_last_full_version(shop: tuple[Journey, str]) -> None:
    journey, group = shop
    api = journey.personalize
    full = train(shop, "update", "aws-user-personalization")
    solution = full["solutionArn"]
    arn = api.create_solution_version(solutionArn=solution, trainingMode="UPDATE")["solutionVersionArn"]
    update = journey.trained(arn)
    assert (update["status"], update["trainingMode"]) == ("ACTIVE", "UPDATE"), update
    assert set(metrics_of(journey, update)) == set(metrics_of(journey, full))
    assert journey.infer(arn, user_lines(["u1"]), "update")["status"] == "ACTIVE"
    assert len(journey.output("update")[0]["output"]["recommendedItems"]) == 25
    fresh = journey.solution(group, "aws-user-personalization", name="recipes-never-full")
    for refused in (fresh, journey.solution(group, "aws-sims", name="recipes-not-updatable")):
        with pytest.raises(api.exceptions.InvalidInputException):
            api.create_solution_version(solutionArn=refused, trainingMode="UPDATE")


def test_hyper_parameters_are_searched_within_their_ranges(shop: tuple[Journey, str]) -> None:
    config = {
        "hpoConfig": {
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "1"},
            "algorithmHyperParameterRanges": {
                "continuousHyperParameterRanges": [
                    {"name": "popularity_discount_factor", "minValue": 0.2, "maxValue": 0.4}
                ],
                "integerHyperParameterRanges": [
                    {"name": "min_cointeraction_count", "minValue": 1, "maxValue": 2}
                ],
            },
        }
    }
    version = train(shop, "hpo", "aws-sims", performHPO=True, solutionConfig=config)
    tuned = version["tunedHPOParams"]["algorithmHyperParameters"]
    assert set(tuned) == {"popularity_discount_factor", "min_cointeraction_count"}
    default = tuned == {"popularity_discount_factor": "0.5", "min_cointeraction_count": "3"}
    assert default or 0.2 <= float(tuned["popularity_discount_factor"]) <= 0.4
    assert "tunedHPOParams" not in train(shop, "no-hpo", "aws-sims")


@pytest.mark.parametrize(
    "config",
    [
        {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "41"}},
        {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "many"}},
        {"algorithmHyperParameterRanges": {"integerHyperParameterRanges": [{"name": "depth"}]}},
        {
            "algorithmHyperParameterRanges": {
                "integerHyperParameterRanges": [{"name": "bptt", "minValue": 1, "maxValue": 32}]
            }
        },
        {
            "algorithmHyperParameterRanges": {
                "continuousHyperParameterRanges": [{"name": "bptt", "minValue": 9.0, "maxValue": 3.0}]
            }
        },
    ],
)
def test_a_search_outside_of_what_the_recipe_allows_is_refused(
    shop: tuple[Journey, str], config: dict[str, Any]
) -> None:
    journey, group = shop
    with pytest.raises(journey.personalize.exceptions.InvalidInputException):
        journey.solution(
            group,
            "aws-user-personalization",
            name="recipes-bad-hpo",
            performHPO=True,
            solutionConfig={"hpoConfig": config},
        )


def test_an_objective_prefers_items_that_serve_it(shop: tuple[Journey, str]) -> None:
    journey, group = shop
    objective = {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}
    version = train(
        shop, "rich", "aws-user-personalization", solutionConfig={"optimizationObjective": objective}
    )
    plain = train(shop, "plain", "aws-user-personalization")
    assert 0 <= metrics_of(journey, version)["average_rewards_at_k"] <= 1
    assert "average_rewards_at_k" not in metrics_of(journey, plain)
    prices = []
    for run, trained in (("rich", version), ("plain", plain)):
        journey.infer(trained["solutionVersionArn"], user_lines(["u0", "u1", "u2", "u3"]), run, numResults=10)
        lists = [line["output"]["recommendedItems"] for line in journey.output(run)]
        prices.append(sum(int(item[1:]) for items in lists for item in items))
    assert prices[0] > prices[1]
    for wrong in ("GENRES", "NOTHING"):
        with pytest.raises(journey.personalize.exceptions.InvalidInputException):
            config = {"optimizationObjective": {"itemAttribute": wrong}}
            journey.solution(group, "aws-user-personalization", name="recipes-wrong", solutionConfig=config)


@pytest.fixture(scope="module")
def weighed(shop: tuple[Journey, str]) -> dict[str, Any]:
    """A version for which likes count most, and views of value 2 or more a little."""
    weights = [
        {"eventType": "view", "weight": 0.2, "eventValueThreshold": 2.0},
        {"eventType": "buy", "weight": 0.5},
        {"eventType": "like", "weight": 1.0},
    ]
    config = {"eventsConfig": {"eventParametersList": weights}}
    return train(shop, "weights", "aws-user-personalization-v2", solutionConfig=config)


def test_weights_of_events_give_metrics_of_their_own(
    shop: tuple[Journey, str], weighed: dict[str, Any]
) -> None:
    found = metrics_of(shop[0], weighed)
    for k in (5, 10, 25):
        assert 0 <= found[f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}"] <= 1


def test_events_count_at_once_what_they_count_in_a_batch_job_that_reads_them(
    shop: tuple[Journey, str], weighed: dict[str, Any], server: PersonalizeServer
) -> None:
    journey, group = shop
    api, arn = journey.personalize, weighed["solutionVersionArn"]
    campaign = api.create_campaign(name="recipes-weighed", solutionVersionArn=arn)["campaignArn"]
    tracker = api.create_event_tracker(name="recipes", datasetGroupArn=group)["trackingId"]
    done = [("like", "i3", 1.0), ("view", "i50", 4.0), ("like", "i60", 1.0), ("view", "i60", 5.0)]
    events = [
        {"eventType": kind, "itemId": item, "eventValue": value, "sentAt": 1_700_001_000 + at}
        for at, (kind, item, value) in enumerate(done)
    ]
    server.client("personalize-events").put_events(
        trackingId=tracker, userId="newcomer", sessionId="s", eventList=events
    )
    ask = server.client("personalize-runtime").get_recommendations
    answered = ask(campaignArn=campaign, userId="newcomer", numResults=80)["itemList"]
    journey.infer(arn, user_lines(["newcomer"]), "weighed", numResults=80)
    [line] = journey.output("weighed")
    scores = dict(zip(line["output"]["recommendedItems"], line["output"]["scores"], strict=True))
    assert {one["itemId"]: one["score"] for one in answered} == pytest.approx(scores, rel=1e-4, abs=1e-6)
    api.delete_campaign(campaignArn=campaign)


def test_a_batch_explores_as_much_as_it_is_told(shop: tuple[Journey, str]) -> None:
    journey, _ = shop
    version = train(shop, "explored", "aws-user-personalization")["solutionVersionArn"]
    lists = []
    for run, weight in (("none", "0"), ("again", "0"), ("all", "1")):
        config = {"itemExplorationConfig": {"explorationWeight": weight, "explorationItemAgeCutOff": "30"}}
        journey.infer(
            version, user_lines(["u1"]), f"explored-{run}", numResults=20, batchInferenceJobConfig=config
        )
        lists.append(journey.output(f"explored-{run}")[0]["output"]["recommendedItems"])
    assert lists[0] == lists[1]
    assert len(set(lists[2])) == 20
    assert not set(lists[2]) & set(lists[0]), "every place went to another new item"


@pytest.mark.parametrize(
    "config", [{"explorationWeight": "2"}, {"explorationWeight": "much"}, {"weight": "0"}]
)
def test_an_exploration_that_makes_no_sense_is_refused(
    shop: tuple[Journey, str], config: dict[str, str]
) -> None:
    journey, _ = shop
    version = journey.personalize.list_solution_versions()["solutionVersions"][0]["solutionVersionArn"]
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match="xploration"):
        journey.personalize.create_campaign(
            name="recipes-exploring",
            solutionVersionArn=version,
            campaignConfig={"itemExplorationConfig": config},
        )
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match="xploration"):
        more = {"batchInferenceJobConfig": {"itemExplorationConfig": config}}
        journey.infer(version, user_lines(["u1"]), "exploring", **more)
