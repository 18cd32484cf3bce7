"""What the handlers of experiments share: the item, its history, and where figures are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pipeline.errors import ExperimentBroken, ExperimentChanged, UnknownFormat
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.store import ExperimentStore
from pipeline.ramping.reading import Services
from steps.clients import client
from steps.environment import step_environment

FENCED = "fenced"
"""What a step did whose region is not the active one: nothing."""
_ATTEMPTS = 3
T = TypeVar("T")


def store(use_case: str) -> ExperimentStore:
    return ExperimentStore(client("dynamodb"), step_environment().serving_table, use_case)


def services() -> Services:
    return Services(
        cloudwatch=client("cloudwatch"), dynamodb=client("dynamodb"), table=step_environment().serving_table
    )


def current(of: ExperimentStore) -> tuple[Experiment | None, str | None]:
    """The experiment, and why it cannot be read: then everybody has the default variant's lists anyway."""
    try:
        return of.current(), None
    except (ExperimentBroken, UnknownFormat) as error:
        return None, str(error)


def again(attempt: Callable[[], T]) -> T:
    """Once more, if somebody else changed the experiment meanwhile. Raises: ExperimentChanged."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except ExperimentChanged:
            continue
    return attempt()
