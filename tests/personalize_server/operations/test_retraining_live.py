"""Recommenders of servers that answer meanwhile, and are killed, are trained again."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.personalize_server.support.clockwork import DAY
from tests.personalize_server.support.journey import (
    EXCLUDED,
    RECIPE,
    Journey,
    interactions_csv,
    settled,
    video_schema,
)
from tests.personalize_server.support.processes import PersonalizeServer
from tests.support.waiting import eventually


@pytest.fixture
def mortal(s3_endpoint: str, tmp_path: Path) -> Iterator[PersonalizeServer]:
    """Two processes that answer."""
    server = PersonalizeServer(tmp_path, s3_endpoint, ("--workers", "2")).start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def video_group(journey: Journey) -> dict[str, str]:
    """Its ARN and those of its datasets; the genre tells camps apart, also of items nobody has touched."""
    api, name = journey.personalize, journey.name
    made = {"group": api.create_dataset_group(name=name, domain="VIDEO_ON_DEMAND")["datasetGroupArn"]}
    camps = "".join(f"i{n},{'Low' if n < 40 else 'High'},,,\n" for n in range(80))
    contents = {
        "Interactions": interactions_csv(),
        "Items": f"ITEM_ID,GENRES,PRICE,TITLE,CREATION_TIMESTAMP\n{camps}new,Low,,,\n",
    }
    for kind, body in contents.items():
        schema = api.create_schema(
            name=f"{name}-{kind}", schema=video_schema(kind), domain="VIDEO_ON_DEMAND"
        )["schemaArn"]
        made[kind] = api.create_dataset(
            name=f"{name}-{kind}", schemaArn=schema, datasetGroupArn=made["group"], datasetType=kind
        )["datasetArn"]
        assert journey.import_csv(made[kind], body)["status"] == "ACTIVE"
    return made


def made_recommender(journey: Journey, group: str) -> str:
    api = journey.personalize
    arn = api.create_recommender(
        name=journey.name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-vod-more-like-x"
    )["recommenderArn"]
    found = settled(lambda: api.describe_recommender(recommenderArn=arn)["recommender"])
    assert found["status"] == "ACTIVE", found
    return str(arn)


def related(server: PersonalizeServer, arn: str, item: str) -> list[str]:
    runtime = server.client("personalize-runtime")
    answer = runtime.get_recommendations(recommenderArn=arn, itemId=item, numResults=30)
    return [entry["itemId"] for entry in answer["itemList"]]


def jobs_done(server: PersonalizeServer) -> int:
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    wanted = [line for line in lines if 'kind="RecommenderTraining"' in line and 'state="done"' in line]
    return sum(int(float(line.split()[-1])) for line in wanted)


@pytest.mark.prove
def test_a_recommender_learns_from_new_data_and_columns_and_survives_kills(
    mortal: PersonalizeServer, s3: Any
) -> None:
    journey = Journey(mortal.client(), s3, "retrained")
    api, made = journey.personalize, video_group(journey)
    arn = made_recommender(journey, made["group"])
    assert all(item == "new" or int(item[1:]) < 40 for item in related(mortal, arn, "new"))

    api.update_recommender(recommenderArn=arn, recommenderConfig={"trainingDataConfig": EXCLUDED})
    mortal.kill()
    mortal.start()

    def update() -> dict[str, Any]:
        return dict(api.describe_recommender(recommenderArn=arn)["recommender"]["latestRecommenderUpdate"])

    assert settled(update)["status"] == "ACTIVE", update()
    eventually(lambda: any(int(item[1:]) >= 40 for item in related(mortal, arn, "new")))
    assert jobs_done(mortal) == 1

    head, *rows = interactions_csv().splitlines()
    touched = [row.replace(",i1,", ",newest,").replace(",i2,", ",newest,") for row in rows]
    later = "\n".join([head, *touched]) + "\n"
    assert journey.import_csv(made["Interactions"], later, "2")["status"] == "ACTIVE"
    assert "newest" not in related(mortal, arn, "i3")
    mortal.stop()
    eight_days_later(mortal.data / "state.sqlite3")
    mortal.start()
    eventually(lambda: "newest" in related(mortal, arn, "i3"))


def eight_days_later(state: Path) -> None:
    """As if the server had been away for so long."""
    db = sqlite3.connect(state)
    db.execute("UPDATE resources SET created = created - ?", (8 * DAY,))
    db.commit()
    db.close()


@pytest.mark.prove
def test_an_update_that_cannot_be_trained_says_why(mortal: PersonalizeServer, s3: Any) -> None:
    journey = Journey(mortal.client(), s3, "untrainable")
    api, made = journey.personalize, video_group(journey)
    arn = made_recommender(journey, made["group"])
    before = related(mortal, arn, "i3")
    head, *_ = interactions_csv().splitlines()
    lonely = "\n".join([head, *(f"u{n},i{n % 80},{1_700_000_000 + n},view,1" for n in range(1000))]) + "\n"
    assert journey.import_csv(made["Interactions"], lonely, "2")["status"] == "ACTIVE"
    api.update_recommender(recommenderArn=arn, recommenderConfig={"trainingDataConfig": EXCLUDED})
    found = settled(
        lambda: api.describe_recommender(recommenderArn=arn)["recommender"]["latestRecommenderUpdate"]
    )
    assert found["status"] == "CREATE FAILED"
    assert "fewer than 25 users" in found["failureReason"]
    assert json.dumps(EXCLUDED) in json.dumps(found["recommenderConfig"])
    assert related(mortal, arn, "i3") == before
