"""The deployed API through the gateway: every kind of endpoint, in real time, and without a pointer."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from openapi_schema_validator import OAS31Validator

from local_cloud import outbox
from tests.app.support.clouds.community_cloud import TABLE, CommunityCloud
from tests.support.waiting import eventually as in_time

OWN = Credentials("test", "test")


@dataclass(frozen=True)
class Api:
    url: str
    document: dict[str, Any]

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: Any = None,
    ) -> requests.Response:
        data = b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(method, self.url + path, data=data)
        SigV4Auth(OWN, "execute-api", "eu-west-1").add_auth(request)
        headers = {**dict(request.headers.items()), "content-type": "application/json"}
        return requests.request(method, self.url + path, data=data, headers=headers, timeout=30)

    def answer(self, path: str, **more: Any) -> dict[str, Any]:
        """Of a request that succeeds, checked against the description that the API serves."""
        response = self.ask(path, **more)
        assert response.status_code == 200, response.text
        name = "Directory" if "users" in path and "training-programs" in path else "Recommendations"
        schema = {"$ref": f"#/components/schemas/{name}", "components": self.document["components"]}
        OAS31Validator(schema).validate(response.json())
        found: dict[str, Any] = response.json()
        return found


@pytest.fixture(scope="module")
def api(deployed: CommunityCloud, first_runs: dict[str, Any]) -> Api:
    [found] = deployed.client("apigatewayv2").get_apis()["Items"]
    url = found["ApiEndpoint"]
    described = requests.get(f"{url}/v1/openapi.json", timeout=30)
    assert described.status_code == 200
    return Api(url, described.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_people_to_follow_are_the_stored_ones(api: Api, deployed: CommunityCloud) -> None:
    served = deployed.served("users_to_follow")
    assert served is not None

    answer = api.answer("/v1/users/1/people-to-follow?limit=10")

    assert (answer["source"], answer["generation"]) == ("batch", served.generation)
    assert ids(answer) == list(served.lists["1"][:10])


def test_the_directory_has_all_programs_in_pages(api: Api, deployed: CommunityCloud) -> None:
    path, pages = "/v1/users/1/training-programs?limit=25", []
    pages.append(api.answer(path))
    while cursor := pages[-1].get("nextCursor"):
        pages.append(api.answer(f"{path}&cursor={cursor}"))

    found = [id_ for page in pages for id_ in ids(page)]
    assert sorted(found) == sorted(deployed.audience("similar_programs"))
    assert len(pages) == 3
    ranked = api.answer("/v1/users/1/training-programs/ranking", method="POST", body={"items": found[::-1]})
    matched = [item["id"] for page in pages for item in page["items"] if item["matched"]]
    assert ids(ranked)[: len(matched)] == matched


def test_programs_have_similar_ones(api: Api) -> None:
    answer = api.answer("/v1/training-programs/1/similar?limit=5")

    assert answer["source"] == "batch"
    assert len(answer["items"]) == 5 and "1" not in ids(answer)


def test_the_campaign_that_the_run_has_made_answers_in_real_time(api: Api) -> None:
    live = eventually(api, "/v1/users/1/posts?limit=5", "campaign")

    assert all("score" in item for item in live["items"]) and live["recommendationId"]


def test_a_campaign_that_is_asked_is_seen_by_the_alarm_that_waits_for_it(
    api: Api, deployed: CommunityCloud
) -> None:
    """It has been silent since the deployment, long before the first run made the campaign."""
    cloudwatch, alarm = deployed.client("cloudwatch"), idle_alarm(deployed)
    [asked] = [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if one["Id"] == "asked"]
    eventually(api, "/v1/users/2/posts?limit=5", "campaign")
    now = datetime.now(UTC)

    def counted() -> float:
        points = cloudwatch.get_metric_statistics(
            **asked,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(float(point["Sum"]) for point in points)

    assert in_time(counted) >= 1
    told = cloudwatch.describe_alarm_history(
        AlarmName=alarm["AlarmName"], HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    assert told[0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to OK"
    in_time(lambda: idle_alarm(deployed)["StateValue"] == "OK")


@pytest.mark.prove
def test_a_campaign_that_nobody_asks_any_more_is_told_by_mail(api: Api, deployed: CommunityCloud) -> None:
    """The deployed alarm, looking back four hours, which are 24 seconds here, and not three days."""
    cloudwatch, before = deployed.client("cloudwatch"), idle_alarm(deployed)
    kept = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    alarm = {name: before[name] for name in kept if name in before}
    cloudwatch.put_metric_alarm(**{**alarm, "EvaluationPeriods": 4, "DatapointsToAlarm": 2})
    try:
        assert deployed.run("posts", force=False).outcome == "unchanged"
        in_time(lambda: idle_alarm(deployed)["StateValue"] == "ALARM")
        mails = [mail for mail in outbox.emails(deployed.cloud.state.path) if "ALARM: " in mail.subject]
        assert [mail for mail in mails if "The campaign of posts is billed by the hour" in mail.text]

        eventually(api, "/v1/users/3/posts?limit=5", "campaign")
        in_time(lambda: idle_alarm(deployed)["StateValue"] == "OK")
    finally:
        cloudwatch.put_metric_alarm(**alarm)


def idle_alarm(deployed: CommunityCloud) -> dict[str, Any]:
    pages = deployed.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    [found] = [alarm for alarm in alarms if "answered nobody" in alarm["AlarmDescription"]]
    return dict(found)


def test_without_a_pointer_users_are_answered_from_the_popular_list(
    api: Api, deployed: CommunityCloud
) -> None:
    dynamodb = deployed.client("dynamodb")
    key = {"pk": {"S": "pointer#users_to_follow"}, "sk": {"S": "personalize"}}
    pointer = dynamodb.delete_item(TableName=TABLE, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    try:
        answer = eventually(api, "/v1/users/1/people-to-follow", "popular")
    finally:
        dynamodb.put_item(TableName=TABLE, Item=pointer)

    assert answer["items"] and answer["generation"] == pointer["generation"]["S"]


def eventually(api: Api, path: str, source: str) -> dict[str, Any]:
    """Pointers are remembered for seconds, and on a busy machine a campaign may be late for its budget."""
    deadline = time.monotonic() + 60
    while (answer := api.answer(path))["source"] != source and time.monotonic() < deadline:
        time.sleep(0.5)
    assert answer["source"] == source
    return answer


def test_mistakes_are_told_all_at_once(api: Api) -> None:
    refused = api.ask("/v1/users/1/posts?limit=0&offset=2")

    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert [mistake["where"] for mistake in refused.json()["errors"]] == ["query.offset", "query.limit"]
