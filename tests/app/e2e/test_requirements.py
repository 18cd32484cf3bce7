"""What a fitness community needs, as its application sees it: through the deployed API and the outbox."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from config.use_cases import USE_CASES
from local_cloud import outbox
from local_cloud.demo import application, asking
from local_cloud.lifecycle.serving_api import Answer, ServingApi
from operations.events import conversion
from tests.app.support.business.demo import DEMO
from tests.app.support.business.stages import LOCAL
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.support.waiting import eventually

_REFUSED = "SELECT email FROM contacts WHERE quiet OR NOT email_consent"
WEEKLY = f"arn:aws:states:{LOCAL.region}:{LOCAL.account}:stateMachine:recs-local-weekly-programs"


@pytest.fixture(scope="module")
def trained(deployed: CommunityCloud, first_runs: dict[str, Any]) -> CommunityCloud:
    return deployed


@pytest.fixture(scope="module")
def api(trained: CommunityCloud) -> ServingApi:
    return ServingApi.deployed(trained.cloud.settings)


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [item["id"] for item in answer.body["items"]]


def pages(api: ServingApi, path: str, limit: int) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        answer = api.get(f"{path}?limit={limit}{cursor}")
        assert answer.status == 200, answer
        yield answer.body
        if "nextCursor" not in answer.body:
            return
        cursor = f"&cursor={answer.body['nextCursor']}"


def stored(api: ServingApi, path: str) -> Answer:
    """Not what is popular, as a busy machine answers when the table takes longer than readers may wait."""

    def asked() -> Answer | None:
        answer = api.get(path)
        return answer if answer.body["source"] == "batch" else None

    found: Answer = eventually(asked)
    return found


def test_users_get_people_to_follow_whom_they_do_not_follow_yet(
    trained: CommunityCloud, api: ServingApi
) -> None:
    own = trained.served("users_to_follow")
    assert own
    for user in sorted(own.lists)[:5]:
        answer = stored(api, f"/v1/users/{user}/people-to-follow?limit=10")

        found = ids(answer)
        assert found == list(own.lists[user][:10])
        assert user not in found
        assert (answer.body["source"], answer.body["generation"]) == ("batch", own.generation)


def test_the_directory_has_programs_sorted_by_how_well_they_match(
    trained: CommunityCloud, api: ServingApi
) -> None:
    own = trained.served("training_programs")
    assert own
    user = sorted(own.lists)[0]

    found = pages(api, f"/v1/users/{user}/training-programs", 20)
    listed = [item["id"] for page in found for item in page["items"]]

    best = list(own.lists[user])
    assert listed[: len(best)] == best
    assert len(listed) == len(set(listed))
    given = [*reversed(best[:3]), "unknown-program"]
    ranked = api.post(f"/v1/users/{user}/training-programs/ranking", {"items": given})
    assert ids(ranked) == [*best[:3], "unknown-program"]


def test_no_kind_of_program_fills_the_beginning_of_anybodys_list(trained: CommunityCloud) -> None:
    [cap] = next(one for one in USE_CASES if one.name == "training_programs").caps
    rows = trained.sql("SELECT id::text, category FROM programs")
    kinds = {row["id"]: row["category"] for row in rows}
    own = trained.served("training_programs")
    assert own and cap.column == "CATEGORY"
    for items in own.lists.values():
        counts = Counter(kinds[item] for item in items[: cap.among])
        assert max(counts.values()) <= cap.most and len(items) >= cap.among


def test_the_posts_feed_has_pages_without_anything_twice(trained: CommunityCloud, api: ServingApi) -> None:
    own = trained.served("posts")
    assert own
    user = sorted(own.lists)[0]

    found = list(pages(api, f"/v1/users/{user}/posts", 7))

    listed = [item["id"] for page in found for item in page["items"]]
    assert len(found) > 1
    assert len(listed) == len(set(listed))
    assert {page["generation"] for page in found} == {own.generation}


def weekly(community: CommunityCloud) -> dict[str, Any]:
    """Run as its schedule does."""
    started = community.client("stepfunctions").start_execution(
        stateMachineArn=WEEKLY, input=json.dumps({"trigger": "schedule"})
    )
    ended = community.end_of(started["executionArn"])
    assert ended["status"] == "SUCCEEDED", ended
    return ended


@pytest.fixture(scope="module")
def notified(trained: CommunityCloud, api: ServingApi) -> Iterator[CommunityCloud]:
    """Everybody who may be pushed to has a device; the week's run has ended, and was started again."""
    trained.forget_notifications()
    for user in pushed_to(trained):
        device = {"deviceId": f"phone-{user}", "platform": "android", "token": f"token-{user}"}
        assert api.put("/v1/devices", {**device, "userId": user}).status == 200
    weekly(trained)
    weekly(trained)
    yield trained


def pushed_to(community: CommunityCloud) -> list[str]:
    return people(community, "push_consent AND NOT quiet")[:20]


def people(community: CommunityCloud, condition: str) -> list[str]:
    rows = community.sql(f"SELECT user_id::text AS id FROM contacts WHERE {condition} ORDER BY user_id")
    return [row["id"] for row in rows]


def test_once_a_week_a_program_is_in_the_inbox_and_on_the_phone(
    notified: CommunityCloud, api: ServingApi
) -> None:
    in_app = people(notified, "in_app_consent AND NOT quiet")
    own = notified.served("training_programs")
    assert in_app and own
    for user in in_app[:10]:
        answer = api.get(f"/v1/inbox?userId={user}")
        assert answer.status == 200, answer
        [entry] = answer.body["entries"]
        assert entry["useCase"] == "training_programs"
        assert entry["itemId"] in own.lists.get(user, (entry["itemId"],))

    pushes = [push.token for push in outbox.pushes(notified.cloud.state.path)]
    assert sorted(pushes) == sorted(f"token-{user}" for user in pushed_to(notified))


def test_once_a_week_users_without_a_program_get_an_email_with_three(notified: CommunityCloud) -> None:
    emails = [email for email in outbox.emails(notified.cloud.state.path) if email.template]
    refused = {row["email"] for row in notified.sql(_REFUSED)}

    assert emails
    assert len({email.to for email in emails}) == len(emails)
    for email in emails:
        assert email.html.count("/programs/") == 3 or email.text.count("/programs/") == 3, email
        assert "List-Unsubscribe" in email.headers
    assert not refused & {email.to for email in emails}


def told_of_conversion(
    trained: CommunityCloud, capsys: pytest.CaptureFixture[str]
) -> dict[str, tuple[int, int]]:
    """Impressions and actions of posts by source, and of all, as the command tells them."""
    capsys.readouterr()
    conversion({"": trained.client("dynamodb")}, LOCAL.name, "posts", 1)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    return {line[-4]: (int(line[-3].replace(",", "")), int(line[-2].replace(",", ""))) for line in lines}


def test_what_people_do_with_recommendations_is_counted(
    trained: CommunityCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = told_of_conversion(trained, capsys)
    facts = application.read(trained.cloud.database().dsn, tuple(USE_CASES), DEMO)
    user = sorted(facts.names)[0]

    live = asking.ask(trained.cloud.settings, facts, USE_CASES, [user])

    assert [check.claim for check in live.checks if not check.holds] == []
    assert live.tracked and live.tracked.after[1] > live.tracked.before[1]
    assert live.changed and live.tracked.use_case == "posts"
    later = told_of_conversion(trained, capsys)
    assert later["all"] == live.tracked.after
    for source, (impressions, actions) in later.items():
        shown, acted = earlier.get(source, (0, 0))
        assert actions == acted or impressions > shown, source


@pytest.mark.prove
def test_the_next_training_knows_what_people_looked_at(trained: CommunityCloud, api: ServingApi) -> None:
    own = trained.served("users_to_follow")
    assert own
    viewer, viewed = sorted(own.lists)[:2]
    event = {
        "eventId": "a-look",
        "useCase": "users_to_follow",
        "type": "view",
        "itemId": viewed,
        "userId": viewer,
        "occurredAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": "batch",
        "variant": "personalize",
    }
    s3, bucket = trained.client("s3"), trained.bucket()
    folder = {"Bucket": bucket, "Prefix": "events/use_case=users_to_follow/"}
    before = s3.list_objects_v2(**folder)["KeyCount"]
    assert api.post("/v1/events", {"events": [event]}).status == 202
    deadline = time.monotonic() + 60
    while s3.list_objects_v2(**folder)["KeyCount"] == before and time.monotonic() < deadline:
        time.sleep(0.1)

    run = trained.run("users_to_follow", force=False)

    assert run.outcome == "published", (run.error, run.cause, run.output)
    dataset = f"datasets/users_to_follow/{run.output['run']}/interactions"
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=f"{dataset}.manifest.json")["Body"].read())
    lines = s3.get_object(Bucket=bucket, Key=f"{dataset}.csv")["Body"].read().decode().splitlines()
    assert manifest["trackedRows"] >= 1
    assert [line for line in lines[-manifest["trackedRows"] :] if line.startswith(f"{viewer},{viewed},view,")]


def test_an_answer_names_its_source_even_for_somebody_whom_nobody_knows(api: ServingApi) -> None:
    answer = api.get("/v1/users/nobody-knows-me/people-to-follow")

    assert (answer.status, answer.body["source"]) == (200, "popular")
