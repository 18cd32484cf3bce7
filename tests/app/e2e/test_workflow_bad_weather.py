"""Whatever goes wrong in a run: the cause is told, once, and readers keep the generation that they have."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.stages import LOCAL
from config.use_cases import USE_CASES
from local_cloud.demo.serving_table import Served
from stacks.props.spending import budget_of
from tests.app.support.clouds.community_cloud import CommunityCloud, Ended
from tests.app.support.clouds.gusts import weathered
from tests.support.waiting import eventually

USE_CASE = "training_programs"
LOAD = "steps.load_recommendations.lambda_handler"


@pytest.mark.prove
def test_an_unreachable_database(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    secrets, name = community.client("secretsmanager"), "recs/local/database"
    before = secrets.get_secret_value(SecretId=name)["SecretString"]
    port = str(community.cloud.postgres_port)
    secrets.put_secret_value(SecretId=name, SecretString=before.replace(port, "1"))
    try:
        fails("DatabaseUnavailable", "127.0.0.1:1", step="Extract")
    finally:
        secrets.put_secret_value(SecretId=name, SecretString=before)


def test_a_column_that_the_query_forgets(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    with community.definition(USE_CASE, r"\"EVENT_TYPE\"", r"\"KIND\""):
        fails("DatasetRejected", "EVENT_TYPE", step="Extract interactions")


def test_999_interactions(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    community.sql(
        "DELETE FROM program_events WHERE ctid NOT IN (SELECT ctid FROM program_events LIMIT 999)", "SELECT 1"
    )
    fails("DatasetRejected", "999", "1,000", step="Extract interactions")


def test_a_run_that_would_be_too_dear(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    """Its definition has the budget that a limit of a cent would give it."""
    [limited] = [replace(case, run_limit=0.01) for case in USE_CASES if case.name == USE_CASE]
    budget, before = json.dumps(budget_of(LOCAL, limited)), _jobs(community)
    given = '"force":"{% $force %}",'
    with community.definition(USE_CASE, given, f'{given}"budget":{budget},'):
        fails(
            "RunTooDear",
            "US dollars",
            "300 lists 0.0",
            f"the limit of {USE_CASE} is 0.01 a run",
            "raise run_limit",
            step="Compare datasets",
        )
    assert _jobs(community) == before, "something was imported or trained"


def _jobs(community: CommunityCloud) -> tuple[int, int]:
    """Imports and solution versions that there are."""
    personalize = community.client("personalize")
    imports = personalize.get_paginator("list_dataset_import_jobs").paginate()
    versions = personalize.get_paginator("list_solution_versions").paginate()
    return (
        sum(len(page["datasetImportJobs"]) for page in imports),
        sum(len(page["solutionVersions"]) for page in versions),
    )


@pytest.mark.prove
def test_a_bucket_that_takes_nothing(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    with community.denied(["s3:PutObject"], "datasets/"):
        fails("StorageFailed", "AccessDenied", step="Extract")


@pytest.mark.prove
def test_an_import_that_fails(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    with community.denied(["s3:GetObject"], "datasets/"):
        fails(
            "ImportFailed",
            "CREATE FAILED",
            "Insufficient privileges for accessing data in Amazon S3",
            step="Import",
        )


def test_a_training_that_fails(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    """Enough interactions, of a type that somebody accepts, and that the model is not told to learn from."""
    warn = '"unknown":"warn","missing":"warn"'
    community.sql(
        "ALTER TABLE program_events DROP CONSTRAINT program_events_event_type_check",
        "UPDATE program_events SET event_type = 'stroll'",
        "SELECT 1",
    )
    with (
        community.definition(USE_CASE, warn.replace("warn", "refuse"), warn),
        community.definition(USE_CASE, '"acceptData":"{% $acceptData %}"', '"acceptData":true'),
    ):
        fails("TrainingFailed", "CREATE FAILED", "1000 interactions", step="Wait for the solution version")


def test_a_stopped_training(fails: Callable[..., Ended], trained: CommunityCloud) -> None:
    """Its status is CREATE STOPPED, as when somebody stops it by hand."""
    with _stopped_when_created(trained):
        fails("TrainingFailed", "CREATE STOPPED", step="Wait for the solution version")


@contextmanager
def _stopped_when_created(community: CommunityCloud) -> Iterator[None]:
    """A second call in the definition stops what the first has started; its role may do that meanwhile."""
    machine = community.start_of(USE_CASE).machine
    machines, iam = community.client("stepfunctions"), community.client("iam")
    described = machines.describe_state_machine(stateMachineArn=machine)
    definition, role = described["definition"], described["roleArn"].rpartition("/")[2]
    assert '"Wait for the solution version":{' in definition
    stop = (
        '"Wait for the solution version":{"Type":"Task","QueryLanguage":"JSONata",'
        '"Resource":"arn:aws:states:::aws-sdk:personalize:stopSolutionVersionCreation",'
        '"Arguments":{"SolutionVersionArn":"{% $solutionVersionArn %}"},'
        '"Output":{},"Next":"Wait after the stop"},"Wait after the stop":{'
    )
    may = {"Effect": "Allow", "Action": "personalize:StopSolutionVersionCreation", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=role, PolicyName="stop", PolicyDocument=document)
    try:
        with community.definition(USE_CASE, '"Wait for the solution version":{', stop):
            yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="stop")


def test_a_worse_model_is_kept_from_being_used(
    trained: CommunityCloud, served_before: Served, community: CommunityCloud
) -> None:
    community.sql(
        # Everybody gets somebody else's taste, event by event: nothing is left to learn.
        "CREATE TEMP TABLE shuffled ON COMMIT DROP AS SELECT user_id, event_type, occurred_at,"
        " row_number() OVER (ORDER BY md5(user_id::text || occurred_at::text)) AS n FROM program_events",
        "CREATE TEMP TABLE things ON COMMIT DROP AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n,"
        " count(*) OVER () AS total FROM programs",
        "TRUNCATE program_events",
        "INSERT INTO program_events SELECT user_id, things.id, event_type, occurred_at FROM shuffled"
        " JOIN things ON things.n = shuffled.n % things.total",
        "SELECT 1",
    )
    run = community.run(USE_CASE)
    assert (run.status, run.outcome) == ("SUCCEEDED", "kept"), (run.output, run.error, run.cause)
    assert "normalized_discounted_cumulative_gain_at_10" in str(run.output["reason"])
    [email] = run.emails
    assert USE_CASE in email.text
    assert str(run.output["reason"]) in email.text
    assert community.served(USE_CASE) == served_before


BAD_INPUT = """
import boto3

def lambda_handler(event, context):
    answer = real(event, context)
    somebody = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3 = boto3.client("s3", **somebody)
    bucket, prefix = answer["inputLocation"].removeprefix("s3://").split("/", 1)
    key = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"][0]["Key"]
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines(keepends=True)
    lines[:COUNT] = [line.replace("}", ', "filterValues": 5}') for line in lines[:COUNT]]
    s3.put_object(Bucket=bucket, Key=key, Body="".join(lines).encode())
    return answer
"""
WRITE = "steps.write_batch_input.lambda_handler"


@pytest.mark.prove
def test_many_error_lines_in_the_batch_output(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    with community.sabotaged("WriteBatchInput", WRITE, BAD_INPUT.replace("COUNT", "30")):
        fails("GenerationIncomplete", "270", "300", step="Publish the generation")


@pytest.mark.prove
def test_a_few_error_lines_are_counted_and_do_not_keep_the_others_waiting(
    trained: CommunityCloud, community: CommunityCloud
) -> None:
    with community.sabotaged("WriteBatchInput", WRITE, BAD_INPUT.replace("COUNT", "2")):
        run = community.run(USE_CASE)
    assert (run.outcome, run.output["users"], run.output["errors"]) == ("published", 298, 2), run.cause
    served = community.served(USE_CASE)
    assert served is not None
    assert len(served.lists) == 298


@pytest.mark.prove
def test_a_truncated_shard_of_output(fails: Callable[..., Ended], community: CommunityCloud) -> None:
    code = """
import boto3
import os

def lambda_handler(event, context):
    somebody = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3, bucket, key = boto3.client("s3", **somebody), os.environ["DATA_BUCKET"], event["shard"]["output"]
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=body[: len(body) // 2])
    return real(event, context)
"""
    with community.sabotaged("LoadRecommendations", LOAD, code):
        fails("ShardIncomplete", "shard-00000.jsonl.out", step="Load recommendations")


KILLED = """
import os
from botocore.client import BaseClient

calls = 0
call = BaseClient._make_api_call

def dying(self, operation, arguments):
    global calls
    if operation == "BatchWriteItem":
        calls += 1
        if calls > 3 and CONDITION:
            os._exit(1)
    return call(self, operation, arguments)

BaseClient._make_api_call = dying

def lambda_handler(event, context):
    return real(event, context)
"""


@pytest.mark.prove
def test_a_function_that_is_killed_whenever_it_loads(
    fails: Callable[..., Ended], community: CommunityCloud
) -> None:
    with community.sabotaged("LoadRecommendations", LOAD, KILLED.replace("CONDITION", "True")):
        fails("Runtime.ExitError", "exit", step="Load recommendations")


@pytest.mark.prove
def test_a_function_that_is_killed_once_loads_the_shard_again(
    trained: CommunityCloud, community: CommunityCloud, tmp_path: Path
) -> None:
    mark = tmp_path / "killed"
    once = f"not os.path.exists({str(mark)!r}) and not open({str(mark)!r}, 'w').close()"
    with community.sabotaged("LoadRecommendations", LOAD, KILLED.replace("CONDITION", once)):
        run = community.run(USE_CASE)
    assert mark.exists()
    assert (run.outcome, run.output["users"]) == ("published", 300), run.cause


@pytest.mark.prove
def test_a_storm_of_throttled_calls_delays_and_does_not_fail(
    trained: CommunityCloud, community: CommunityCloud
) -> None:
    """Somebody else in the account uses up the quota, by gusts, until the workflows feel it.

    The quota is more than the workflows ask for themselves at the pace of the local cloud: their ten patient
    minutes are one second here. On a busy machine a storm may be too weak to be felt; then there is another.
    """
    with community.personalize_with("--rate-limit", "100"):
        assert any(weathered(community) for _ in range(6)), "no storm was felt"


@pytest.mark.prove
def test_a_second_execution_gives_way_to_the_first(
    trained: CommunityCloud, community: CommunityCloud
) -> None:
    first = community.begin(USE_CASE)
    second = community.run(USE_CASE)
    assert (second.status, second.outcome) == ("SUCCEEDED", "skipped")
    assert first in str(second.output["reason"])
    assert not second.emails
    assert community.end_of(first)["status"] == "SUCCEEDED"


@pytest.mark.prove
def test_an_aborted_run_is_told_as_well(
    trained: CommunityCloud, served_before: Served, community: CommunityCloud
) -> None:
    before = len(community.emails())
    arn = community.begin(USE_CASE)
    community.client("stepfunctions").stop_execution(executionArn=arn, cause="by hand")
    assert community.end_of(arn)["status"] == "ABORTED"
    # The message follows the end by way of an event.
    [email] = eventually(lambda: community.emails()[before:])
    assert USE_CASE in email.text
    assert "ABORTED" in email.text
    assert community.served(USE_CASE) == served_before
