"""What a request may ask of a list beside its items: promotions, metadata, the current item and user."""

import random
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from personalize_server.answers.best_lists import BestLists
from personalize_server.answers.exploration import Exploration
from tests.personalize_server.support.journey import Journey, interactions_csv, items_csv, users_csv
from tests.personalize_server.support.processes import PersonalizeServer


@pytest.fixture(scope="module")
def mall(personalize: Any, s3: Any) -> tuple[Journey, str, dict[str, str]]:
    journey = Journey(personalize, s3, "mall")
    group = journey.group()
    for kind, body in (("Interactions", interactions_csv()), ("Users", users_csv()), ("Items", items_csv())):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    campaigns = {}
    for purpose, recipe in (("personal", "aws-user-personalization-v2"), ("alike", "aws-similar-items")):
        version = journey.train(journey.solution(group, recipe, name=f"mall-{purpose}"))["solutionVersionArn"]
        config = {"enableMetadataWithRecommendations": purpose == "personal"}
        made = personalize.create_campaign(
            name=f"mall-{purpose}", solutionVersionArn=version, campaignConfig=config
        )
        campaigns[purpose] = made["campaignArn"]
    return journey, group, campaigns


@pytest.fixture(scope="module")
def filters(mall: tuple[Journey, str, dict[str, str]]) -> dict[str, str]:
    expressions = {
        "cheap": "INCLUDE ItemID WHERE Items.PRICE < 20",
        "dear": "INCLUDE ItemID WHERE Items.PRICE >= 40",
        "cheaper": "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE "
        "AND Items.GENRES IN CurrentItem.GENRES",
        "affordable": "INCLUDE ItemID WHERE Items.PRICE < CurrentUser.AGE",
    }
    journey, group, _ = mall
    return {
        name: journey.personalize.create_filter(
            name=f"mall-{name}", datasetGroupArn=group, filterExpression=text
        )["filterArn"]
        for name, text in expressions.items()
    }


def recommend(server: PersonalizeServer, campaign: str, **more: Any) -> list[dict[str, Any]]:
    runtime = server.client("personalize-runtime")
    return list(runtime.get_recommendations(campaignArn=campaign, **more)["itemList"])


def numbers(entries: list[dict[str, Any]]) -> list[int]:
    return [int(entry["itemId"][1:]) for entry in entries]


def test_promoted_items_have_their_share_their_name_and_their_own_filter(
    server: PersonalizeServer, mall: tuple[Journey, str, dict[str, str]], filters: dict[str, str]
) -> None:
    promotion = {"name": "sale", "percentPromotedItems": 30, "filterArn": filters["cheap"]}
    entries = recommend(
        server,
        mall[2]["personal"],
        userId="u0",
        numResults=10,
        filterArn=filters["dear"],
        promotions=[promotion],
    )
    promoted = [entry for entry in entries if entry.get("promotionName") == "sale"]
    others = [entry for entry in entries if "promotionName" not in entry]
    assert (len(promoted), len(others)) == (3, 7)
    assert all(number < 20 for number in numbers(promoted))
    assert all(number >= 40 for number in numbers(others))
    assert all(entry["reason"] == ["Promoted item"] for entry in promoted)
    for part in (promoted, others):
        scores = [entry["score"] for entry in part]
        assert scores == sorted(scores, reverse=True)


def test_a_promotion_that_too_few_items_meet_promotes_those_there_are(
    server: PersonalizeServer, mall: tuple[Journey, str, dict[str, str]], filters: dict[str, str]
) -> None:
    promotion = {"percentPromotedItems": 100, "filterArn": filters["cheap"]}
    entries = recommend(server, mall[2]["personal"], userId="u0", numResults=50, promotions=[promotion])
    assert len(entries) == 50
    assert sum(number < 20 for number in numbers(entries)) == 20
    with pytest.raises(ClientError, match="filterArn"):
        recommend(server, mall[2]["personal"], userId="u0", promotions=[{"percentPromotedItems": 10}])


def test_metadata_comes_with_items_where_the_campaign_allows_it(
    server: PersonalizeServer, mall: tuple[Journey, str, dict[str, str]]
) -> None:
    columns = {"ITEMS": ["GENRES", "PRICE", "TITLE"]}
    entries = recommend(server, mall[2]["personal"], userId="u0", numResults=5, metadataColumns=columns)
    for entry in entries:
        number = int(entry["itemId"][1:])
        assert entry["metadata"] == {
            "GENRES": "Comedy|Drama" if number % 2 else "Horror",
            "PRICE": f"{number}.5",
            "TITLE": f'A "title", {number} \\ more',
        }
    for campaign, asked, count, problem in (
        ("alike", columns, 5, "enableMetadataWithRecommendations"),
        ("personal", {"ITEMS": ["COLOUR"]}, 5, "no column COLOUR"),
        ("personal", columns, 51, "at most 50"),
    ):
        with pytest.raises(ClientError, match=problem):
            arn = mall[2][campaign]
            recommend(server, arn, userId="u0", itemId="i1", numResults=count, metadataColumns=asked)


def test_filters_compare_with_the_current_item_and_the_current_user(
    server: PersonalizeServer, mall: tuple[Journey, str, dict[str, str]], filters: dict[str, str]
) -> None:
    entries = recommend(server, mall[2]["alike"], itemId="i31", numResults=80, filterArn=filters["cheaper"])
    assert sorted(numbers(entries)) == list(range(1, 31, 2))
    assert recommend(server, mall[2]["alike"], itemId="none", filterArn=filters["cheaper"]) == []
    with pytest.raises(ClientError, match="CurrentItem"):
        recommend(server, mall[2]["personal"], userId="u1", filterArn=filters["cheaper"])
    entries = recommend(
        server, mall[2]["personal"], userId="u10", numResults=80, filterArn=filters["affordable"]
    )
    assert sorted(numbers(entries)) == list(range(30))


def test_lists_ranked_beforehand_tell_what_ranking_everything_would_or_nothing() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((30, 200)).astype(np.float32)
    order = np.argsort(-scores, axis=1)[:, :40].astype(np.int32)
    scales = np.ones((30, 3), np.float32)
    lists = BestLists(order, np.take_along_axis(scores, order, axis=1), whole=False, scales=scales)
    told = 0
    for user in range(30):
        allowed = rng.random(200) < rng.random()
        found = lists.first(user, 10, allowed.__getitem__)
        ranked = [item for item in np.argsort(-scores[user]).tolist() if allowed[item]][:10]
        if found is not None:
            told += 1
            assert found[0] == ranked
    assert 0 < told < 30
    assert lists.first(-1, 10, None) is None
    assert lists.first(30, 10, None) is None


def test_exploration_takes_its_share_of_new_items_by_the_randomness_given() -> None:
    new = np.zeros(100, np.bool_)
    new[50:] = True
    exploration = Exploration(0.3, new, 100, np.zeros(100, np.float32))
    scores = np.linspace(1, 0.01, 100, dtype=np.float32)
    scores[60] = -np.inf
    candidates = exploration.candidates(scores, list(range(25)))
    assert candidates.sum() == 49
    counts = []
    for seed in range(200):
        first, second = (exploration.picked(scores, candidates, 25, random.Random(seed)) for _ in range(2))
        assert np.array_equal(first, second)
        picked = np.flatnonzero(first > -np.inf)
        assert (picked >= 50).all() and 60 not in picked
        counts.append(len(picked))
    assert np.mean(counts) == pytest.approx(25 * 0.3, abs=0.6)


def test_what_has_been_shown_often_is_seldom_explored() -> None:
    shown = np.zeros(20, np.float32)
    shown[10:15] = 99
    exploration = Exploration(1.0, np.ones(20, np.bool_), 20, shown)
    scores = np.ones(20, np.float32)
    candidates = exploration.candidates(scores, list(range(10)))
    picked = [exploration.picked(scores, candidates, 2, random.Random(seed)) for seed in range(300)]
    times = np.sum([entry > -np.inf for entry in picked], axis=0)
    assert times.sum() == 600 and times[:10].sum() == 0
    assert 0 < times[10:15].sum() < 60, "by a hundredth of the others' chance"
