"""A solution trains itself every seven days unless it is told otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from personalize_server.auto_training import train_what_is_due
from personalize_server.context import Caller, Context
from personalize_server.operations.registry import HANDLERS
from personalize_server.options import Options
from personalize_server.store import Store
from tests.contract.personalize_journey import RECIPE, schema_text

HOUR, DAY = 3600.0, 86400.0


class Clockwork:
    """The operations over a store, at a time of the test's choice."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "state.sqlite3")
        self.now = 1_800_000_000.0
        self._options = Options(data=folder)

    @property
    def context(self) -> Context:
        caller = Caller("123456789012", "eu-west-1")
        return Context(caller, self.store, self._options, self.now, wake=lambda: None)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return HANDLERS[operation](self.context, request)

    def tick(self, seconds: float) -> int:
        """Trainings started after so much more time; they end at once."""
        self.now += seconds
        started = train_what_is_due(self.context)
        for arn in started:
            version = self.store.get(arn)
            assert version is not None and version.body["trainingType"] == "AUTOMATIC"
            self.store.update(version.changed(self.now, work="done"))
        return len(started)

    def new_data(self) -> None:
        [dataset] = self.store.everything("Dataset")
        self.store.update(dataset.changed(self.now, own={"imported": self.now}))


@pytest.fixture
def clockwork(tmp_path: Path) -> Clockwork:
    made = Clockwork(tmp_path)
    group = made.call("CreateDatasetGroup", name="g")["datasetGroupArn"]
    schema = made.call("CreateSchema", name="s", schema=schema_text("Interactions"))["schemaArn"]
    made.call("CreateDataset", name="d", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions")
    recipe = f"{RECIPE}aws-user-personalization-v2"
    made.call("CreateSolution", name="solution", datasetGroupArn=group, recipeArn=recipe)
    return made


SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/solution"


def test_the_first_training_comes_within_an_hour(clockwork: Clockwork) -> None:
    assert clockwork.tick(0.9 * HOUR) == 0
    assert clockwork.tick(0.1 * HOUR) == 1
    assert clockwork.tick(HOUR) == 0


def test_a_training_by_hand_takes_the_place_of_the_first(clockwork: Clockwork) -> None:
    arn = clockwork.call("CreateSolutionVersion", solutionArn=SOLUTION)["solutionVersionArn"]
    version = clockwork.store.get(arn)
    assert version is not None
    assert clockwork.tick(8 * DAY) == 0, "it is still running"
    clockwork.store.update(replace(version, work="done"))
    assert clockwork.tick(2 * HOUR) == 0, "there is no new data"


def test_later_ones_come_every_seven_days_if_there_is_new_data(clockwork: Clockwork) -> None:
    assert clockwork.tick(HOUR) == 1
    assert clockwork.tick(7 * DAY) == 0
    clockwork.new_data()
    assert clockwork.tick(0) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    assert clockwork.tick(6.9 * DAY) == 0
    assert clockwork.tick(0.1 * DAY) == 1


def test_the_schedule_can_be_changed_and_turned_off(clockwork: Clockwork) -> None:
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(2 days)"}}
    clockwork.call("UpdateSolution", solutionArn=SOLUTION, solutionUpdateConfig=config)
    assert clockwork.tick(HOUR) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    assert clockwork.tick(2 * DAY) == 1
    clockwork.call("UpdateSolution", solutionArn=SOLUTION, performAutoTraining=False)
    clockwork.new_data()
    assert clockwork.tick(30 * DAY) == 0
