"""Popularity as a solution of the same dataset group: trained, measured and deleted through the API."""

import time
from collections.abc import Callable
from typing import Any

_RECIPE = "arn:aws:personalize:::recipe/aws-popularity-count"


class BaselineFailed(Exception):
    """Popularity could not be trained or measured."""


def dataset_group_arn(personalize: Any, name: str) -> str:
    """By the group's name. Raises: BaselineFailed, if there is none."""
    pages = personalize.get_paginator("list_dataset_groups").paginate()
    groups = (group for page in pages for group in page["datasetGroups"])
    found = [group["datasetGroupArn"] for group in groups if group["name"] == name]
    if not found:
        raise BaselineFailed(f"there is no dataset group {name}")
    return str(found[0])


def newest_model_metrics(personalize: Any, group_arn: str, solution: str) -> dict[str, float]:
    """Of the version that the workflow trained last. Raises: BaselineFailed, if there is none."""
    solution_arn = _solutions(personalize, group_arn).get(solution)
    if solution_arn is None:
        raise BaselineFailed(f"there is no solution {solution}")
    pages = personalize.get_paginator("list_solution_versions").paginate(solutionArn=solution_arn)
    all_versions = (version for page in pages for version in page["solutionVersions"])
    versions = [version for version in all_versions if version["status"] == "ACTIVE"]
    if not versions:
        raise BaselineFailed(f"{solution} has no active solution version")
    newest = max(versions, key=lambda version: version["creationDateTime"])
    return _metrics(personalize, newest["solutionVersionArn"])


def popularity_metrics(
    personalize: Any,
    group_arn: str,
    name: str,
    *,
    deadline: float = 300.0,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, float]:
    """`deadline`: seconds that training may take. What an interrupted demo left behind is deleted first."""
    if leftover := _solutions(personalize, group_arn).get(name):
        _delete(personalize, leftover, deadline, sleep)
    solution_arn = personalize.create_solution(
        name=name, datasetGroupArn=group_arn, recipeArn=_RECIPE, performAutoTraining=False
    )["solutionArn"]
    try:
        _await(lambda: personalize.describe_solution(solutionArn=solution_arn)["solution"], deadline, sleep)
        version_arn = personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
        _await(
            lambda: personalize.describe_solution_version(solutionVersionArn=version_arn)["solutionVersion"],
            deadline,
            sleep,
        )
        return _metrics(personalize, version_arn)
    finally:
        _delete(personalize, solution_arn, deadline, sleep)


def _metrics(personalize: Any, version_arn: str) -> dict[str, float]:
    return dict(personalize.get_solution_metrics(solutionVersionArn=version_arn)["metrics"])


def _solutions(personalize: Any, group_arn: str) -> dict[str, str]:
    pages = personalize.get_paginator("list_solutions").paginate(datasetGroupArn=group_arn)
    return {solution["name"]: solution["solutionArn"] for page in pages for solution in page["solutions"]}


def _await(describe: Callable[[], dict[str, Any]], deadline: float, sleep: Callable[[float], None]) -> None:
    until = time.monotonic() + deadline
    while (found := describe())["status"] != "ACTIVE":
        if found["status"] in {"CREATE FAILED", "CREATE STOPPED"}:
            raise BaselineFailed(f"{found['status']}: {found.get('failureReason', 'no reason given')}")
        if time.monotonic() > until:
            raise BaselineFailed(f"still {found['status']} after {deadline:.0f} s")
        sleep(0.2)


def _delete(personalize: Any, solution_arn: str, deadline: float, sleep: Callable[[float], None]) -> None:
    until = time.monotonic() + deadline
    personalize.delete_solution(solutionArn=solution_arn)
    while time.monotonic() < until:
        try:
            personalize.describe_solution(solutionArn=solution_arn)
        except personalize.exceptions.ResourceNotFoundException:
            return
        sleep(0.2)
    raise BaselineFailed(f"{solution_arn} is still there {deadline:.0f} s after its deletion")
