"""Lists are in the order of their scores, whatever is explored in them."""

import random
from typing import Any

import numpy as np
import pytest

from personalize_server.answers.exploration import Exploration, explored
from tests.personalize_server.support.journey import Journey, user_lines
from tests.personalize_server.support.processes import PersonalizeServer

EXPLORING = {"itemExplorationConfig": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "36500"}}
USERS = [*(f"u{number}" for number in range(8)), "nobody"]


def assert_descending(scores: list[float]) -> None:
    assert scores == sorted(scores, reverse=True)


@pytest.fixture(scope="module")
def version(personalize: Any, s3: Any) -> tuple[Journey, str]:
    journey = Journey(personalize, s3, "in-order")
    solution = journey.solution(journey.ready_to_train(), "aws-user-personalization")
    return journey, journey.train(solution)["solutionVersionArn"]


def test_lists_at_once_descend(server: PersonalizeServer, version: tuple[Journey, str]) -> None:
    journey, arn = version
    made = journey.personalize.create_campaign(
        name="in-order", solutionVersionArn=arn, campaignConfig=EXPLORING
    )
    runtime = server.client("personalize-runtime")
    lists: dict[str, set[tuple[str, ...]]] = {}
    for user in USERS * 3:
        entries = runtime.get_recommendations(campaignArn=made["campaignArn"], userId=user)["itemList"]
        assert_descending([entry["score"] for entry in entries])
        names = tuple(entry["itemId"] for entry in entries)
        assert len(set(names)) == 25
        lists.setdefault(user, set()).add(names)
    assert any(len(found) > 1 for found in lists.values()), "something is explored"


def test_lists_of_batches_descend(version: tuple[Journey, str]) -> None:
    journey, arn = version
    job = journey.infer(arn, user_lines(USERS), batchInferenceJobConfig=EXPLORING)
    assert job["status"] == "ACTIVE", job
    for line in journey.output():
        assert_descending(line["output"]["scores"])
        assert len(set(line["output"]["recommendedItems"])) == 25


@pytest.mark.parametrize("count", [10, 60])
def test_what_comes_short_stays_last(count: int) -> None:
    scores = np.linspace(1, 0.01, 100, dtype=np.float32)
    scores[30:90] = -np.inf
    new = np.zeros(100, np.bool_)
    new[90:] = True
    items, values = explored(
        Exploration(0.5, new, 90, np.zeros(100, np.float32)), scores, count, random.Random(1)
    )
    found = values > -np.inf
    assert found.sum() == min(count, 30) and found[: found.sum()].all()
    assert_descending(values.tolist())
    assert (items[found] >= 90).any()
    assert np.array_equal(scores[items[found]], values[found])
