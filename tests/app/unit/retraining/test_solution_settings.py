"""A solution's new settings are waited for: UpdateSolution answers before anything is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pipeline.custom_resources.solution_settings import apply_solution_settings
from pipeline.errors import SolutionNotUpdated

SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/recs-test-posts-0a0b0c0d"
OFF = {"solutionArn": SOLUTION, "performAutoTraining": False}


class Service:
    """Personalize, answering what a test expects it to be asked; time passes while the caller sleeps."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "personalize", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.stub = Stubber(self.client)
        self.seconds = 0.0
        self.pauses: list[float] = []

    def tells(self, *, of: int | None = None, status: str = "ACTIVE", **solution: Any) -> None:
        """of: the day of the latest update; none for a solution that was never updated."""
        if of is not None:
            update = {"status": status, "creationDateTime": datetime(2026, 11, of, tzinfo=UTC)}
            if status == "CREATE FAILED":
                update["failureReason"] = "A training is under way."
            solution["latestSolutionUpdate"] = update
        self.stub.add_response("describe_solution", {"solution": solution}, {"solutionArn": SOLUTION})

    def takes(self, request: dict[str, Any] | None = None) -> None:
        self.stub.add_response("update_solution", {"solutionArn": SOLUTION}, request or OFF)

    def is_in_use(self) -> None:
        self.stub.add_client_error("update_solution", "ResourceInUseException")

    def apply(self, *event_types: dict[str, Any], seconds: float = 900) -> None:
        def sleep(pause: float) -> None:
            self.seconds += pause
            self.pauses.append(pause)

        with self.stub:
            apply_solution_settings(
                self.client,
                SOLUTION,
                event_types,
                sleep=sleep,
                seconds_left=lambda: seconds - self.seconds,
            )
        self.stub.assert_no_pending_responses()


@pytest.fixture
def service() -> Service:
    return Service()


def test_an_update_is_waited_for_until_it_is_active(service: Service) -> None:
    service.tells()
    service.takes()
    for status in ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"):
        service.tells(of=21, status=status)

    service.apply()


def test_an_update_that_fails_is_an_error_with_its_reason(service: Service) -> None:
    service.tells(of=1)
    service.takes()
    service.tells(of=21, status="CREATE IN_PROGRESS")
    service.tells(of=21, status="CREATE FAILED")

    with pytest.raises(SolutionNotUpdated, match=r"ended as CREATE FAILED: A training is under way\."):
        service.apply()


@pytest.mark.parametrize("status", ["ACTIVE", "CREATE FAILED"])
def test_the_update_before_says_nothing_about_this_one(service: Service, status: str) -> None:
    service.tells(of=1, status=status, performAutoTraining=True)
    service.takes()
    service.tells(of=1, status=status, performAutoTraining=True)
    service.tells(of=21)

    service.apply()


def test_where_no_update_is_told_of_the_solution_s_own_settings_count(service: Service) -> None:
    events = [{"eventType": "like", "weight": 0.8}, {"eventType": "view", "weight": 0.1}]
    config = {"eventsConfig": {"eventParametersList": events}}
    service.tells()
    service.takes({**OFF, "solutionUpdateConfig": config})
    service.tells(performAutoTraining=True)
    service.tells(performAutoTraining=False)
    service.tells(performAutoTraining=False, solutionConfig=config)

    service.apply({"name": "like", "weight": "0.8"}, {"name": "view", "weight": 0.1})


def test_a_solution_in_use_is_waited_for_over_minutes(service: Service) -> None:
    service.tells()
    for _ in range(30):
        service.is_in_use()
    service.takes()
    service.tells(of=21)

    service.apply()

    assert service.pauses == [1, 2, 4, 8, *[15] * 26]


@pytest.mark.parametrize(("seconds", "waits"), [(16, [1]), (15.9, [])])
def test_no_wait_is_begun_that_leaves_no_time_for_the_longest_one(
    service: Service, seconds: float, waits: list[float]
) -> None:
    service.tells()
    service.is_in_use()
    if waits:
        service.is_in_use()

    with pytest.raises(SolutionNotUpdated, match="is in use"):
        service.apply(seconds=seconds)
    assert service.pauses == waits


@pytest.mark.parametrize(
    ("busy", "state"), [(True, "is in use"), (False, r"is still being updated \(CREATE PENDING\)")]
)
def test_the_wait_ends_before_the_function_does_and_says_what_that_means(
    service: Service, busy: bool, state: str
) -> None:
    service.tells()
    if not busy:
        service.takes()
    for _ in range(8):
        if busy:
            service.is_in_use()
        else:
            service.tells(of=21, status="CREATE PENDING")

    with pytest.raises(SolutionNotUpdated, match=f"{state}: deploy again; until then it may train"):
        service.apply(seconds=60)
    assert service.seconds < 60
