"""Everything that a deployed stage can do, done once: so that each right of it is used by somebody."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import requests

from local_cloud.events.schedules import PATH
from local_cloud.lifecycle.serving_api import ServingApi
from tests.app.support import notification_audit as auditing
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.support.waiting import eventually

USE_CASES = ("posts", "similar_programs", "training_programs", "users_to_follow")
WEEKLY = "recs-local-weekly-programs"
SECRET = "recs/local/database"
Schedule = tuple[str, str]
"""group and name"""


def exercise(community: CommunityCloud) -> None:
    """Runs, notifications, every route; then all of it failing in each way that is told to somebody."""
    trainings, weekly = schedules(community)
    _published(community, [fire(community, *schedule) for schedule in trainings])
    community.until_served()
    _ask(community)
    _send(community, weekly)
    # With what was posted; and where nothing is new, nothing is trained.
    _published(community, [community.begin("users_to_follow"), community.begin("posts", force=False)])
    _fail(community)
    _told_to_nobody(community)
    _remove_the_campaign(community)


def schedules(community: CommunityCloud) -> tuple[list[Schedule], Schedule]:
    """Those of trainings, and that of the weekly notifications."""
    scheduler, found = community.client("scheduler"), {}
    for page in scheduler.get_paginator("list_schedules").paginate():
        for each in page["Schedules"]:
            names = each["GroupName"], each["Name"]
            target = scheduler.get_schedule(GroupName=names[0], Name=names[1])["Target"]["Arn"]
            found[target.rpartition(":")[2]] = names
    weekly = found.pop(WEEKLY)
    return sorted(found.values()), weekly


def fire(community: CommunityCloud, group: str, name: str) -> str | None:
    """At once, as Scheduler does when its time has come; the ARN of the execution, if there is one."""
    request = Request(f"{community.cloud.settings.endpoint_url}{PATH}/{group}/{name}", method="POST")
    with urlopen(request, timeout=60) as answer:
        found: str | None = json.load(answer)["answer"]
        return found


def _published(community: CommunityCloud, executions: list[str | None]) -> None:
    for arn in executions:
        assert arn
        ended = community.end_of(arn, seconds=400)
        assert ended["status"] == "SUCCEEDED", (arn, ended.get("error"), ended.get("cause"))


def _ask(community: CommunityCloud) -> None:
    """Every route of the API, until the consumer has passed on what was posted."""
    api = ServingApi.deployed(community.cloud.settings)
    for path in (
        "/v1/health",
        "/v1/openapi.json",
        "/v1/users/1/training-programs?limit=5",
        "/v1/users/1/people-to-follow?limit=5",
        "/v1/training-programs/1/similar?limit=5",
    ):
        assert api.get(path).status == 200, path
    ranked = api.post("/v1/users/1/training-programs/ranking", {"items": ["1", "2"]})
    assert ranked.status == 200, ranked.body
    live = eventually(lambda: _from_a_campaign(api))
    events = [
        _event("posts", "impression", live["items"][0]["id"], live),
        _event("posts", "like", live["items"][0]["id"], live),
        _event("users_to_follow", "impression", "2", {}),
        _event("users_to_follow", "follow", "2", {}),
    ]
    assert api.post("/v1/events", {"events": events}).status == 202
    for kind, attributes in (("users/1", {"age": 31}), ("items/1", _item_attributes())):
        answer = api.put(f"/v1/{kind}/attributes", {"useCase": "posts", "attributes": attributes})
        assert answer.status == 202, answer.body
    eventually(lambda: _written(community, "events/"), 180)


def _from_a_campaign(api: ServingApi) -> Any:
    body = api.get("/v1/users/1/posts?limit=5").body
    return body if body["source"] == "campaign" else None


def _event(use_case: str, kind: str, item: str, answered: dict[str, Any]) -> dict[str, Any]:
    from_answer = {name: answered[name] for name in ("source", "variant", "generation") if answered.get(name)}
    return {
        "eventId": str(uuid4()),
        "useCase": use_case,
        "type": kind,
        "itemId": item,
        "userId": "1",
        "occurredAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **{"source": "batch", "variant": "personalize"},
        **from_answer,
    }


def _item_attributes() -> dict[str, Any]:
    return {"title": "New", "topics": "strength", "creationTimestamp": int(time.time())}


def _written(community: CommunityCloud, prefix: str) -> bool:
    listed = community.client("s3").list_objects_v2(Bucket=community.bucket(), Prefix=prefix)
    return bool(listed["KeyCount"])


def _send(community: CommunityCloud, weekly: Schedule) -> None:
    """The weekly notifications, to phones too; then what those who got them do."""
    api = ServingApi.deployed(community.cloud.settings)
    cloud, people = community.cloud, [row["user"] for row in auditing.people(community.cloud)]
    auditing.register_devices(cloud, people[::5])
    _disable_some(community)
    user, phone = people[0], {"deviceId": "tablet", "platform": "ios"}
    for token in ("a" * 64, "b" * 64):
        assert api.put("/v1/devices", {**phone, "userId": user, "token": token}).status < 300
    _published(community, [fire(community, *weekly)])
    told = next(found for found in (_inbox(api, user) for user in people) if found)
    assert api.post(f"/v1/inbox/{told[1]}/read?userId={told[0]}", {}).status < 300
    assert api.ask("DELETE", f"/v1/devices/tablet?userId={user}").status < 300
    mail = next(mail for mail in community.emails() if mail.template)
    address = mail.headers["List-Unsubscribe"].strip("<>")
    assert requests.get(address, timeout=30).status_code == 200
    assert requests.post(address, timeout=30).status_code == 200
    # SES finds that this one cannot be rendered when it has answered already.
    community.client("sesv2").send_email(
        FromEmailAddress=_sender(),
        Destination={"ToAddresses": ["you@example.com"]},
        Content={"Template": {"TemplateName": mail.template, "TemplateData": "{}"}},
        ConfigurationSetName=_configuration_set(community),
    )


def _disable_some(community: CommunityCloud) -> None:
    """Apps that were removed: those who send find out."""
    sns = community.client("sns")
    for application in sns.list_platform_applications()["PlatformApplications"]:
        arn = application["PlatformApplicationArn"]
        for endpoint in sns.list_endpoints_by_platform_application(PlatformApplicationArn=arn)["Endpoints"][
            :9
        ]:
            sns.set_endpoint_attributes(EndpointArn=endpoint["EndpointArn"], Attributes={"Enabled": "false"})


def _inbox(api: ServingApi, user: str) -> tuple[str, str] | None:
    entries = api.get(f"/v1/inbox?userId={user}").body["entries"]
    return (user, entries[0]["entryId"]) if entries else None


def _sender() -> str:
    assert LOCAL.notifications and LOCAL.notifications.sender
    return LOCAL.notifications.sender.address


def _configuration_set(community: CommunityCloud) -> str:
    return str(community.client("sesv2").list_configuration_sets()["ConfigurationSets"][0])


def _fail(community: CommunityCloud) -> None:
    """Every workflow, since nobody reaches the database; every schedule, of what no workflow takes."""
    with _unreachable(community):
        for arn in [community.begin(name) for name in USE_CASES]:
            assert community.end_of(arn)["status"] == "FAILED"
    trainings, weekly = schedules(community)
    for schedule in (*trainings, weekly):
        with _senseless(community, *schedule):
            assert fire(community, *schedule) is None


@contextmanager
def _senseless(community: CommunityCloud, group: str, name: str) -> Iterator[None]:
    scheduler = community.client("scheduler")
    known = scheduler.get_schedule(GroupName=group, Name=name)
    kept = {
        "GroupName",
        "Name",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "FlexibleTimeWindow",
        "State",
    }
    before = {member: value for member, value in known.items() if member in kept}
    scheduler.update_schedule(**before, Target={**known["Target"], "Input": "no JSON"})
    try:
        yield
    finally:
        scheduler.update_schedule(**before, Target=known["Target"])


@contextmanager
def _unreachable(community: CommunityCloud) -> Iterator[None]:
    secrets = community.client("secretsmanager")
    before = secrets.get_secret_value(SecretId=SECRET)["SecretString"]
    port = str(community.cloud.postgres_port)
    secrets.put_secret_value(SecretId=SECRET, SecretString=before.replace(port, "1"))
    try:
        yield
    finally:
        secrets.put_secret_value(SecretId=SECRET, SecretString=before)


def _told_to_nobody(community: CommunityCloud) -> None:
    """Executions that somebody stops: first it is told, then the topic takes nothing and the queue does."""
    machines = [community.start_of("posts").machine, auditing.machine_of(community.cloud, WEEKLY)]
    _stop(community, machines)
    eventually(lambda: any("ABORTED" in mail.text for mail in community.emails()))
    sns = community.client("sns")
    [topic] = [each["TopicArn"] for each in sns.list_topics()["Topics"] if "Failures" in each["TopicArn"]]
    before = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    kept = [each for each in json.loads(before)["Statement"] if "events." not in json.dumps(each)]
    policy = json.dumps({**json.loads(before), "Statement": kept})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    try:
        _stop(community, machines)
        for stack in ("Training", "Notifications"):
            queue = community.resource("DeadLetters", "AWS::SQS::Queue", stack)
            eventually(partial(_messages, community, queue))
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=before)


def _stop(community: CommunityCloud, machines: list[str]) -> None:
    states = community.client("stepfunctions")
    for machine in machines:
        arn = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        states.stop_execution(executionArn=arn, cause="by hand")


def _messages(community: CommunityCloud, queue: str) -> int:
    attribute = "ApproximateNumberOfMessages"
    answer = community.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])


def _remove_the_campaign(community: CommunityCloud) -> None:
    """As CloudFormation does, once the use case is gone."""
    personalize = community.client("personalize")
    campaign = personalize.describe_campaign(
        campaignArn=personalize.list_campaigns()["campaigns"][0]["campaignArn"]
    )["campaign"]
    solution = campaign["solutionVersionArn"].rpartition("/")[0]
    event = {
        "RequestType": "Delete",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Campaign",
        # It answers there that nobody waits for it.
        "ResponseURL": f"{community.cloud.settings.endpoint_url}/_local/health",
        "ResourceProperties": {"CampaignArn": campaign["campaignArn"], "SolutionArn": solution},
    }
    name = community.resource("CampaignsFunction", "AWS::Lambda::Function", "Data")
    answer = community.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    assert json.load(answer["Payload"])["Status"] == "SUCCESS"
