"""What a retraining run leaves behind when nothing goes wrong."""

import json
import os
import subprocess
import sys
import time

import pytest

from config.use_cases import USE_CASES
from operations.runs import last
from tests.app.support.clouds.community_cloud import ROOT, TABLE, VARIANT, CommunityCloud
from tests.support.waiting import eventually

NAMES = [use_case.name for use_case in USE_CASES]


@pytest.fixture(scope="module", autouse=True)
def runs(first_runs: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return first_runs


@pytest.mark.parametrize("name", NAMES)
def test_the_output_of_a_run_is_small_and_says_what_was_published(
    deployed: CommunityCloud, runs: dict[str, dict[str, object]], name: str
) -> None:
    output = runs[name]
    assert output["outcome"] == "published"
    assert output["useCase"] == name
    assert output["generation"] == output["run"]
    assert output["users"] == len(deployed.audience(name))
    assert len(json.dumps(output)) < 1000


@pytest.mark.parametrize("name", NAMES)
def test_every_user_has_a_list_of_one_generation_that_costs_one_write_unit(
    deployed: CommunityCloud, name: str
) -> None:
    served = deployed.served(name)
    assert served is not None
    assert set(served.lists) == set(deployed.audience(name))
    assert all(served.lists.values()), "an empty list was stored"
    assert max(served.sizes.values()) <= 1024


def test_what_each_run_used_stands_beside_its_estimate(deployed: CommunityCloud) -> None:
    """Before other tests run use cases again, with other people or data."""
    people = str(len(deployed.users()))
    asked = ("actual", "--bucket", deployed.bucket(), "--stage", "local", "--people", people, "--json")
    done = _module(deployed, "costs", *asked)

    assert done.returncode == 0, done.stderr
    found = {one["useCase"]: {row["what"]: row for row in one["compared"]} for one in json.loads(done.stdout)}
    assert set(found) == set(NAMES)
    for name, rows in found.items():
        assert rows["lists, in write units"]["used"] == len(deployed.audience(name))
        assert rows["rows extracted"]["used"] >= rows["interactions"]["used"] > 0
        assert rows["people known"]["used"] <= int(people)
        assert rows["US dollars of the run"]["used"] > 0


def test_nobody_is_recommended_somebody_they_follow_or_themselves(deployed: CommunityCloud) -> None:
    served = deployed.served("users_to_follow")
    assert served is not None
    follows = deployed.sql("SELECT follower_id::text AS u, followed_id::text AS i FROM follows")
    assert not [row for row in follows if row["i"] in served.lists[row["u"]]]
    assert not [user for user, items in served.lists.items() if user in items]


def test_no_program_is_recommended_that_was_joined(deployed: CommunityCloud) -> None:
    served = deployed.served("training_programs")
    assert served is not None
    joined = deployed.sql(
        "SELECT user_id::text AS u, program_id::text AS i FROM program_events"
        " WHERE event_type IN ('join', 'complete')"
    )
    assert not [row for row in joined if row["i"] in served.lists[row["u"]]]


def test_no_post_is_recommended_that_was_seen(deployed: CommunityCloud) -> None:
    served = deployed.served("posts")
    assert served is not None
    seen = deployed.sql("SELECT DISTINCT user_id::text AS u, post_id::text AS i FROM post_events")
    assert not [row for row in seen if row["i"] in served.lists[row["u"]]]


def test_the_popular_list_of_the_generation_is_there_for_users_without_one(
    deployed: CommunityCloud, runs: dict[str, dict[str, object]]
) -> None:
    for name in NAMES:
        key = {"pk": {"S": f"popular#{name}"}, "sk": {"S": f"{VARIANT}#{runs[name]['generation']}"}}
        item = deployed.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
        assert len(item["items"]["L"]) >= 10


def test_a_run_on_unchanged_data_trains_nothing(deployed: CommunityCloud) -> None:
    before = deployed.served("training_programs")
    versions = _versions(deployed)
    run = deployed.run("training_programs", force=False)
    assert (run.status, run.outcome) == ("SUCCEEDED", "unchanged")
    assert _versions(deployed) == versions
    assert deployed.served("training_programs") == before
    assert not run.emails


def test_a_step_deployed_during_a_run_takes_the_payload_of_the_older_definition(
    deployed: CommunityCloud,
) -> None:
    """The newer step has a member more, and no longer knows one that the definition sends."""
    file = "steps/compare_datasets.py"
    newer = (ROOT / "lambda_src" / file).read_text(encoding="utf-8")
    for old, new in (
        ("    solution_arn: str | None = None\n", "    of_the_next_release: int = 1\n"),
        ("        solution_arn=request.solution_arn,\n", ""),
    ):
        assert newer.count(old) == 1
        newer = newer.replace(old, new)
    told = len(deployed.log_of("CompareDatasets"))

    try:
        with deployed.held("program_events"):
            arn = deployed.begin("training_programs", force=False)
            eventually(lambda: deployed.has_entered(arn, "Extract interactions"))
            deployed.deploy("CompareDatasets", {file: newer})
        run = deployed.end_of(arn)
    finally:
        deployed.deploy("CompareDatasets", {})

    assert (run["status"], json.loads(run["output"])["outcome"]) == ("SUCCEEDED", "unchanged")
    log = [json.loads(line) for line in deployed.log_of("CompareDatasets")[told:] if line.startswith("{")]
    assert [line["members"] for line in log if "members" in line] == [["solutionArn"]]
    [counted] = [line for line in log if "UnknownMembers" in line]
    assert (counted["UnknownMembers"], counted["step"]) == ([1.0], "compare_datasets")


def test_a_campaign_that_does_not_follow_is_told_and_made_good_by_a_run_with_nothing_new(
    deployed: CommunityCloud,
) -> None:
    arn, version = _campaign(deployed)
    personalize = deployed.client("personalize")
    personalize.delete_campaign(campaignArn=arn)
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        for _ in range(300):
            personalize.describe_campaign(campaignArn=arn)
            time.sleep(0.2)
    before = deployed.served("posts")

    deploys = '"SolutionVersionArn":"{% $solutionVersionArn %s%}","MinProvisionedTPS"'
    with deployed.definition("posts", deploys.replace("%s", ""), deploys.replace("%s", "& 'x' ")):
        failed = deployed.run("posts", force=False)
    assert (failed.status, failed.cause.partition(":")[0]) == ("FAILED", "Step Create the campaign")
    [email] = failed.emails
    assert "published last are being served, but the campaign does not follow" in email.text

    run = deployed.run("posts", force=False)
    assert (run.status, run.outcome) == ("SUCCEEDED", "unchanged"), run.cause
    assert _campaign(deployed) == (arn, version)
    assert deployed.served("posts") == before
    assert deployed.run("posts", force=False).outcome == "unchanged"


def _campaign(cloud: CommunityCloud) -> tuple[str, str]:
    """Of the posts: its ARN, and the solution version that it answers from."""
    personalize = cloud.client("personalize")
    [found] = [one for one in personalize.list_campaigns()["campaigns"] if "posts" in one["name"]]
    campaign = personalize.describe_campaign(campaignArn=found["campaignArn"])["campaign"]
    return campaign["campaignArn"], campaign["solutionVersionArn"]


def test_force_trains_on_unchanged_data_and_publishes_a_new_generation(deployed: CommunityCloud) -> None:
    before = deployed.served("training_programs")
    run = deployed.run("training_programs", force=True)
    after = deployed.served("training_programs")
    assert run.outcome == "published"
    assert before is not None
    assert after is not None
    assert after.generation > before.generation


def test_one_command_rolls_back_to_the_generation_before(deployed: CommunityCloud) -> None:
    first = deployed.run("training_programs").output["generation"]
    second = deployed.run("training_programs").output["generation"]
    assert _served_generation(deployed) == second
    done = _module(deployed, "operations", "rollback", "--stage", "local", "--use-case", "training_programs")
    assert done.returncode == 0, done.stderr
    assert first in done.stdout
    assert _served_generation(deployed) == first

    machine = deployed.start_of("training_programs").machine
    told = last(deployed.client("stepfunctions"), machine, 2)
    assert [(each.run, each.outcome) for each in told] == [(second, "published"), (first, "published")]


def test_the_schedules_send_what_the_workflow_takes(deployed: CommunityCloud) -> None:
    for name in NAMES:
        assert json.loads(deployed.start_of(name).input) == {"force": False, "trigger": "schedule"}


def test_no_solution_trains_by_itself(deployed: CommunityCloud) -> None:
    personalize = deployed.client("personalize")
    solutions = personalize.list_solutions()["solutions"]
    assert len(solutions) == len(NAMES)
    for solution in solutions:
        described = personalize.describe_solution(solutionArn=solution["solutionArn"])["solution"]
        update = described["latestSolutionUpdate"]
        assert (update["performAutoTraining"], update["status"]) == (False, "ACTIVE")


def _versions(cloud: CommunityCloud) -> int:
    return len(cloud.client("personalize").list_solution_versions(maxResults=100)["solutionVersions"])


def _served_generation(cloud: CommunityCloud) -> str:
    served = cloud.served("training_programs")
    assert served is not None
    return served.generation


def _module(cloud: CommunityCloud, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        env={**os.environ, **cloud.cloud.settings.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
