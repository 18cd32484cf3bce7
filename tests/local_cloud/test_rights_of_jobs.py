"""What jobs of Personalize and schedules may do in the local cloud, with the roles that they are given."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from local_cloud.ground.settings import PERSONALIZE_KEY
from personalize_server.facts.failures import JobFailed
from personalize_server.objects.locations import Location
from personalize_server.objects.s3 import S3Objects
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.roles import ACCOUNT, allow, role, trusting

PERSONALIZE, SCHEDULER = "personalize.amazonaws.com", "scheduler.amazonaws.com"


@pytest.fixture(autouse=True)
def as_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", PERSONALIZE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def let_in(aws: LocalAws, bucket: str, *actions: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": PERSONALIZE},
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


@pytest.mark.parametrize(
    ("trusted", "own", "bucket_s", "reads"),
    [
        (PERSONALIZE, "s3:GetObject", "s3:GetObject", True),
        ("lambda.amazonaws.com", "s3:GetObject", "s3:GetObject", False),
        (PERSONALIZE, "s3:PutObject", "s3:GetObject", False),
        (PERSONALIZE, "s3:GetObject", "s3:PutObject", False),
    ],
    ids=["all there", "the role trusts somebody else", "the role lacks it", "the bucket lacks it"],
)
def test_a_job_reads_what_its_role_and_the_bucket_allow_if_the_role_trusts_personalize(
    strict: LocalAws, trusted: str, own: str, bucket_s: str, reads: bool
) -> None:
    bucket = strict.bucket({"a.csv": "USER_ID"})
    let_in(strict, bucket, bucket_s)
    arn = role(strict, allow(own, f"arn:aws:s3:::{bucket}/*"), trust=trusting(trusted))
    objects = S3Objects(strict.settings.endpoint_url, strict.settings.region, arn)

    def read() -> bytes:
        return b"".join(objects.blocks(Location(bucket, "a.csv")))

    if reads:
        assert read() == b"USER_ID"
        return
    with pytest.raises(JobFailed, match="Insufficient privileges for accessing data in Amazon S3"):
        read()


def test_a_job_whose_role_is_not_there_reads_nothing(strict: LocalAws) -> None:
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    objects = S3Objects(strict.settings.endpoint_url, strict.settings.region, nobody)

    with pytest.raises(JobFailed, match="Insufficient privileges for accessing data in Amazon S3"):
        objects.find(Location("bucket", "a.csv"))


def fired(aws: LocalAws, name: str, body: Any = None) -> tuple[int, Any]:
    sent = None if body is None else json.dumps(body).encode()
    url = f"{aws.settings.endpoint_url}/_local/schedules/default/{name}"
    request = Request(url, data=sent, method="POST")
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as problem:
        return problem.code, json.load(problem)


def schedule(aws: LocalAws, target: dict[str, Any], region: str | None = None) -> str:
    name = f"test-{uuid4().hex[:10]}"
    aws.client("scheduler", region).create_schedule(
        Name=name,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    return name


def test_a_schedule_that_is_fired_sends_its_input_as_its_role_may(strict: LocalAws) -> None:
    url, queue = strict.queue()
    may = role(strict, allow("sqs:SendMessage", queue), trust=trusting(SCHEDULER))
    may_not = role(strict, allow("sqs:SendMessage", f"{queue}-other"), trust=trusting(SCHEDULER))
    text = '{"by": "<aws.scheduler.schedule-arn>"}'
    good = schedule(strict, {"Arn": queue, "RoleArn": may, "Input": text})
    bad = schedule(strict, {"Arn": queue, "RoleArn": may_not, "Input": text})

    assert fired(strict, good) == (200, {"answer": None})
    status, told = fired(strict, bad)

    assert json.loads(strict.received(url)[0])["by"].endswith(f":schedule/default/{good}")
    assert status == 403
    assert f"assumed-role/{may_not.rpartition('/')[2]}/{bad}" in told["message"]
    assert f"is not authorized to perform: sqs:SendMessage on resource: {queue}" in told["message"]
    assert fired(strict, "nobody")[0] == 404


def test_what_a_target_does_not_take_is_in_the_schedule_s_queue_of_dead_letters(strict: LocalAws) -> None:
    url, queue = strict.queue()
    machine = strict.machine({"End": {"Type": "Succeed"}})
    own = role(
        strict,
        allow("states:StartExecution", machine),
        allow("sqs:SendMessage", queue),
        trust=trusting(SCHEDULER),
    )
    target = {"Arn": machine, "RoleArn": own, "DeadLetterConfig": {"Arn": queue}}
    takes, does_not = (schedule(strict, {**target, "Input": text}) for text in ("{}", "no JSON"))

    status, told = fired(strict, takes)
    assert fired(strict, does_not) == (200, {"answer": None})

    assert (status, told["answer"].split(":")[4]) == (200, ACCOUNT)
    assert strict.received(url) == ["no JSON"]


def test_a_schedule_is_fired_in_the_region_that_is_named(aws: LocalAws) -> None:
    _, queue = aws.queue()
    there = "eu-central-1"
    target = {"Arn": queue, "RoleArn": role(aws, allow("sqs:SendMessage", queue), trust=trusting(SCHEDULER))}
    name = schedule(aws, target, there)

    assert fired(aws, name, {"region": there})[0] == 200
    assert fired(aws, name) == (404, {"message": f"there is no schedule default/{name} in eu-west-1"})
    for body, said in (
        ({"region": "eu-nowhere-9"}, "'eu-nowhere-9' is no region"),
        ({"where": there}, "the body is empty, or"),
    ):
        status, told = fired(aws, name, body)
        assert (status, said in told["message"]) == (400, True)
    door = f"{aws.settings.endpoint_url}/_local/regions"
    urlopen(Request(f"{door}/down/{there}", method="POST"), timeout=30).close()
    try:
        lost = fired(aws, name, {"region": there})
    finally:
        urlopen(Request(f"{door}/up/{there}", method="POST"), timeout=30).close()
    assert lost == (503, {"message": f"{there} is down: nothing in it answers"})
