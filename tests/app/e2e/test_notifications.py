"""The weekly notifications of a deployed local cloud: killed, stopped, redriven, run twice."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from tests.app.support import notification_audit as auditing
from tests.app.support.clouds.community_cloud import CommunityCloud

T = TypeVar("T")
MACHINE = "recs-local-weekly-programs"


@pytest.fixture(scope="module")
def expected(deployed: CommunityCloud) -> Iterator[auditing.Eligible]:
    """A generation is published; some have phones, some addresses bounced, some unsubscribed."""
    run = deployed.run("training_programs")
    assert run.outcome in ("published", "unchanged"), (run.error, run.cause)
    deployed.forget_notifications()
    cloud, rows = deployed.cloud, auditing.people(deployed.cloud)
    mailable = sorted((row["user"], row["email"]) for row in rows if row["mail"] and not row["active"])
    suppressed, unsubscribed = mailable[:3], mailable[3:6]
    devices = sorted(row["user"] for row in rows)[::5]
    auditing.register_devices(cloud, devices)
    auditing.suppress_addresses(cloud, (email for _, email in suppressed))
    auditing.unsubscribe_users(cloud, (user for user, _ in unsubscribed))
    no_mail = {user for user, _ in (*suppressed, *unsubscribed)}
    yield auditing.eligible(rows, devices=set(devices), no_mail=no_mail)


def totals(described: dict[str, Any]) -> dict[str, dict[str, int]]:
    assert described["status"] == "SUCCEEDED", (described.get("error"), described.get("cause"))
    found: dict[str, dict[str, int]] = json.loads(described["output"])["report"]["totals"]
    return found


def entries(cloud: CommunityCloud, expected: auditing.Eligible) -> int:
    return auditing.received(cloud.cloud, expected)["in_app"].total()


def seen(look: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """What is seen once it is enough, or after a minute."""
    deadline = time.monotonic() + 60
    while not enough(found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.mark.prove
def test_a_dry_run_writes_what_would_be_sent_and_sends_nothing(
    deployed: CommunityCloud, expected: auditing.Eligible
) -> None:
    execution = auditing.start(deployed.cloud, MACHINE, dryRun=True)
    would = {channel: counts["WouldSend"] for channel, counts in totals(deployed.end_of(execution)).items()}
    assert would == {channel: len(users) for channel, users in expected.of.items()}
    assert not any(counts.total() for counts in auditing.received(deployed.cloud, expected).values())
    s3, bucket = deployed.client("s3"), deployed.bucket()
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="notifications/weekly_programs/")["Contents"]
    previews = [entry["Key"] for entry in listed if "/dry-run/" in entry["Key"]]
    lines = [
        json.loads(line)
        for key in previews
        for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    ]
    assert len(lines) == 300
    mailed = {line["userId"] for line in lines if line["channels"]["email"] == "send"}
    assert mailed == expected.of["email"]


@pytest.mark.prove
def test_killed_stopped_redriven_and_run_again_everybody_is_told_once_and_nobody_else(
    deployed: CommunityCloud, expected: auditing.Eligible
) -> None:
    """Only one function is killed: the others outlive their execution, beside those of the redriven one."""
    cloud, states = deployed.cloud, deployed.client("stepfunctions")
    execution = auditing.start(cloud, MACHINE)
    told = seen(lambda: entries(deployed, expected), lambda count: count > 20)
    killed = auditing.kill_functions(cloud, 1)
    states.stop_execution(executionArn=execution, cause="halfway")
    assert killed and deployed.end_of(execution)["status"] == "ABORTED"
    assert 20 < told < len(expected.of["in_app"]), "stopped too late to show anything"

    states.redrive_execution(executionArn=execution)
    first = totals(deployed.end_of(execution))
    again = totals(deployed.end_of(auditing.start(cloud, MACHINE)))
    doubtful = seen(lambda: auditing.uncertain(cloud), lambda users: sum(map(len, users.values())) <= killed)

    assert {channel: counts["Sent"] for channel, counts in again.items()} == dict.fromkeys(again, 0)
    for channel, line in auditing.audit(expected, auditing.received(cloud, expected)).items():
        assert not line.twice and not line.strangers, channel
        assert line.missing <= doubtful[channel], channel
        assert first[channel]["Sent"] + first[channel]["Uncertain"] == line.eligible, channel
    assert not doubtful["in_app"]
    assert sum(map(len, doubtful.values())) <= killed


@pytest.mark.prove
def test_an_e_mail_is_in_the_user_s_language_and_can_be_unsubscribed_from(
    deployed: CommunityCloud, expected: auditing.Eligible
) -> None:
    mails = [mail for mail in deployed.emails() if mail.template]
    languages = {
        row["email"]: row["language"] for row in deployed.sql("SELECT email, language FROM contacts")
    }
    for mail in mails:
        assert mail.template.endswith("-de" if languages[mail.to] == "de" else "-en")
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.headers["List-Unsubscribe"].strip("<>") in mail.text
        assert mail.html.count("https://app.example.com/programs/") == 3
        assert "{{" not in mail.html + mail.text + mail.subject
    assert {mail.template[-2:] for mail in mails} == {"de", "en"}


@pytest.mark.prove
def test_a_run_that_ends_badly_is_mailed_in_words_with_the_way_to_what_to_do(
    deployed: CommunityCloud, first_runs: dict[str, dict[str, Any]]
) -> None:
    """Once it fails for a right that the plan lacks, once it is stopped by hand."""
    states = deployed.client("stepfunctions")
    with deployed.denied(["s3:PutObject"], "notifications/"):
        failed = auditing.start(deployed.cloud, MACHINE)
        assert deployed.end_of(failed)["status"] == "FAILED"
    stopped = auditing.start(deployed.cloud, MACHINE)
    states.stop_execution(executionArn=stopped, error="Operator", cause='told to, by "Ann"')

    mails = {}
    for execution, heading in (
        (failed, f"{MACHINE} failed: StorageFailed"),
        (stopped, f"{MACHINE} was aborted: Operator"),
    ):

        def of_execution(arn: str = execution) -> Any:
            return [mail for mail in deployed.emails() if mail.text.rstrip().endswith(arn)]

        [mails[heading]] = seen(of_execution, bool)
        assert mails[heading].subject == heading
        lines = mails[heading].text.splitlines()
        assert "Use case: training_programs" in lines and "Stage: local, region eu-west-1" in lines
        assert "Nobody was told: the run ended before its first message." in lines
        assert "What to do: docs/runbook.md#a-notification-run-ended-badly" in lines
    _, reason, *_ = mails[f"{MACHINE} failed: StorageFailed"].text.splitlines()
    assert reason.startswith("Reason: writing s3://") and "AccessDenied" in reason
    assert 'Reason: told to, by "Ann"' in mails[f"{MACHINE} was aborted: Operator"].text
