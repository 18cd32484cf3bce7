"""Recommenders are trained again, on a schedule and for other columns, while the old model answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personalize_server.facts.options import Options
from personalize_server.facts.timing import Timing
from personalize_server.operations.retraining import retrain_what_is_due
from personalize_server.state.recommender_models import current_model
from personalize_server.state.store import Record
from tests.personalize_server.support.clockwork import DAY, HOUR, Clockwork
from tests.personalize_server.support.journey import EXCLUDED, RECIPE, video_schema


class Retrained:
    """A recommender in a clockwork; trainings end when and as the test says."""

    def __init__(self, clockwork: Clockwork) -> None:
        self.clock = clockwork
        group = clockwork.call("CreateDatasetGroup", name="g", domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
        for kind in ("Interactions", "Items"):
            schema = clockwork.call(
                "CreateSchema", name=kind, schema=video_schema(kind), domain="VIDEO_ON_DEMAND"
            )["schemaArn"]
            clockwork.call(
                "CreateDataset", name=kind, schemaArn=schema, datasetGroupArn=group, datasetType=kind
            )
        self.arn = clockwork.call(
            "CreateRecommender",
            **{"name": "r", "datasetGroupArn": group, "recipeArn": f"{RECIPE}aws-vod-more-like-x"},
        )["recommenderArn"]
        self.end(self.arn, "done")

    def tick(self, seconds: float = 0.0) -> int:
        """Trainings started after so much more time."""
        self.clock.now += seconds
        return len(retrain_what_is_due(self.clock.context))

    def end(self, arn: str, how: str) -> None:
        record = self.clock.store.get(arn)
        assert record is not None and record.work == "queued", record
        own = {**record.own, "model": arn, "metrics": {"coverage": 0.5}} if how == "done" else record.own
        failure = "no data" if how == "failed" else None
        self.clock.store.update(record.changed(self.clock.now, work=how, own=own, failure=failure))

    def end_training(self, how: str) -> None:
        [training] = [one for one in self.trainings if one.work == "queued"]
        self.end(training.arn, how)

    def update(self, **config: Any) -> dict[str, Any]:
        self.clock.call("UpdateRecommender", recommenderArn=self.arn, recommenderConfig=config)
        return self.described

    @property
    def described(self) -> dict[str, Any]:
        answer = self.clock.call("DescribeRecommender", recommenderArn=self.arn)
        return dict(answer["recommender"])

    @property
    def trainings(self) -> list[Record]:
        return self.clock.store.everything("RecommenderTraining")

    @property
    def model(self) -> str:
        record = self.clock.store.get(self.arn)
        assert record is not None
        return str(current_model(self.clock.context, record).own["model"])


@pytest.fixture
def retrained(tmp_path: Path) -> Iterator[Retrained]:
    with Clockwork(tmp_path) as clockwork:
        yield Retrained(clockwork)


def test_a_recommender_is_trained_every_seven_days_with_or_without_new_data(retrained: Retrained) -> None:
    assert retrained.tick(6.9 * DAY) == 0
    assert retrained.tick(0.1 * DAY) == 1
    assert retrained.tick(9 * DAY) == 0, "the training is still running"
    assert retrained.model == retrained.arn
    assert retrained.described["status"] == "ACTIVE"
    retrained.end_training("done")
    assert retrained.model == retrained.trainings[0].arn
    assert retrained.tick() == 1, "it began more than seven days ago"


def test_models_whose_place_another_has_taken_are_forgotten(retrained: Retrained) -> None:
    for _ in range(3):
        assert retrained.tick(7 * DAY) == 1
        retrained.end_training("done")
    retrained.tick()
    assert [training.arn for training in retrained.trainings] == [retrained.model]
    recommender = retrained.clock.store.get(retrained.arn)
    assert recommender is not None and "model" not in recommender.own
    assert retrained.described["modelMetrics"] == {"coverage": 0.5}


def test_a_retraining_that_fails_leaves_the_old_model_and_is_tried_again_after_a_day(
    retrained: Retrained,
) -> None:
    assert retrained.tick(7 * DAY) == 1
    retrained.end_training("failed")
    assert retrained.described["status"] == "ACTIVE"
    assert retrained.described["latestRecommenderUpdate"] is None
    assert retrained.model == retrained.arn
    assert retrained.tick(0.9 * DAY) == 0
    assert retrained.tick(0.1 * DAY) == 1


def test_a_stopped_recommender_is_not_trained_and_a_started_one_again(retrained: Retrained) -> None:
    assert retrained.tick(7 * DAY) == 1
    retrained.clock.call("StopRecommender", recommenderArn=retrained.arn)
    assert [training.work for training in retrained.trainings] == ["stopped"]
    assert retrained.tick(20 * DAY) == 0
    retrained.clock.call("StartRecommender", recommenderArn=retrained.arn)
    assert retrained.model == retrained.arn, "starting trains nothing by itself"
    assert retrained.tick() == 1, "the seven days are long over"


def test_other_columns_are_trained_on_before_they_count(retrained: Retrained) -> None:
    config = {"trainingDataConfig": EXCLUDED, "minRecommendationRequestsPerSecond": 2}
    during = retrained.update(**config)
    assert (during["status"], during.get("recommenderConfig")) == ("ACTIVE", None)
    update = during["latestRecommenderUpdate"]
    assert (update["status"], update["recommenderConfig"]) == ("CREATE PENDING", config)
    errors = retrained.clock.errors
    with pytest.raises(errors.ResourceInUse, match="is being updated"):
        retrained.update(minRecommendationRequestsPerSecond=3)
    for operation in ("StopRecommender", "DeleteRecommender"):
        with pytest.raises(errors.ResourceInUse):
            retrained.clock.call(operation, recommenderArn=retrained.arn)
    retrained.end_training("done")
    assert retrained.described["recommenderConfig"] == config
    assert retrained.described["latestRecommenderUpdate"]["status"] == "ACTIVE"
    assert retrained.model == retrained.trainings[0].arn


def test_settings_without_new_columns_count_at_once(retrained: Retrained) -> None:
    retrained.update(trainingDataConfig=EXCLUDED)
    retrained.end_training("done")
    after = retrained.update(minRecommendationRequestsPerSecond=5)
    assert after["recommenderConfig"] == {
        "trainingDataConfig": EXCLUDED,
        "minRecommendationRequestsPerSecond": 5,
    }
    assert after["latestRecommenderUpdate"]["status"] == "ACTIVE"
    same = {"excludedDatasetColumns": {"Items": ["GENRES"]}}
    assert retrained.update(trainingDataConfig=same)["latestRecommenderUpdate"]["status"] == "ACTIVE"
    assert len(retrained.trainings) == 1
    with pytest.raises(retrained.clock.errors.InvalidInput, match="COLOR"):
        retrained.update(trainingDataConfig={"excludedDatasetColumns": {"ITEMS": ["COLOR"]}})
    with pytest.raises(retrained.clock.errors.InvalidInput, match="explorationWeight"):
        retrained.update(itemExplorationConfig={"explorationWeight": "2"})


def test_an_update_that_fails_says_why_and_changes_nothing(retrained: Retrained) -> None:
    retrained.update(trainingDataConfig=EXCLUDED)
    retrained.end_training("failed")
    found = retrained.described
    assert (found["status"], found.get("recommenderConfig")) == ("ACTIVE", None)
    update = found["latestRecommenderUpdate"]
    assert (update["status"], update["failureReason"]) == ("CREATE FAILED", "no data")
    assert retrained.model == retrained.arn
    assert retrained.tick(DAY) == 1, "tried again, with the columns as they were"
    assert retrained.trainings[-1].body["recommenderConfig"] == {}
    retrained.end_training("done")
    retrained.tick()
    assert retrained.described["latestRecommenderUpdate"]["failureReason"] == "no data"
    retrained.update(trainingDataConfig=EXCLUDED)
    retrained.end_training("done")
    assert retrained.described["latestRecommenderUpdate"]["status"] == "ACTIVE"


def test_an_update_takes_the_place_of_a_scheduled_training(retrained: Retrained) -> None:
    assert retrained.tick(7 * DAY) == 1
    retrained.update(trainingDataConfig=EXCLUDED)
    assert [training.work for training in retrained.trainings] == ["stopped", "queued"]


def test_with_realistic_timing_the_old_model_answers_until_the_update_is_active(tmp_path: Path) -> None:
    timing = Timing("slow", {"RecommenderTraining": HOUR})
    with Clockwork(tmp_path, Options(data=tmp_path, timing=timing)) as clockwork:
        retrained = Retrained(clockwork)
        retrained.update(trainingDataConfig=EXCLUDED)
        retrained.end_training("done")
        for after, status, model in (
            (0.1 * HOUR, "CREATE PENDING", retrained.arn),
            (0.5 * HOUR, "CREATE IN_PROGRESS", retrained.arn),
            (0.5 * HOUR, "ACTIVE", retrained.trainings[0].arn),
        ):
            retrained.clock.now += after
            assert retrained.described["latestRecommenderUpdate"]["status"] == status
            assert retrained.model == model
