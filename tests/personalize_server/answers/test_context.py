"""Contextual metadata: columns of the interactions, such as a device, that change what is recommended."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import RECIPE, Journey, schema_text, settled
from tests.personalize_server.support.processes import PersonalizeServer

DEVICE = {"name": "DEVICE", "type": ["null", "string"], "categorical": True}
NOTE = {"name": "NOTE", "type": ["null", "string"]}
ITEMS, USERS = 60, 120
Ask = Callable[..., list[dict[str, Any]]]


def place(item: str) -> str:
    """Two of three items are touched on one device alone."""
    return ("tv", "phone", "")[int(item[1:]) % 3]


def events(seed: int = 0) -> str:
    rng = random.Random(seed)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE,NOTE"]
    for user in range(USERS):
        for at, item in enumerate(rng.sample(range(ITEMS), 20)):
            device = place(f"i{item}") or rng.choice(["tv", "phone"])
            lines.append(f"u{user},i{item},{1_700_000_000 + at * 60},view,,{device},{device}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def shop(personalize: Any, s3: Any) -> tuple[Journey, str, dict[str, str]]:
    """A journey, its group, and campaigns by what they are for."""
    journey = Journey(personalize, s3, "devices")
    group = journey.group()
    dataset = journey.dataset(group, schema=schema_text("Interactions", DEVICE, NOTE))
    assert journey.import_csv(dataset, events())["status"] == "ACTIVE"
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["DEVICE"]}}}
    campaigns = {}
    for purpose, recipe, config in (
        ("personal", "aws-user-personalization-v2", {}),
        ("exploring", "aws-user-personalization", {}),
        ("excluding", "aws-user-personalization-v2", excluded),
        ("ranking", "aws-personalized-ranking-v2", {}),
    ):
        version = journey.train(
            journey.solution(group, recipe, name=f"devices-{purpose}", solutionConfig=config)
        )
        assert version["status"] == "ACTIVE", version
        arn = version["solutionVersionArn"]
        made = personalize.create_campaign(name=f"devices-{purpose}", solutionVersionArn=arn)
        campaigns[purpose] = made["campaignArn"]
    return journey, group, campaigns


@pytest.fixture
def ask(shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer) -> Ask:
    runtime = server.client("personalize-runtime")

    def recommend(purpose: str = "personal", **more: Any) -> list[dict[str, Any]]:
        return list(runtime.get_recommendations(campaignArn=shop[2][purpose], **more)["itemList"])

    return recommend


def items_of(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["itemId"] for entry in entries]


def share(items: list[str], device: str) -> float:
    return sum(place(item) == device for item in items) / len(items)


@pytest.mark.parametrize("user", ["u1", "nobody"])
def test_the_device_changes_what_is_recommended_to_those_known_and_to_those_not(ask: Ask, user: str) -> None:
    plain = ask(userId=user, numResults=15)
    on = {device: ask(userId=user, numResults=15, context={"DEVICE": device}) for device in ("tv", "phone")}
    for device, other in (("tv", "phone"), ("phone", "tv")):
        listed = items_of(on[device])
        assert share(listed, device) > share(items_of(plain), device)
        assert share(listed, device) > 0.5
        assert share(listed, other) < 0.2
    reasons = {tuple(entry.get("reason", ())) for entry in on["tv"]}
    assert reasons == ({("Popular item",)} if user == "nobody" else {()})


def test_what_is_no_context_of_the_campaign_changes_nothing(ask: Ask) -> None:
    plain = ask(userId="u1")
    for context in ({}, {"DEVICE": "fridge"}, {"device": "tv"}, {"WEATHER": "rain"}, {"NOTE": "tv"}):
        assert ask(userId="u1", context=context) == plain
    moved = ask(userId="u1", context={"DEVICE": "tv"})
    assert moved != plain
    assert ask(userId="u1", context={"DEVICE": "tv", "WEATHER": "rain"}) == moved
    excluding = {"purpose": "excluding", "userId": "u1"}
    assert ask(**excluding, context={"DEVICE": "tv"}) == ask(**excluding)


def test_contexts_that_break_the_constraints_of_the_service_are_refused(
    shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer
) -> None:
    runtime = server.client("personalize-runtime")
    for context in (
        {"NO SPACES": "tv"},
        {"D" * 151: "tv"},
        {"DEVICE": "t" * 1001},
        {f"N{at}": "" for at in range(151)},
    ):
        with pytest.raises(ClientError, match="context"):
            runtime.get_recommendations(campaignArn=shop[2]["personal"], userId="u1", context=context)


def test_scores_still_sum_to_one_and_filters_and_promotions_still_hold(
    ask: Ask, shop: tuple[Journey, str, dict[str, str]]
) -> None:
    journey, group, _ = shop
    on_tv = {"userId": "u1", "context": {"DEVICE": "tv"}}
    whole = ask(**on_tv, numResults=500)
    assert sum(entry["score"] for entry in whole) == pytest.approx(1, abs=1e-4)
    assert len(whole) == ITEMS
    watched, unwatched = (
        journey.personalize.create_filter(
            name=f"devices-{kind}".lower(),
            datasetGroupArn=group,
            filterExpression=f'{kind} ItemID WHERE Interactions.EVENT_TYPE IN ("view")',
        )["filterArn"]
        for kind in ("INCLUDE", "EXCLUDE")
    )
    seen = {items_of([entry])[0] for entry in ask(userId="u1", numResults=500, filterArn=watched)}
    fresh = ask(**on_tv, numResults=10, filterArn=unwatched)
    assert len(seen) == 20
    assert not seen & set(items_of(fresh))
    allowed = [entry for entry in whole if entry["itemId"] not in seen]
    assert fresh == allowed[:10]
    promotion = {"name": "again", "percentPromotedItems": 20, "filterArn": watched}
    mixed = ask(**on_tv, numResults=10, filterArn=unwatched, promotions=[promotion])
    promoted = [entry["itemId"] for entry in mixed if entry.get("promotionName") == "again"]
    assert promoted == [entry["itemId"] for entry in whole if entry["itemId"] in seen][:2]
    assert share(items_of(mixed), "tv") > 0.5


def test_exploration_goes_on_in_a_context(ask: Ask, shop: tuple[Journey, str, dict[str, str]]) -> None:
    """What is not explored is the best for the context, in its order."""
    journey, _, campaigns = shop
    described = journey.personalize.describe_campaign(campaignArn=campaigns["exploring"])["campaign"]
    asked = {"userId": "u1", "context": {"DEVICE": "phone"}}
    still = {"itemExplorationConfig": {"explorationWeight": "0", "explorationItemAgeCutOff": "30"}}
    journey.infer(
        described["solutionVersionArn"],
        json.dumps(asked) + "\n",
        "still",
        numResults=20,
        batchInferenceJobConfig=still,
    )
    best = journey.output("still")[0]["output"]["recommendedItems"]
    explored = 0
    for _ in range(10):
        listed = items_of(ask("exploring", **asked, numResults=20))
        assert len(set(listed)) == 20
        regular = [item for item in listed if item in best[:8]]
        assert regular == [item for item in best[:8] if item in regular]
        explored += len(set(listed) - set(best))
    assert explored > 0


def test_a_ranking_is_by_context_too(
    shop: tuple[Journey, str, dict[str, str]], server: PersonalizeServer
) -> None:
    runtime = server.client("personalize-runtime")
    given = [f"i{item}" for item in range(ITEMS)]

    def ranked(**more: Any) -> list[dict[str, Any]]:
        answer = runtime.get_personalized_ranking(
            campaignArn=shop[2]["ranking"], userId="u1", inputList=[*given, "none"], **more
        )
        return list(answer["personalizedRanking"])

    plain, on_tv = ranked(), ranked(context={"DEVICE": "tv"})
    assert share(items_of(on_tv)[:20], "tv") > share(items_of(plain)[:20], "tv")
    assert ranked(context={"DEVICE": "radio"}) == plain
    assert sorted(items_of(on_tv)) == sorted([*given, "none"])
    assert on_tv[-1] == {"itemId": "none", "score": 0.0}
    assert sum(entry["score"] for entry in on_tv[:-1]) == pytest.approx(1, abs=1e-4)


def test_a_batch_answers_each_line_in_its_own_context(
    shop: tuple[Journey, str, dict[str, str]], ask: Ask
) -> None:
    journey, _, campaigns = shop
    version = journey.personalize.describe_campaign(campaignArn=campaigns["personal"])["campaign"][
        "solutionVersionArn"
    ]
    asked: list[dict[str, Any]] = [
        {"userId": "u1"},
        {"userId": "u1", "context": {"DEVICE": "tv"}},
        {"userId": "nobody", "context": {"DEVICE": "phone"}},
        {"userId": "u1", "context": {"DEVICE": "radio"}},
        {"userId": "u1", "context": {"DEVICE": 7}},
        {"userId": "u1", "context": ["tv"]},
    ]
    lines = "".join(json.dumps(line) + "\n" for line in asked)
    job = journey.infer(version, lines, "contexts", numResults=15)
    assert job["status"] == "ACTIVE", job
    found = journey.output("contexts")
    assert [line["input"] for line in found] == asked
    for line, given in zip(found[:4], asked, strict=False):
        assert line["output"]["recommendedItems"] == items_of(ask(**given, numResults=15))
        assert line["error"] is None
    for line in found[4:]:
        assert line["error"] == "User error: context must map names to strings."


def test_events_bring_their_context_to_the_next_training(
    journey: Journey, server: PersonalizeServer, personalize: Any
) -> None:
    """Imported without devices; all that is known of them comes by PutEvents."""
    group = journey.group()
    dataset = journey.dataset(group, schema=schema_text("Interactions", DEVICE))
    rows = [line.rsplit(",", 2)[0] for line in events(seed=1).splitlines()]
    bare = "\n".join(
        ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE", *(f"{r}," for r in rows[1:])]
    )
    assert journey.import_csv(dataset, f"{bare}\n")["status"] == "ACTIVE"
    tracker = personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)["trackingId"]
    solution = journey.solution(group)
    runtime = server.client("personalize-runtime")

    def listed(campaign: str, **more: Any) -> list[str]:
        answer = runtime.get_recommendations(campaignArn=campaign, userId="nobody", numResults=15, **more)
        return items_of(answer["itemList"])

    before = personalize.create_campaign(
        name=f"{journey.name}-0", solutionVersionArn=journey.train(solution)["solutionVersionArn"]
    )["campaignArn"]
    assert listed(before, context={"DEVICE": "tv"}) == listed(before)
    sender, rng = server.client("personalize-events"), random.Random(2)
    for user in range(USERS):
        chosen = [f"i{item}" for item in rng.sample(range(ITEMS), 10)]
        sender.put_events(
            trackingId=tracker,
            userId=f"u{user}",
            sessionId=f"s{user}",
            eventList=[
                {
                    **{"eventType": "view", "itemId": item, "sentAt": 1_700_100_000 + at},
                    "properties": json.dumps({"device": place(item) or "tv"}),
                }
                for at, item in enumerate(chosen)
            ],
        )
    after = personalize.create_campaign(
        name=f"{journey.name}-1", solutionVersionArn=journey.train(solution)["solutionVersionArn"]
    )["campaignArn"]
    assert share(listed(after, context={"DEVICE": "phone"}), "phone") > 0.7
    assert share(listed(after, context={"DEVICE": "tv"}), "phone") < 0.2


def test_a_recommender_knows_contexts(journey: Journey, server: PersonalizeServer) -> None:
    api, name = journey.personalize, journey.name
    group = api.create_dataset_group(name=name, domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
    schema = api.create_schema(
        name=name, schema=schema_text("Interactions", DEVICE, NOTE), domain="VIDEO_ON_DEMAND"
    )["schemaArn"]
    dataset = api.create_dataset(
        name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    assert journey.import_csv(dataset, events())["status"] == "ACTIVE"
    arn = api.create_recommender(
        name=name,
        datasetGroupArn=group,
        recipeArn=f"{RECIPE}aws-vod-top-picks",
        recommenderConfig={"itemExplorationConfig": {"explorationWeight": "0"}},
    )["recommenderArn"]
    made = settled(lambda: api.describe_recommender(recommenderArn=arn)["recommender"])
    assert made["status"] == "ACTIVE", made
    runtime = server.client("personalize-runtime")

    def listed(**more: Any) -> list[str]:
        answer = runtime.get_recommendations(recommenderArn=arn, userId="u1", numResults=15, **more)
        return items_of(answer["itemList"])

    assert share(listed(context={"DEVICE": "phone"}), "phone") > max(0.5, share(listed(), "phone"))
