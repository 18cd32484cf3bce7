"""A region that is down answers nothing and does nothing; back, it goes on with what it had."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local_cloud.ground.clients import client
from tests.local_cloud.support.http_api import CODE as ECHO
from tests.local_cloud.support.http_api import deploy
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.regions import AWAY, HOME, Regions, item
from tests.local_cloud.support.stacks import Stacks
from tests.support.waiting import eventually

ASKED: dict[str, Callable[[Any], Any]] = {
    "apigatewayv2": lambda it: it.get_apis(),
    "cloudformation": lambda it: it.describe_stacks(),
    "cloudwatch": lambda it: it.list_metrics(),
    "dynamodb": lambda it: it.list_tables(),
    "events": lambda it: it.list_rules(),
    "kms": lambda it: it.list_keys(),
    "lambda": lambda it: it.list_functions(),
    "logs": lambda it: it.describe_log_groups(),
    "personalize": lambda it: it.list_solutions(),
    "personalize-runtime": lambda it: it.get_recommendations(campaignArn="arn:aws:personalize:::campaign/c"),
    "s3": lambda it: it.list_buckets(),
    "scheduler": lambda it: it.list_schedules(),
    "secretsmanager": lambda it: it.list_secrets(),
    "sesv2": lambda it: it.list_email_identities(),
    "sns": lambda it: it.list_topics(),
    "sqs": lambda it: it.list_queues(),
    "ssm": lambda it: it.describe_parameters(),
    "stepfunctions": lambda it: it.list_state_machines(),
}


def by_the_door(aws: LocalAws, service: str, region: str) -> Any:
    """As in a cloud of several regions, where Personalize is asked by way of the same endpoint."""
    return client(replace(aws.settings, standby_regions=(AWAY,)), service, region)


@pytest.mark.parametrize("service", ASKED)
def test_each_of_its_services_says_that_it_is_unavailable_and_the_other_regions_do_not(
    regions: Regions, service: str
) -> None:
    regions.down(AWAY)
    with pytest.raises(ClientError) as refused:
        ASKED[service](by_the_door(regions.aws, service, AWAY))
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert AWAY in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    if not service.startswith("personalize"):  # nobody listens there
        ASKED[service](by_the_door(regions.aws, service, HOME))


def test_what_belongs_to_no_region_is_there_and_a_bucket_is_where_it_was_made(regions: Regions) -> None:
    bucket = regions.aws.bucket({"a": "text"})
    url = regions.aws.client("s3").generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
    assert requests.get(url, timeout=30).text == "text"
    regions.down(HOME)
    assert requests.get(url, timeout=30).status_code == 503
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        regions.aws.client("s3", AWAY).get_object(Bucket=bucket, Key="a")
    regions.aws.client("iam", "us-east-1").list_roles()
    regions.up(HOME)
    assert requests.get(url, timeout=30).text == "text"


SLOW = """
import os, pathlib, time

def handler(event, context):
    note = pathlib.Path(os.environ.get("NOTE") or event["note"])
    begun = note.exists()
    note.write_text("again" if begun else str(os.getpid()))
    if not begun:
        time.sleep(60)
    return "done"
"""


def test_a_running_function_is_killed_and_what_was_accepted_is_done_once_it_is_back(
    regions: Regions, tmp_path: Path
) -> None:
    aws, note = regions.aws, tmp_path / "note"
    function = aws.function(SLOW)
    asked = json.dumps({"note": str(note)})
    aws.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=asked)
    eventually(note.exists)
    process = Path(f"/proc/{eventually(note.read_text)}")
    regions.down(HOME)
    assert not process.exists()
    regions.up(HOME)
    eventually(lambda: note.read_text() == "again")


COUNTING = """
import pathlib

def handler(event, context):
    for record in event["Records"]:
        pathlib.Path(record["body"]).write_text(record["attributes"]["ApproximateReceiveCount"])
"""


def test_queues_keep_their_messages_and_nobody_polls_them(regions: Regions, tmp_path: Path) -> None:
    aws, note = regions.aws, tmp_path / "note"
    url, arn = aws.queue()
    aws.client("lambda").create_event_source_mapping(FunctionName=aws.function(COUNTING), EventSourceArn=arn)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(note), DelaySeconds=1)
    regions.down(HOME)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(note))
    time.sleep(1.5)
    assert not note.exists()
    regions.up(HOME)
    eventually(note.exists)
    assert eventually(note.read_text) == "1"


def test_an_execution_stands_still_and_goes_on_where_it_was(regions: Regions, tmp_path: Path) -> None:
    aws, note = regions.aws, tmp_path / "note"
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": aws.function(SLOW), "Payload": {"note": str(note)}},
        "Output": "{% $states.result.Payload %}",
        "Retry": [{"ErrorEquals": ["Lambda.ServiceUnavailable"], "MaxAttempts": 1}],
        "End": True,
    }
    waiting = aws.start({"Wait": {"Type": "Wait", "Seconds": 60, "Next": "End"}, "End": {"Type": "Succeed"}})
    execution = aws.start({"Call": call})
    eventually(note.exists)
    regions.down(HOME)
    time.sleep(0.3)
    regions.up(HOME)
    ended = aws.ended(execution)
    assert (ended["status"], json.loads(ended.get("output", "null"))) == ("SUCCEEDED", "done"), ended
    assert aws.ended(waiting)["status"] == "SUCCEEDED"


def test_its_apis_answer_503(regions: Regions, stacks: Stacks) -> None:
    api = deploy(stacks, ECHO, {"$default": {}})
    assert api.ask("GET", "/x").status_code == 200
    regions.down(HOME)
    refused = api.ask("GET", "/x")
    assert (refused.status_code, refused.json()) == (503, {"message": "Service Unavailable"})
    regions.up(HOME)
    assert api.ask("GET", "/x").status_code == 200


def test_nothing_arrives_in_it_or_leaves_it_until_it_is_back_with_its_old_state(regions: Regions) -> None:
    table = regions.replicated_table()
    home, away = (regions.aws.client("dynamodb", region) for region in (HOME, AWAY))
    regions.links(f"/{HOME}/{AWAY}", paused=True)
    home.put_item(TableName=table, Item=item("late", 1))
    regions.down(HOME)
    regions.links(f"/{HOME}/{AWAY}")
    away.put_item(TableName=table, Item=item("new", 1))
    assert regions.drained()
    assert set(regions.items(table, AWAY)) == {"new"}
    regions.links(f"/{AWAY}/{HOME}", paused=True)
    regions.up(HOME)
    assert regions.drained()
    assert set(regions.items(table, HOME)) == {"late"}
    assert set(regions.items(table, AWAY)) == {"late", "new"}
    regions.links()
    assert regions.drained()
    assert set(regions.items(table, HOME)) == {"late", "new"}


def test_who_asks_for_what_is_not_there_is_told_what_is(regions: Regions) -> None:
    assert "'mars-1' is no region" in regions.ask("regions/down/mars-1", {})["message"]
    assert "POST /_local/regions/down/<region>" in regions.ask("regions/sideways", {})["message"]
    assert "fast" in regions.ask("regions/links", {"fast": True})["message"]
    assert "seconds must be 0 or more" in regions.ask("regions/links", {"seconds": -1})["message"]
