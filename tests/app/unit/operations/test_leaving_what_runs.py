"""What runs in Amazon Personalize ends before anything is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

from botocore.exceptions import ClientError

from operations.estate.ending import Waiting
from operations.leaving.departure import Departure
from operations.leaving.jobs import Job
from operations.leaving.plan import Plan
from operations.leaving.scope import Scope, Thing

NAME = "recs-dev-posts-89abcdef"
SOLUTION = f"arn:aws:personalize:eu-west-1:111111111111:solution/{NAME}"
VERSION = Thing("solution version", f"{NAME}/1", f"{SOLUTION}/1", "posts", {"running": True})
JOB = Job("dataset import job", "recs-dev-posts-items-1", "job", "posts", "CREATE PENDING")
PLAN = Plan(
    Scope("111111111111", "eu-west-1", "dev"), (VERSION, Thing("solution", NAME, SOLUTION, "posts")), (JOB,)
)


class Personalize:
    """Its training stops after a while, and its job ends if it does at all; remembers what it is told."""

    def __init__(self, *job: str) -> None:
        self.told: list[str] = []
        self.training = after("CREATE IN_PROGRESS", "CREATE STOPPING", "CREATE STOPPED")
        self.job = after(*job)

    def stop_solution_version_creation(self, *, solutionVersionArn: str) -> None:
        self.told.append(f"stop {solutionVersionArn}")

    def describe_solution_version(self, *, solutionVersionArn: str) -> Any:
        self.told.append(status := next(self.training))
        return {"solutionVersion": {"status": status}}

    def describe_dataset_import_job(self, *, datasetImportJobArn: str) -> Any:
        self.told.append(status := next(self.job))
        return {"datasetImportJob": {"status": status}}

    def delete_solution(self, *, solutionArn: str) -> None:
        self.told.append(f"delete {solutionArn}")

    def describe_solution(self, **_: str) -> Any:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeSolution")


def after(*statuses: str) -> Iterator[str]:
    return chain(statuses, repeat(statuses[-1]))


def _left(personalize: Personalize) -> list[str]:
    waiting = Waiting(lambda _: None, lambda _: None, pause=0, patience=5)
    return Departure(lambda _: personalize, PLAN, waiting).run()


def test_a_training_is_stopped_and_a_job_awaited_before_their_solution_goes() -> None:
    personalize = Personalize("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")

    assert _left(personalize) == []

    assert personalize.told == [
        f"stop {SOLUTION}/1",
        *("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"),
        *("CREATE IN_PROGRESS", "CREATE STOPPING", "CREATE STOPPED"),
        f"delete {SOLUTION}",
    ]


def test_a_job_that_does_not_end_is_told() -> None:
    assert _left(Personalize("CREATE IN_PROGRESS")) == [
        "dataset import job recs-dev-posts-items-1 still runs: run this again later"
    ]
