"""Recommendations while the asker waits, and events that change the next answer."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from prometheus_client.parser import text_string_to_metric_families

from tests.personalize_server.support.journey import (
    Journey,
    interactions_csv,
    items_csv,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.processes import PersonalizeServer

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def shop(personalize: Any, s3: Any) -> tuple[Journey, str, dict[str, str]]:
    """A journey, its group, and campaigns by what they are for."""
    journey = Journey(personalize, s3, "shop")
    group = journey.group()
    for kind, body in (("Interactions", interactions_csv()), ("Users", users_csv()), ("Items", items_csv())):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    campaigns = {}
    for purpose, recipe in (
        ("personal", "aws-user-personalization-v2"),
        ("popular", "aws-popularity-count"),
        ("alike", "aws-sims"),
        ("ranking", "aws-personalized-ranking-v2"),
    ):
        version = journey.train(journey.solution(group, recipe, name=f"shop-{purpose}"))
        assert version["status"] == "ACTIVE", version
        arn = version["solutionVersionArn"]
        made = personalize.create_campaign(name=f"shop-{purpose}", solutionVersionArn=arn)
        campaigns[purpose] = made["campaignArn"]
    return journey, group, campaigns


@pytest.fixture
def ask(shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer) -> Ask:
    runtime = server.client("personalize-runtime")

    def recommend(purpose: str = "personal", **more: Any) -> list[dict[str, Any]]:
        answer = runtime.get_recommendations(campaignArn=shop[2][purpose], **more)
        assert answer["recommendationId"]
        return list(answer["itemList"])

    return recommend


def items_of(answer: list[dict[str, Any]]) -> list[str]:
    return [entry["itemId"] for entry in answer]


def test_a_user_gets_items_of_their_camp_with_scores(ask: Ask) -> None:
    answer = ask(userId="u0", numResults=10)
    assert len(answer) == 10
    assert all(int(item[1:]) >= 40 for item in items_of(answer))
    assert all(0 < entry["score"] < 1 for entry in answer)
    assert len(ask(userId="u0")) == 25
    assert sum(entry["score"] for entry in ask(userId="u0", numResults=500)) == pytest.approx(1, abs=1e-4)
    assert ask(userId="u0", numResults=0) == []


def test_an_unknown_user_gets_what_is_popular(ask: Ask) -> None:
    assert items_of(ask(userId="nobody")) == items_of(ask("popular", userId="nobody"))
    assert "score" not in ask("popular", userId="u1")[0]


def test_related_items_are_of_the_same_camp_and_never_the_item_itself(ask: Ask) -> None:
    answer = items_of(ask("alike", itemId="i3", numResults=10))
    assert "i3" not in answer
    assert all(int(item[1:]) < 40 for item in answer)
    assert len(ask("alike", itemId="no such item")) == 25


def test_a_ranking_orders_the_list_and_puts_unknown_items_last(
    shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer
) -> None:
    runtime = server.client("personalize-runtime")
    ranking = runtime.get_personalized_ranking(
        campaignArn=shop[2]["ranking"], userId="u0", inputList=["new", "i1", "i50", "i2", "i60"]
    )["personalizedRanking"]
    assert set(items_of(ranking[:2])) == {"i50", "i60"}
    assert set(items_of(ranking[2:4])) == {"i1", "i2"}
    assert ranking[4] == {"itemId": "new", "score": 0.0}
    assert sum(entry["score"] for entry in ranking[:4]) == pytest.approx(1, abs=1e-5)


def test_answers_are_counted_by_campaign_and_refusals_are_not(
    shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer, ask: Ask
) -> None:
    def counted(purpose: str, operation: str) -> float:
        with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
            samples = [sample for family in families for sample in family.samples]
        labels = {"arn": shop[2][purpose], "operation": operation}
        return sum(one.value for one in samples if one.labels == labels)

    lists, rankings = counted("popular", "GetRecommendations"), counted("ranking", "GetPersonalizedRanking")
    ask("popular", userId="u0")
    ask("popular", userId="u1")
    with pytest.raises(ClientError, match="at most 500"):
        ask("popular", userId="u0", numResults=501)
    server.client("personalize-runtime").get_personalized_ranking(
        campaignArn=shop[2]["ranking"], userId="u0", inputList=["i1"]
    )
    assert counted("popular", "GetRecommendations") == lists + 2
    assert counted("ranking", "GetPersonalizedRanking") == rankings + 1


def test_filters_by_metadata_parameters_and_the_current_user(
    shop: tuple[Journey, str, dict[str, str]], ask: Ask
) -> None:
    journey, group, _ = shop

    def filter_(name: str, expression: str) -> str:
        made = journey.personalize.create_filter(
            name=f"shop-{name}", datasetGroupArn=group, filterExpression=expression
        )
        return str(made["filterArn"])

    genre = filter_("genre", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)")
    drama = items_of(ask(userId="u0", filterArn=genre, filterValues={"GENRES": '"Drama","None"'}))
    assert drama and all(int(item[1:]) % 2 for item in drama)
    with pytest.raises(ClientError, match="needs a value for the parameter GENRES"):
        ask(userId="u0", filterArn=genre)

    cheap = filter_(
        "cheap", "EXCLUDE ItemID WHERE Items.PRICE >= 50 | EXCLUDE ItemID WHERE Items.PRICE < $LOW"
    )
    both = items_of(ask(userId="u0", filterArn=cheap, filterValues={"LOW": "45"}, numResults=500))
    assert sorted(int(item[1:]) for item in both) == list(range(45, 50))
    assert len(ask(userId="u0", filterArn=cheap, numResults=500)) == 50, "EXCLUDE needs no parameter"

    young = filter_("young", 'EXCLUDE ItemID WHERE Items.GENRES IN ("Horror") IF CurrentUser.AGE < 30')
    assert all(int(item[1:]) % 2 for item in items_of(ask(userId="u1", filterArn=young)))
    assert {int(item[1:]) % 2 for item in items_of(ask(userId="u50", filterArn=young))} == {0, 1}


def test_events_change_the_next_answer_and_what_filters_see(
    shop: tuple[Journey, str, dict[str, str]], ask: Ask, server: PersonalizeServer
) -> None:
    journey, group, _ = shop
    tracker = journey.personalize.create_event_tracker(name="shop", datasetGroupArn=group)
    events = server.client("personalize-events")
    before = items_of(ask(userId="visitor", numResults=10))

    def put(**more: Any) -> None:
        seen = [
            {"eventType": "view", "itemId": f"i{n}", "sentAt": time.time(), "eventId": f"e{n}"}
            for n in range(45, 49)
        ]
        events.put_events(trackingId=tracker["trackingId"], eventList=seen, **more)

    put(sessionId="visitor")
    after = items_of(ask(userId="visitor", numResults=10))
    assert after != before
    assert all(int(item[1:]) >= 40 for item in after)
    put(sessionId="visitor", userId="known")
    assert items_of(ask(userId="known", numResults=10)) == after, "the session became the user's"
    assert items_of(ask(userId="visitor", numResults=10)) == before

    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("VIEW")'
    seen = journey.personalize.create_filter(
        name="shop-seen", datasetGroupArn=group, filterExpression=expression
    )["filterArn"]
    rest = set(items_of(ask(userId="known", filterArn=seen, numResults=500)))
    assert rest == {f"i{n}" for n in range(80)} - {"i45", "i46", "i47", "i48"}

    def do(kind: str, *, at: int, **more: Any) -> None:
        for start in range(0, 100, 10):
            done = [{"eventType": kind, "sentAt": at + start + n, **more} for n in range(10)]
            events.put_events(trackingId=tracker["trackingId"], userId="busy", sessionId="s", eventList=done)

    newest = int(time.time())
    do("buy", at=newest, itemId="i4")
    do("view", at=newest + 100, itemId="i45")
    do("search", at=newest + 200)
    rest = set(items_of(ask(userId="busy", filterArn=seen, numResults=500)))
    assert rest == {f"i{n}" for n in range(80)} - {"i45"}, "searches are about no item"
    bought = journey.personalize.create_filter(
        name="shop-bought",
        datasetGroupArn=group,
        filterExpression=expression.replace("VIEW", "buy"),
    )["filterArn"]
    rest = set(items_of(ask(userId="busy", filterArn=bought, numResults=500)))
    assert rest == {f"i{n}" for n in range(80)} - {"i4"}, "100 events of each type count"
    do("buy", at=newest + 300, itemId="i5")
    rest = set(items_of(ask(userId="busy", filterArn=bought, numResults=500)))
    assert rest == {f"i{n}" for n in range(80)} - {"i5"}, "and not more"

    version = journey.personalize.describe_campaign(campaignArn=shop[2]["personal"])["campaign"]
    journey.infer(version["solutionVersionArn"], user_lines(["known"]), numResults=10)
    assert journey.output()[0]["output"]["recommendedItems"] == after


def test_records_are_put_and_checked_against_the_schema(
    shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer
) -> None:
    journey, group, _ = shop
    datasets = journey.personalize.list_datasets(datasetGroupArn=group)["datasets"]
    arns = {entry["datasetType"]: entry["datasetArn"] for entry in datasets}
    events = server.client("personalize-events")
    good = {"itemId": "i1", "properties": json.dumps({"genres": "Drama", "price": 3.5, "title": None})}
    events.put_items(datasetArn=arns["ITEMS"], items=[good])
    events.put_users(datasetArn=arns["USERS"], users=[{"userId": "u1", "properties": '{"age": 33}'}])
    for properties in (
        "{",
        "[]",
        '{"color": "red"}',
        '{"genres": {"a": 1}}',
        '{"price": "cheap"}',
        '{"genres": "Drama", "price": "1e999"}',
        "{}",
    ):
        with pytest.raises(ClientError) as caught:
            bad = [{"itemId": "i1", "properties": properties}]
            events.put_items(datasetArn=arns["ITEMS"], items=bad)
        assert caught.value.response["Error"]["Code"] == "InvalidInputException", properties
    with pytest.raises(ClientError, match="no ACTIVE event tracker"):
        event = {"eventType": "view", "sentAt": 1}
        events.put_events(trackingId="none", sessionId="s", eventList=[event])
    with pytest.raises(ClientError) as caught:
        events.put_items(datasetArn=arns["ITEMS"].replace("shop", "none"), items=[good])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_second_tracker_and_deletions_out_of_order_are_refused(
    shop: tuple[Journey, str, dict[str, str]],
) -> None:
    journey, group, _ = shop
    api = journey.personalize
    with pytest.raises(ClientError) as caught:
        for n in range(2):
            api.create_event_tracker(name=f"another-{n}", datasetGroupArn=group)
    assert caught.value.response["Error"]["Code"] == "LimitExceededException"


def test_a_campaign_changes_its_version_without_missing_a_request(
    shop: tuple[Journey, str, dict[str, str]], ask: Ask
) -> None:
    journey, group, campaigns = shop
    popular = items_of(ask("popular", userId="u0"))
    solution = f"{group.replace('dataset-group', 'solution')}-personal"
    version = journey.train(solution)["solutionVersionArn"]
    journey.personalize.update_campaign(campaignArn=campaigns["popular"], solutionVersionArn=version)
    until = time.monotonic() + 10
    while items_of(ask("popular", userId="u0")) == popular:
        assert time.monotonic() < until, "still the old version"


@pytest.mark.parametrize(
    ("purpose", "request_", "problem"),
    [
        ("personal", {}, "userId is required"),
        ("alike", {"userId": "u1"}, "itemId is required"),
        ("ranking", {"userId": "u1"}, "GetPersonalizedRanking"),
        ("personal", {"userId": "u1", "numResults": 501}, "at most 500"),
    ],
)
def test_a_request_that_does_not_fit_the_recipe_is_refused(
    ask: Ask, purpose: str, request_: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ClientError, match=problem):
        ask(purpose, **request_)


def test_an_unknown_campaign_is_not_found(server: PersonalizeServer) -> None:
    runtime = server.client("personalize-runtime")
    with pytest.raises(ClientError) as caught:
        arn = "arn:aws:personalize:eu-west-1:123456789012:campaign/none"
        runtime.get_recommendations(campaignArn=arn, userId="u1")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
