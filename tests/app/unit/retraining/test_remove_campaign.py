"""A campaign goes before its solution does; another solution's campaign stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pipeline.custom_resources.remove_campaign import remove_campaign
from pipeline.errors import CleanUpUnfinished

CAMPAIGN = "arn:aws:personalize:eu-west-1:123456789012:campaign/recs-test-posts"
SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/recs-test-posts-1"


class Service:
    """Personalize, answering what a test expects it to be asked."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "personalize", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.stub = Stubber(self.client)
        self.slept: list[float] = []

    def is_(self, status: str, solution: str = SOLUTION) -> None:
        campaign = {"status": status, "solutionVersionArn": f"{solution}/abcd", "campaignArn": CAMPAIGN}
        self.stub.add_response("describe_campaign", {"campaign": campaign}, {"campaignArn": CAMPAIGN})

    def is_gone(self) -> None:
        self.stub.add_client_error("describe_campaign", "ResourceNotFoundException")

    def deletes(self, error: str = "") -> None:
        if error:
            self.stub.add_client_error("delete_campaign", error)
        else:
            self.stub.add_response("delete_campaign", {}, {"campaignArn": CAMPAIGN})

    def remove(self, seconds_left: Callable[[], float] = lambda: 900) -> bool:
        with self.stub:
            removed = remove_campaign(
                self.client, CAMPAIGN, SOLUTION, sleep=self.slept.append, seconds_left=seconds_left
            )
        self.stub.assert_no_pending_responses()
        return removed


@pytest.fixture
def service() -> Any:
    return Service()


def test_it_is_deleted_and_waited_for(service: Service) -> None:
    service.is_("ACTIVE")
    service.deletes()
    service.is_("DELETE IN_PROGRESS")
    service.is_gone()

    assert service.remove()
    assert len(service.slept) == 2


def test_one_that_never_was_needs_nothing(service: Service) -> None:
    service.is_gone()

    assert not service.remove()


def test_one_that_follows_another_solution_by_now_stays(service: Service) -> None:
    service.is_("ACTIVE", f"{SOLUTION}2")

    assert not service.remove()


def test_one_that_is_being_created_is_deleted_afterwards(service: Service) -> None:
    service.is_("CREATE IN_PROGRESS")
    service.deletes("ResourceInUseException")
    service.is_("ACTIVE")
    service.deletes()
    service.is_gone()

    assert service.remove()


def test_one_that_is_gone_in_between_is_gone(service: Service) -> None:
    service.is_("ACTIVE")
    service.deletes("ResourceNotFoundException")

    assert service.remove()


def test_it_is_looked_at_after_a_second_then_less_often_as_long_as_two_looks_fit(service: Service) -> None:
    service.is_("ACTIVE")
    service.deletes()
    for _ in range(5):
        service.is_("DELETE IN_PROGRESS")
    left = iter([20.0] * 5 + [19.9])

    with pytest.raises(CleanUpUnfinished, match="is still DELETE IN_PROGRESS"):
        service.remove(seconds_left=lambda: next(left))

    assert service.slept == [1, 2, 4, 8, 10]


def test_one_that_does_not_go_is_told_before_the_function_ends(service: Service) -> None:
    service.is_("ACTIVE")
    service.deletes()

    with pytest.raises(CleanUpUnfinished, match="is still ACTIVE: delete again"):
        service.remove(seconds_left=lambda: 5)
