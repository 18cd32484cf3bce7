"""A storm of calls that throttles the workflows, by gusts, and whether they felt it."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from threading import Event

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.app.support.clouds.community_cloud import CommunityCloud


def weathered(community: CommunityCloud) -> bool:
    """Runs everything in a storm, which nothing may fail in; whether it was felt."""
    names = ("users_to_follow", "training_programs", "posts")
    felt = Event()
    with ThreadPoolExecutor() as threads:
        storm = threads.submit(_ask_by_gusts, community, felt)
        try:
            runs = {name: community.begin(name) for name in names}
            while not any(_throttled(community, arn) for arn in runs.values()) and not _over(community, runs):
                time.sleep(0.05)
        finally:
            felt.set()
        storm.result()
        ended = {name: community.end_of(arn) for name, arn in runs.items()}
    assert {name: run["status"] for name, run in ended.items()} == dict.fromkeys(names, "SUCCEEDED"), [
        run.get("cause") for run in ended.values()
    ]
    return any(_throttled(community, arn) for arn in runs.values())


def _ask_by_gusts(community: CommunityCloud, until: Event) -> None:
    """Empties the bucket, keeps it empty for a third of the workflows' patience, and lets it fill again.

    One signed request over and over is fast enough for that.
    """
    settings = community.cloud.settings
    job = "arn:aws:personalize:eu-west-1:123456789012:dataset-import-job/nobody-s"
    body = json.dumps({"datasetImportJobArn": job}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonPersonalize.DescribeDatasetImportJob",
    }
    request = AWSRequest("POST", f"http://127.0.0.1:{settings.personalize_port}/", headers=headers, data=body)
    SigV4Auth(Credentials("test", "test"), "personalize", settings.region).add_auth(request)
    with closing(HTTPConnection("127.0.0.1", settings.personalize_port, timeout=30)) as connection:
        while not until.wait(0.7):
            ends = math.inf
            while time.monotonic() < ends and not until.is_set():
                connection.request("POST", "/", body, dict(request.headers.items()))
                refused = b"ThrottlingException" in connection.getresponse().read()
                if refused and ends == math.inf:
                    ends = time.monotonic() + 0.3


def _over(community: CommunityCloud, runs: dict[str, str]) -> bool:
    machines = community.client("stepfunctions")
    states = [machines.describe_execution(executionArn=arn)["status"] for arn in runs.values()]
    return "RUNNING" not in states


def _throttled(community: CommunityCloud, arn: str) -> bool:
    histories = community.client("stepfunctions").get_paginator("get_execution_history")
    events = [event for page in histories.paginate(executionArn=arn) for event in page["events"]]
    causes = [event.get("taskFailedEventDetails", {}).get("cause", "") for event in events]
    return any("Rate exceeded" in cause for cause in causes)
