"""The next best action: data put and imported, chances learned, actions recommended."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from personalize_server.actions.data import ActionData
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.data.interaction_table import InteractionTable
from personalize_server.facts.errors import ResourceNotFound
from personalize_server.facts.options import Options
from personalize_server.server.runtime import Runtime
from personalize_server.state.context import Caller
from personalize_server.training.actions import considered
from tests.personalize_server.support.actions import COLUMNS, USERS, action_interactions, action_schema
from tests.personalize_server.support.journey import Journey, interactions_csv
from tests.personalize_server.support.processes import PersonalizeServer


@pytest.fixture(scope="module")
def actions(personalize: Any, s3: Any) -> tuple[Journey, str, dict[str, str], str]:
    """A journey, its group, datasets by type and a campaign."""
    journey = Journey(personalize, s3, "actions")
    group = journey.group()
    datasets = {kind: journey.dataset(group, kind, action_schema(kind)) for kind in COLUMNS}
    datasets["Interactions"] = journey.dataset(group)
    listed = [
        "ACTION_ID,VALUE,EXPIRATION_TIMESTAMP,REPEAT_FREQUENCY,TYPE",
        "low,1,,,club",
        "high,1,,,club",
        "any,1,,3,club",
        "expired,9,1000000000,,letter",
        "new-cheap,1,,,letter",
        "new-dear,9,,,letter",
    ]
    for kind, body in (
        ("Actions", "\n".join(listed) + "\n"),
        ("Action_Interactions", action_interactions()),
        ("Interactions", interactions_csv(users=USERS)),
    ):
        job = journey.import_csv(datasets[kind], body)
        assert job["status"] == "ACTIVE", job
    version = journey.train(journey.solution(group, "aws-next-best-action"))
    assert version["status"] == "ACTIVE", version
    arn = version["solutionVersionArn"]
    metrics = personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert 0.6 < metrics["area_under_the_curve"] <= 1
    campaign = personalize.create_campaign(name="actions", solutionVersionArn=arn)["campaignArn"]
    return journey, group, datasets, campaign


def asked(server: PersonalizeServer, campaign: str, **more: Any) -> dict[str, float]:
    runtime = server.client("personalize-runtime")
    answer = runtime.get_action_recommendations(campaignArn=campaign, **more)
    assert answer["recommendationId"]
    return {entry["actionId"]: entry["score"] for entry in answer["actionList"]}


def test_users_get_the_actions_of_their_kind_with_chances(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    campaign = actions[3]
    odd, even = asked(server, campaign, userId="u11"), asked(server, campaign, userId="u12")
    assert next(iter(odd)) == "low" and next(iter(even)) == "high"
    assert odd["low"] > 0.7 and odd["high"] < 0.4
    assert list(odd)[-2:] == ["new-dear", "new-cheap"], "unknown actions are ordered by their value"
    assert odd["new-dear"] == odd["new-cheap"] == 0
    assert "expired" not in odd
    assert len(odd) == 5
    assert len(asked(server, campaign, userId="nobody", numResults=2)) == 2


@pytest.mark.prove
def test_models_of_actions_are_loaded_before_anybody_asks(
    actions: tuple[Journey, str, dict[str, str], str],
    server: PersonalizeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = actions[3]
    _, _, _, region, account, _ = campaign.split(":")

    def refuse(*_: Any) -> None:
        raise AssertionError("loaded when asked")

    async def answered() -> list[Any]:
        runtime = Runtime(Options(data=server.data))
        await runtime.preload()
        monkeypatch.setattr(ActionData, "load", refuse)
        request = {"campaignArn": campaign, "userId": "u11"}
        answer = await runtime.get_action_recommendations(Caller(account, region), request)
        runtime.close()
        return list(answer["actionList"])

    assert asyncio.run(answered())[0]["actionId"] == "low"


def test_a_campaign_of_actions_made_again_answers_from_its_own_model(
    actions: tuple[Journey, str, dict[str, str], str],
    server: PersonalizeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journey, group, _, _ = actions
    api, solution = journey.personalize, group.replace("dataset-group", "solution")
    journey.train(solution)
    versions = api.list_solution_versions(solutionArn=solution)["solutionVersions"]
    load, loaded = ActionData.load, []

    def note(plan: InferencePlan, folder: Path) -> ActionData:
        loaded.append(plan.model)
        return load(plan, folder)

    async def answered() -> None:
        runtime = Runtime(Options(data=server.data))
        for number, version in enumerate(versions, 1):
            made = api.create_campaign(name="again", solutionVersionArn=version["solutionVersionArn"])
            campaign = made["campaignArn"]
            asked(server, campaign, userId="u11")
            _, _, _, region, account, _ = campaign.split(":")
            request = {"campaignArn": campaign, "userId": "u11"}
            answer = await runtime.get_action_recommendations(Caller(account, region), request)
            assert answer["actionList"] and len(set(loaded)) == number
            api.delete_campaign(campaignArn=campaign)
            with pytest.raises(ResourceNotFound):
                await runtime.get_action_recommendations(Caller(account, region), request)
        runtime.close()

    monkeypatch.setattr(ActionData, "load", note)
    asyncio.run(answered())
    assert len(versions) == 2


def test_what_a_user_does_with_actions_counts_at_once(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    journey, _, datasets, campaign = actions
    described = journey.personalize.describe_dataset(datasetArn=datasets["Action_Interactions"])["dataset"]
    events = server.client("personalize-events")

    def put(**more: Any) -> None:
        event = {"actionId": "any", "sessionId": "s", "timestamp": time.time(), "eventType": "TAKEN"}
        events.put_action_interactions(
            trackingId=described["trackingId"], actionInteractions=[{**event, **more}]
        )

    assert "any" in asked(server, campaign, userId="visitor")
    put(userId="visitor")
    assert "any" not in asked(server, campaign, userId="visitor"), "not again within three days"
    put(sessionId="anonymous")
    put(sessionId="anonymous", userId="known", actionId="low")
    assert "any" not in asked(server, campaign, userId="known"), "the session became the user's"
    with pytest.raises(ClientError, match="eventType must be one of TAKEN, NOT_TAKEN, VIEWED"):
        put(eventType="clicked")
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.put_action_interactions(
            trackingId="none",
            actionInteractions=[
                {"actionId": "a", "sessionId": "s", "timestamp": time.time(), "eventType": "TAKEN"}
            ],
        )


def test_filters_of_actions(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    journey, group, _, campaign = actions

    def filter_(name: str, expression: str) -> str:
        made = journey.personalize.create_filter(
            name=f"actions-{name}", datasetGroupArn=group, filterExpression=expression
        )
        return str(made["filterArn"])

    letters = filter_("letters", "INCLUDE ActionID WHERE Actions.TYPE IN ($TYPE)")
    values = {"TYPE": '"letter"'}
    assert set(asked(server, campaign, userId="u1", filterArn=letters, filterValues=values)) == {
        "new-dear",
        "new-cheap",
    }
    seen = filter_("seen", 'EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("VIEWED")')
    assert set(asked(server, campaign, userId="u1", filterArn=seen)) == {"new-dear", "new-cheap"}
    with pytest.raises(ClientError, match="needs a value for the parameter TYPE"):
        asked(server, campaign, userId="u1", filterArn=letters)
    items = filter_("items", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    with pytest.raises(ClientError, match="must be about ActionID"):
        asked(server, campaign, userId="u1", filterArn=items)


def test_unknown_actions_are_explored_as_much_as_the_campaign_says(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    journey, _, _, campaign = actions
    api, unknown = journey.personalize, {"new-cheap", "new-dear"}
    version = api.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"]

    def exploring(weight: str, **more: str) -> list[set[str]]:
        """Unknown actions in lists of two, by a campaign of this weight."""
        config = {"itemExplorationConfig": {"explorationWeight": weight, **more}}
        name = f"actions-{weight.replace('.', '-')}-{len(more)}"
        made = api.create_campaign(name=name, solutionVersionArn=version, campaignConfig=config)
        lists = [asked(server, made["campaignArn"], userId="u11", numResults=2) for _ in range(40)]
        for found in lists:
            assert list(found.values()) == sorted(found.values(), reverse=True)
            assert all(found[action] == 0 for action in unknown & set(found))
        api.delete_campaign(campaignArn=made["campaignArn"])
        return [unknown & set(found) for found in lists]

    assert exploring("0") == [set()] * 40
    assert exploring("1") == [unknown] * 40
    some = exploring("0.5")
    assert set() in some and unknown in some
    assert {"new-cheap"} in some and {"new-dear"} in some, "whatever their value"


def test_actions_that_are_put_are_recommended_without_a_training(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    """By a campaign that begins to answer after that; others look every two hours."""
    journey, _, datasets, campaign = actions
    put = [{"actionId": "put", "properties": json.dumps({"value": 10.0, "type": "letter"})}]
    server.client("personalize-events").put_actions(datasetArn=datasets["Actions"], actions=put)
    version = journey.personalize.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"]
    later = journey.personalize.create_campaign(name="actions-later", solutionVersionArn=version)[
        "campaignArn"
    ]
    found = asked(server, later, userId="u11", numResults=10)
    assert found["put"] == 0
    assert next(iter(found)) == "low"
    assert list(found).index("put") < list(found).index("new-dear"), "it is worth more"
    journey.personalize.delete_campaign(campaignArn=later)


def test_a_training_considers_so_many_actions_the_new_and_the_lately_used() -> None:
    times = {"a": 5, "b": 9, "c": 7, "e": 8}
    names = sorted(times)
    table = InteractionTable(
        user_ids=np.array(["u"]),
        item_ids=np.array([*names, "gone"]),
        type_names=np.array(["TAKEN"]),
        users=np.zeros(5, np.int32),
        items=np.arange(5, dtype=np.int32),
        types=np.zeros(5, np.int32),
        times=np.array([*(times[name] for name in names), 99]),
        values=np.full(5, np.nan),
    )
    ids = np.array(["a", "b", "c", "d", "e"])
    assert considered(ids, table, 5).tolist() == ids.tolist()
    assert considered(ids, table, 3).tolist() == ["b", "d", "e"]


def test_each_call_is_for_its_kind_of_campaign(
    actions: tuple[Journey, str, dict[str, str], str], server: PersonalizeServer
) -> None:
    journey, group, _, campaign = actions
    runtime = server.client("personalize-runtime")
    with pytest.raises(ClientError, match="is for GetActionRecommendations"):
        runtime.get_recommendations(campaignArn=campaign, userId="u1")
    version = journey.train(journey.solution(group, "aws-popularity-count", name="actions-popular"))
    other = journey.personalize.create_campaign(
        name="actions-popular", solutionVersionArn=version["solutionVersionArn"]
    )["campaignArn"]
    with pytest.raises(ClientError, match="is not for GetActionRecommendations"):
        asked(server, other, userId="u1")
    with pytest.raises(ClientError, match="at most 100"):
        asked(server, campaign, userId="u1", numResults=101)


def test_without_an_actions_dataset_there_is_no_training(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.ready_to_train(), "aws-next-best-action"))
    assert version["status"] == "CREATE FAILED"
    assert "needs an Actions dataset" in version["failureReason"]


def test_domain_dataset_groups_have_no_actions(journey: Journey) -> None:
    api = journey.personalize
    group = api.create_dataset_group(name=journey.name, domain="ECOMMERCE")["datasetGroupArn"]
    with pytest.raises(api.exceptions.InvalidInputException):
        journey.dataset(group, "Actions", action_schema("Actions"))
