"""Metric attributions report what recommendations and other sources led to: once, whatever happens."""

import random
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.attributed import (
    SALES,
    UNDEFINED,
    VIEWS,
    WORTH,
    Shop,
    dataset_of,
    history,
    shop,
)
from tests.personalize_server.support.journey import BUCKET, ROLE, interactions_csv, items_csv, settled
from tests.personalize_server.support.processes import REGION, PersonalizeServer
from tests.personalize_server.support.reports import NAME, in_bucket, in_folder, in_the_end, rows_of, values


@pytest.fixture(scope="module")
def pair(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    """Two processes answer, and report twice a second."""
    options = ("--workers", "2", "--attribution-period", "0.5", "--quota", "dataset_groups=50")
    server = PersonalizeServer(tmp_path_factory.mktemp("attribution") / "data", s3_endpoint, options)
    yield server.start()
    assert server.stop() == 0


@pytest.fixture(scope="module")
def films(pair: PersonalizeServer, s3: Any) -> tuple[Shop, str]:
    """A shop with items and interactions, and the ARN of a campaign."""
    films = shop(pair, s3, "films")
    journey = films.journey
    assert journey.import_csv(dataset_of(films), history([]))["status"] == "ACTIVE"
    assert journey.import_csv(journey.dataset(films.group, "Items"), items_csv())["status"] == "ACTIVE"
    version = journey.train(journey.solution(films.group, "aws-popularity-count"))["solutionVersionArn"]
    campaign = journey.personalize.create_campaign(name="films", solutionVersionArn=version)["campaignArn"]
    return films, campaign


@pytest.fixture
def small(pair: PersonalizeServer, s3: Any, request: pytest.FixtureRequest) -> Shop:
    """A shop of one test, with nothing in it."""
    return shop(pair, s3, f"small-{abs(hash(request.node.nodeid)) % 10**6}")


def recommendation(films: Shop, campaign: str) -> str:
    runtime = films.server.client("personalize-runtime")
    return str(runtime.get_recommendations(campaignArn=campaign, userId="u1")["recommendationId"])


def test_events_are_reported_by_the_campaign_or_source_that_led_to_them(
    films: tuple[Shop, str], s3: Any
) -> None:
    shop, campaign = films
    folder = "reports/films"
    shop.put({"eventType": "view"})
    arn = shop.attribute(VIEWS, SALES, WORTH, path=f"s3://{BUCKET}/{folder}")
    led = {"recommendationId": recommendation(shop, campaign)}
    own = {"metricAttribution": {"eventAttributionSource": 'mail, "spring"'}}
    shop.put({"eventType": "view", **led}, {"eventType": "view", **led}, {"eventType": "like", **led})
    shop.put({"eventType": "view", **own, **led}, {"eventType": "view"})
    shop.put({"eventType": "view", "recommendationId": "RID-12345678-1234-1234-1234-abcdefabcdef"})
    shop.put({"eventType": "buy", "itemId": "i7", "eventValue": 2.5, **led})
    shop.put({"eventType": "buy", "itemId": "i8", **led}, {"eventType": "buy", "itemId": "unheard of", **led})
    wanted = {
        ("views", campaign): 2.0,
        ("views", 'mail, "spring"'): 1.0,
        ("views", UNDEFINED): 2.0,
        ("sales", campaign): 7.5 + 8.5,
        ("worth", campaign): 2.5,
    }
    in_the_end(lambda: in_bucket(s3, BUCKET, f"{folder}/"), wanted)
    files = in_bucket(s3, BUCKET, f"{folder}/")
    assert all(" - PutEvents - " in name for name in files)
    rows = [row for content in files.values() for row in rows_of(content)]
    assert {(row.metric, row.event_type, row.function) for row in rows} == {
        ("views", "view", "samplecount"),
        ("sales", "buy", "sum"),
        ("worth", "buy", "sum"),
    }
    assert all(0 <= time.time() - row.window < 1900 for row in rows)
    with urllib.request.urlopen(f"{shop.server.url}/metrics", timeout=10) as answer:
        figures = answer.read().decode()
    mail = r'event_type="view",source="mail, \"spring\""} 1.0'
    assert f'personalize_attributed_value{{attribution="{arn}",metric="views",{mail}' in figures
    assert shop.problem(arn) is None
    shop.journey.personalize.delete_metric_attribution(metricAttributionArn=arn)


def test_imports_publish_their_own_reports_if_they_are_asked_to(films: tuple[Shop, str], s3: Any) -> None:
    shop, campaign = films
    interactions = dataset_of(shop)
    folder = "reports/imports/"
    arn = shop.attribute(VIEWS, SALES, path=f"s3://{BUCKET}/{folder}")
    led, now = recommendation(shop, campaign), int(time.time())
    more = [
        f"x1,i1,1700000000,view,1,{led},",
        f"x2,i1,1700000899,view,1,{led},",
        f"x3,i1,{now},view,1,{led},letter",
        f"x3,i3,{now},buy,,,letter",
        f"x4,i3,{now},click,1,{led},letter",
    ]
    whole = shop.journey.import_csv(interactions, history(more), "whole", publishAttributionMetricsToS3=True)
    assert whole["status"] == "ACTIVE" and whole["publishAttributionMetricsToS3"]
    [(name, content)] = in_bucket(s3, BUCKET, folder).items()
    assert NAME.fullmatch(name) and " - FULL - " in name
    found = values({name: content})
    old = [line.split(",") for line in interactions_csv().splitlines()[1:]]
    prices = [float(f"{item[1:]}.5") for _, item, _, kind, _ in old if kind == "buy"]
    assert found == {
        ("views", UNDEFINED): sum(kind == "view" for _, _, _, kind, _ in old),
        ("views", campaign): 2.0,
        ("views", "letter"): 1.0,
        ("sales", UNDEFINED): pytest.approx(sum(prices)),
        ("sales", "letter"): 3.5,
    }
    windows = {row.window for row in rows_of(content) if row.source == campaign}
    assert windows == {1700000000 // 900 * 900, 1700000899 // 900 * 900}

    quiet = shop.journey.import_csv(interactions, history(more), "quiet", importMode="INCREMENTAL")
    assert quiet["status"] == "ACTIVE"
    assert len(in_bucket(s3, BUCKET, folder)) == 1, "no report that was not asked for"
    loud = shop.journey.import_csv(
        interactions, history(more), "loud", importMode="INCREMENTAL", publishAttributionMetricsToS3=True
    )
    assert loud["status"] == "ACTIVE"
    files = in_bucket(s3, BUCKET, folder)
    [other] = [name for name in files if " - INCREMENTAL - " in name]
    assert values({other: files[other]}) == found
    with urllib.request.urlopen(f"{shop.server.url}/metrics", timeout=10) as answer:
        figures = answer.read().decode()
    labels = f'attribution="{arn}",metric="views",event_type="view"'
    assert f'personalize_attributed_value{{{labels},source="letter"}} 2.0' in figures, "incremental imports"
    assert f'{labels},source="{campaign}"' not in figures, "older than 14 days"
    shop.journey.personalize.delete_metric_attribution(metricAttributionArn=arn)


@pytest.mark.prove
def test_what_cannot_be_written_is_told_and_written_later(small: Shop, s3: Any) -> None:
    bucket = f"late-{small.journey.name}"
    arn = small.attribute(VIEWS, path=f"s3://{bucket}/folder/")
    small.put({"eventType": "view"})
    until = time.monotonic() + 60
    while (problem := small.problem(arn)) is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert bucket in problem and "could not be published" in problem
    small.put({"eventType": "view"})
    rows = history([f"x,i1,{int(time.time())},view,1,,letter"])
    job = small.journey.import_csv(dataset_of(small), rows, publishAttributionMetricsToS3=True)
    assert job["status"] == "ACTIVE", "the import is not to blame"
    old = interactions_csv().count(",view,")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    wanted = {("views", UNDEFINED): 2.0 + old, ("views", "letter"): 1.0}
    in_the_end(lambda: in_bucket(s3, bucket, "folder/"), wanted)
    assert small.problem(arn) is None


def test_changes_of_metrics_and_destination_count_from_then_on(small: Shop, s3: Any) -> None:
    api, folder = small.journey.personalize, f"reports/{small.journey.name}/"
    arn = small.attribute(VIEWS, path=f"s3://{BUCKET}/{folder}")
    small.put({"eventType": "like"}, {"eventType": "view"})
    likes = {"eventType": "like", "metricName": "likes", "expression": "SAMPLECOUNT()"}
    output = {"roleArn": ROLE, "s3DataDestination": {"path": f"s3://{BUCKET}/{folder}new/"}}
    api.update_metric_attribution(
        metricAttributionArn=arn, addMetrics=[likes], removeMetrics=["views"], metricsOutputConfig=output
    )
    small.put({"eventType": "like"}, {"eventType": "view"})

    def files() -> Mapping[str, str]:
        found = in_bucket(s3, BUCKET, folder)
        return {name.removeprefix("new/"): text for name, text in found.items()}

    in_the_end(files, {("views", UNDEFINED): 1.0, ("likes", UNDEFINED): 1.0})
    assert values(in_bucket(s3, BUCKET, f"{folder}new/"))["likes", UNDEFINED] == 1.0
    assert api.list_metric_attribution_metrics(metricAttributionArn=arn)["metrics"] == [likes]


def test_metrics_that_cannot_be_worked_out_are_refused(small: Shop) -> None:
    bad = {**VIEWS, "metricName": "bad", "expression": "MAX(Items.PRICE)"}
    text = {**VIEWS, "metricName": "text", "expression": "SUM(Interactions.EVENT_TYPE)"}
    with pytest.raises(ClientError) as caught:
        small.attribute(VIEWS, bad, text, SALES)
    message = caught.value.response["Error"]["Message"]
    assert "MAX(Items.PRICE)" in message
    assert "Interactions.EVENT_TYPE, which is not a numeric field" in message
    assert "sales sums a column of the Items dataset, which there is not" in message
    with pytest.raises(ClientError, match="Invalid S3 output path"):
        small.attribute(VIEWS, path="https://example.com/")
    arn = small.attribute(VIEWS)
    with pytest.raises(ClientError, match="MAX"):
        small.journey.personalize.update_metric_attribution(metricAttributionArn=arn, addMetrics=[bad])
    with pytest.raises(ClientError, match="S3 destination"):
        small.journey.start_import(
            dataset_of(small), f"s3://{BUCKET}/none.csv", publishAttributionMetricsToS3=True
        )


def test_sources_beyond_the_quota_are_reported_as_undefined(small: Shop, s3: Any) -> None:
    folder = f"reports/{small.journey.name}/"
    small.attribute(VIEWS, path=f"s3://{BUCKET}/{folder}")
    for number in range(102):
        source = {"metricAttribution": {"eventAttributionSource": f"source {number:03}"}}
        small.put({"eventType": "view", **source})
    until = time.monotonic() + 60
    while sum((found := values(in_bucket(s3, BUCKET, folder))).values()) < 102:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert len(found) == 101 and found["views", UNDEFINED] == 2.0


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[PersonalizeServer]:
    """Works on files; to be killed."""
    (tmp_path / "files" / "bucket").mkdir(parents=True)
    options = ("--file-root", str(tmp_path / "files"), "--workers", "2")
    server = PersonalizeServer(tmp_path / "data", None, (*options, "--attribution-period", "0.3"))
    yield server.start()
    server.kill()


@pytest.mark.prove
def test_a_killed_server_reports_every_event_once(mortal: PersonalizeServer, tmp_path: Path) -> None:
    small, chance = shop(mortal, None, "mortal"), random.Random(7)
    small.attribute(VIEWS, path="s3://bucket/reports/")
    total = 0
    for _ in range(4):
        for _ in range(chance.randint(1, 20)):
            small.put(*[{"eventType": "view"}] * 3)
            total += 3
        time.sleep(chance.uniform(0, 0.8))
        mortal.kill()
        mortal.start()
    in_the_end(lambda: in_folder(tmp_path / "files/bucket/reports"), {("views", UNDEFINED): float(total)})


@pytest.mark.prove
def test_events_of_users_who_are_forgotten_before_the_report_do_not_count(
    mortal: PersonalizeServer, tmp_path: Path
) -> None:
    mortal.stop()
    soon = mortal.options
    mortal.options = (*soon[:-1], "86400")
    mortal.start()
    small = shop(mortal, None, "erased")
    small.attribute(VIEWS, path="s3://bucket/reports/")
    small.put({"eventType": "view"}, {"eventType": "view"}, user="stays")
    small.put({"eventType": "view"}, user="goes")
    (tmp_path / "files/bucket/users.csv").write_text("USER_ID\ngoes\n")
    api = mortal.client()
    job = api.create_data_deletion_job(
        jobName="erase",
        datasetGroupArn=small.group,
        roleArn=ROLE,
        dataSource={"dataLocation": "s3://bucket/users.csv"},
    )["dataDeletionJobArn"]
    done = settled(lambda: api.describe_data_deletion_job(dataDeletionJobArn=job)["dataDeletionJob"])
    assert done["status"] == "COMPLETED" and done["numDeleted"] == 1
    mortal.stop()
    mortal.options = soon
    mortal.start()
    in_the_end(lambda: in_folder(tmp_path / "files/bucket/reports"), {("views", UNDEFINED): 2.0})


def test_recommendation_ids_are_as_long_as_events_take_and_never_the_same(films: tuple[Shop, str]) -> None:
    ids = [recommendation(*films) for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(identity.startswith("RID-") and len(identity) == 40 for identity in ids)
