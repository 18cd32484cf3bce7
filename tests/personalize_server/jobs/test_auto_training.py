"""A solution trains itself every seven days unless it is told otherwise."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from personalize_server.facts.options import Options
from personalize_server.jobs import auto_training
from personalize_server.jobs.auto_training import train_what_is_due
from personalize_server.server.leader import Leader
from personalize_server.state.context import Context, group_dataset
from personalize_server.state.put_records import PutRecord, insert
from personalize_server.state.store import Record
from tests.personalize_server.support.actions import action_schema
from tests.personalize_server.support.clockwork import DAY, HOUR, Clockwork
from tests.personalize_server.support.journey import RECIPE, schema_text


class Solutions(Clockwork):
    """With trainings that end at once."""

    def tick(self, seconds: float) -> int:
        """Trainings started after so much more time."""
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
def clockwork(tmp_path: Path) -> Iterator[Solutions]:
    with Solutions(tmp_path) as made:
        group = made.call("CreateDatasetGroup", name="g")["datasetGroupArn"]
        schema = made.call("CreateSchema", name="s", schema=schema_text("Interactions"))["schemaArn"]
        made.call(
            "CreateDataset", name="d", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
        )
        recipe = f"{RECIPE}aws-user-personalization-v2"
        made.call("CreateSolution", name="solution", datasetGroupArn=group, recipeArn=recipe)
        yield made


SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/solution"


def test_the_first_training_comes_within_an_hour(clockwork: Solutions) -> None:
    assert clockwork.tick(0.9 * HOUR) == 0
    assert clockwork.tick(0.1 * HOUR) == 1
    assert clockwork.tick(HOUR) == 0


def test_a_training_by_hand_takes_the_place_of_the_first(clockwork: Solutions) -> None:
    arn = clockwork.call("CreateSolutionVersion", solutionArn=SOLUTION)["solutionVersionArn"]
    version = clockwork.store.get(arn)
    assert version is not None
    assert clockwork.tick(8 * DAY) == 0, "it is still running"
    clockwork.store.update(replace(version, work="done"))
    assert clockwork.tick(2 * HOUR) == 0, "there is no new data"


def test_later_ones_come_every_seven_days_if_there_is_new_data(clockwork: Solutions) -> None:
    assert clockwork.tick(HOUR) == 1
    assert clockwork.tick(7 * DAY) == 0
    clockwork.new_data()
    assert clockwork.tick(0) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    assert clockwork.tick(6.9 * DAY) == 0
    assert clockwork.tick(0.1 * DAY) == 1


def test_others_write_while_new_data_is_looked_for(
    clockwork: Solutions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clockwork.tick(HOUR) == 1
    clockwork.now += 8 * DAY
    looks = 0

    def writing(context: Context, group: str, type_: str) -> Record | None:
        nonlocal looks
        looks += 1
        with closing(sqlite3.connect(tmp_path / "state.sqlite3", timeout=0)) as other, other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE revision SET value = value + 1")
        return group_dataset(context, group, type_)

    monkeypatch.setattr(auto_training, "group_dataset", writing)
    leader = Leader(clockwork.store, Options(data=tmp_path), lambda: clockwork.now)
    leader._tick()
    assert (looks, len(clockwork.store.with_work("queued"))) == (1, 0)
    [dataset] = clockwork.store.everything("Dataset")
    cells = {"USER_ID": "u", "ITEM_ID": "i", "TIMESTAMP": str(int(clockwork.now)), "EVENT_TYPE": "view"}
    insert(clockwork.store, dataset.arn, [PutRecord("u", cells)])
    leader._tick()
    assert (looks, len(clockwork.store.with_work("queued"))) == (2, 1), "an event is new data"


def test_the_schedule_can_be_changed_and_turned_off(clockwork: Solutions) -> None:
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(2 days)"}}
    clockwork.call("UpdateSolution", solutionArn=SOLUTION, solutionUpdateConfig=config)
    assert clockwork.tick(HOUR) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    assert clockwork.tick(2 * DAY) == 1
    clockwork.call("UpdateSolution", solutionArn=SOLUTION, performAutoTraining=False)
    clockwork.new_data()
    assert clockwork.tick(30 * DAY) == 0


def test_interactions_with_actions_are_new_data_for_solutions_about_actions(clockwork: Solutions) -> None:
    [group] = [record.arn for record in clockwork.store.everything("DatasetGroup")]
    schema = clockwork.call("CreateSchema", name="a", schema=action_schema("Action_Interactions"))
    made = clockwork.call(
        "CreateDataset",
        **{"name": "a", "datasetGroupArn": group, "datasetType": "Action_Interactions"},
        schemaArn=schema["schemaArn"],
    )
    recipe = f"{RECIPE}aws-next-best-action"
    clockwork.call("CreateSolution", name="actions", datasetGroupArn=group, recipeArn=recipe)
    assert clockwork.tick(HOUR) == 2
    clockwork.now += HOUR
    dataset = clockwork.store.get(made["datasetArn"])
    assert dataset is not None
    clockwork.store.update(dataset.changed(clockwork.now, own={"imported": clockwork.now}))
    assert clockwork.tick(7 * DAY) == 1, "that of actions alone"


def test_another_frequency_and_turning_on_begin_the_schedule_again(clockwork: Solutions) -> None:
    """Within the hour, if there is new data and nobody trains by hand."""

    def change(days: int, on: bool = True) -> None:
        config = {"autoTrainingConfig": {"schedulingExpression": f"rate({days} days)"}}
        clockwork.call(
            "UpdateSolution", solutionArn=SOLUTION, performAutoTraining=on, solutionUpdateConfig=config
        )

    assert clockwork.tick(HOUR) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    change(20)
    assert clockwork.tick(0.9 * HOUR) == 0
    assert clockwork.tick(0.1 * HOUR) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    change(20)
    assert clockwork.tick(2 * DAY) == 0, "nothing changed"
    change(20, on=False)
    assert clockwork.tick(20 * DAY) == 0
    change(20)
    assert clockwork.tick(HOUR) == 1
    clockwork.now += HOUR
    clockwork.new_data()
    change(3)
    arn = clockwork.call("CreateSolutionVersion", solutionArn=SOLUTION)["solutionVersionArn"]
    version = clockwork.store.get(arn)
    assert version is not None
    clockwork.store.update(replace(version, work="done"))
    assert clockwork.tick(HOUR) == 0, "trained by hand"
