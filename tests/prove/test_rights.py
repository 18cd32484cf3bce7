"""Every statement of a deployed stage: by whom its loss is noticed, or why by nobody; ten of them lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
import requests

from local_cloud.judge import reasons
from local_cloud.judge.losses import Deployed, Loss, losses
from local_cloud.judge.recording import PATH, Judged, recorded
from local_cloud.lifecycle.serving_api import ServingApi
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.app.support.clouds.exercised import exercise, fire, schedules
from tests.app.support.clouds.filled_cloud import up
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Exercised:
    community: CommunityCloud
    losses: list[Loss]
    refused: list[Judged]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exercised]:
    with up(tmp_path_factory.mktemp("cloud")) as community:
        exercise(community)
        calls = list(recorded(community.cloud.state.path))
        found = losses(policies(community), calls)
        yield Exercised(community, found, [each for each in calls if not each.allowed])


def policies(community: CommunityCloud) -> Deployed:
    with urlopen(f"{community.cloud.settings.endpoint_url}{PATH}", timeout=60) as answer:
        return Deployed.from_json(json.load(answer))


def test_the_loss_of_every_statement_is_noticed_or_has_a_reason(stage: Exercised) -> None:
    assert len(stage.losses) > 250
    assert not [loss.statement.id for loss in stage.losses if not loss.explained]


def test_no_reason_is_left_that_no_statement_needs(stage: Exercised) -> None:
    assert reasons.stale(loss.reason for loss in stage.losses if loss.reason) == []


def test_nothing_was_refused_but_what_had_been_taken_away(stage: Exercised) -> None:
    """The topic's own policy let nobody in for a while."""
    told = {(each.call.principal.arn, each.call.action) for each in stage.refused}
    assert told == {("events.amazonaws.com", "sns:Publish")}


@dataclass(frozen=True)
class Trial:
    """A statement, and something that only goes well with it; `whose`: words of its owner."""

    whose: str
    action: str
    attempt: Callable[[CommunityCloud, ServingApi], Any]
    policy: str = ""
    noticed: bool = True


def asks(method: str, path: str, document: Any = None) -> Callable[[CommunityCloud, ServingApi], Any]:
    return lambda _, api: api.ask(method, path, document)


def fires(community: CommunityCloud, _: ServingApi) -> None:
    trainings, _weekly = schedules(community)
    for schedule in trainings:
        try:
            arn = fire(community, *schedule)
        except HTTPError as refused:
            assert refused.code == 403
            continue
        community.client("stepfunctions").stop_execution(executionArn=arn)


def unsubscribes(_: CommunityCloud, api: ServingApi) -> None:
    """By somebody else's link: that is told."""
    assert requests.get(f"{api.url}/v1/unsubscribe?token=x", timeout=30).status_code < 500


def device(token: str) -> dict[str, str]:
    return {"deviceId": "lost", "platform": "ios", "userId": "1", "token": token * 64}


def posts(_: CommunityCloud, api: ServingApi) -> None:
    """Of now: older events are not taken."""
    event = {
        "useCase": "users_to_follow",
        "type": "follow",
        "itemId": "2",
        "userId": "1",
        "source": "batch",
        "variant": "personalize",
        "occurredAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventId": str(uuid4()),
    }
    api.post("/v1/events", {"events": [event]})


TRIALS = (
    Trial("ServingRecommendationsRole", "dynamodb:Query", asks("GET", "/v1/users/1/people-to-follow")),
    Trial("TrackingEventsRole", "sqs:SendMessage", posts),
    Trial("NotificationsInboxRole", "dynamodb:UpdateItem", asks("GET", "/v1/inbox?userId=1")),
    Trial("NotificationsInboxRole", "sns:CreatePlatformEndpoint", asks("PUT", "/v1/devices", device("c"))),
    Trial("NotificationsInboxFunction", "GetV1Inbox", asks("GET", "/v1/inbox?userId=1")),
    Trial("ServingDescriptionFunction", "OpenapiJson", asks("GET", "/v1/openapi.json")),
    Trial("TrackingEventsFunction", "PostV1Events", posts),
    Trial("PostsScheduleRole", "states:StartExecution", fires),
    Trial("PostsScheduleRole", "sts:AssumeRole", fires, policy="trust"),
    Trial("NotificationsInboxFunction", "GetV1Unsubscribe", unsubscribes, noticed=False),
)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.whose}-{trial.action}")
def test_a_statement_that_is_lost_for_real_is_noticed_as_the_recording_says(
    stage: Exercised, trial: Trial
) -> None:
    [loss] = [
        each
        for each in stage.losses
        if trial.whose in each.owner
        and (trial.action in each.statement.actions.texts or trial.action in each.statement.name)
        and each.statement.policy.endswith(trial.policy)
    ]
    assert (loss.noticed_by is not None) is trial.noticed

    community, api = stage.community, ServingApi.deployed(stage.community.cloud.settings)
    before = refusals(community)
    with lost(community, loss):
        trial.attempt(community, api)
        if trial.noticed:
            eventually(lambda: refusals(community) > before)
    assert (refusals(community) > before) is trial.noticed


def refusals(community: CommunityCloud) -> int:
    return sum(not each.allowed for each in recorded(community.cloud.state.path))


@contextmanager
def lost(community: CommunityCloud, loss: Loss) -> Iterator[None]:
    """The statement is taken out of the policy that has it, and put back."""
    if ":function:" in loss.owner:
        with lost_permission(community, loss):
            yield
        return
    iam, role = community.client("iam"), loss.owner.rpartition("/")[2]
    name, trust = loss.statement.policy.rpartition("/")[2], loss.statement.policy.endswith("/trust")
    if trust:
        before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    else:
        before = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def put(document: Any) -> None:
        text = json.dumps(document)
        if trust:
            iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)
        else:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)

    left = [each for number, each in enumerate(before["Statement"]) if str(number) != loss.statement.name]
    assert len(left) == len(before["Statement"]) - 1
    if trust:
        # There has to be somebody whom it trusts.
        somebody = {"Service": "ec2.amazonaws.com"}
        left.append({"Effect": "Allow", "Principal": somebody, "Action": "sts:AssumeRole"})
    put({**before, "Statement": left})
    try:
        yield
    finally:
        put(before)


@contextmanager
def lost_permission(community: CommunityCloud, loss: Loss) -> Iterator[None]:
    functions = community.client("lambda")
    functions.remove_permission(FunctionName=loss.owner, StatementId=loss.statement.name)
    try:
        yield
    finally:
        [condition] = loss.statement.conditions
        functions.add_permission(
            FunctionName=loss.owner,
            StatementId=loss.statement.name,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=condition.values[0],
        )
