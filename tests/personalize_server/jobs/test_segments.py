"""Users for items: batch segment jobs of both recipes, in every format."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_server.jobs.segment_lines import parse_wish, segment_line
from tests.personalize_server.support.journey import (
    Journey,
    interactions_csv,
    items_csv,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.processes import PersonalizeServer

Trained = tuple[Journey, str, dict[str, str]]


@pytest.fixture(scope="module")
def trained(personalize: Any, s3: Any) -> Trained:
    """A journey, its group, and solution versions by recipe."""
    journey = Journey(personalize, s3, "segments")
    group = journey.group()
    for kind, body in (("Interactions", interactions_csv()), ("Users", users_csv()), ("Items", items_csv())):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    versions = {}
    for recipe in ("item-affinity", "item-attribute-affinity"):
        solution = journey.solution(group, f"aws-{recipe}", name=f"segments-{recipe}")
        version = journey.train(solution)
        assert version["status"] == "ACTIVE", version
        metrics = personalize.get_solution_metrics(solutionVersionArn=version["solutionVersionArn"])
        assert set(metrics["metrics"]) == {"coverage", "hits_at_1_percent", "recall_at_1_percent"}
        versions[recipe] = version["solutionVersionArn"]
    return journey, group, versions


def segmented(trained: Trained, recipe: str, run: str, lines: list[Any], **more: Any) -> Any:
    """The job's description and its output lines."""
    journey, _, versions = trained
    body = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    found = journey.segment(versions[recipe], body, run, **more)
    return found, journey.output(run) if found["status"] == "ACTIVE" else []


def camp(users: list[str]) -> set[int]:
    """Users of odd numbers like the lower half of the items."""
    return {int(user[1:]) % 2 for user in users}


def test_an_item_gets_the_users_who_would_want_it(trained: Trained) -> None:
    job, (low, high) = segmented(
        trained, "item-affinity", "items", [{"itemId": "i3"}, {"itemId": "i60"}], numResults=20
    )
    assert job["numResults"] == 20
    assert low["input"] == {"itemId": "i3"} and set(low) == {"input", "output", "error"}
    assert set(low["output"]) == {"usersList"}
    users = low["output"]["usersList"]
    assert len(users) == len(set(users)) == 20
    assert camp(users) == {1}
    assert camp(high["output"]["usersList"]) == {0}
    api = trained[0].personalize
    listed = api.list_batch_segment_jobs(solutionVersionArn=trained[2]["item-affinity"])["batchSegmentJobs"]
    assert job["batchSegmentJobArn"] in {entry["batchSegmentJobArn"] for entry in listed}


def test_lines_that_cannot_be_answered_say_why_in_their_place(trained: Trained) -> None:
    lines = [
        {"itemId": "i3"},
        "{\n",
        {"itemId": 3},
        {"itemId": "\ud800"},
        {"itemId": "i999"},
        {"itemId": "i4"},
    ]
    job, found = segmented(trained, "item-affinity", "errors", lines)
    assert job["status"] == "ACTIVE"
    assert [line["error"] is None for line in found] == [True, False, False, False, False, True]
    assert all(line["error"].startswith("User error: ") for line in found[1:5])
    assert all(line["output"] == {"usersList": []} for line in found[1:5])
    assert "i999" in found[4]["error"]


def test_attributes_get_the_users_who_would_want_such_items(trained: Trained) -> None:
    asked = [
        'ITEMS.genres = "Comedy" AND ITEMS.genres = "Drama"',
        "ITEMS.price = 3.5",
        'ITEMS.genres = "Comedy" AND ITEMS.price = 60.5',
        'ITEMS.genres != "Comedy"',
        'ITEMS.genres = "Comedy" OR ITEMS.genres = "Horror"',
        'ITEMS.color = "red"',
        "anything",
    ]
    lines = [{"itemAttributes": text} for text in asked]
    _, found = segmented(trained, "item-attribute-affinity", "attributes", lines, numResults=15)
    assert [line["input"] for line in found] == lines
    assert set(found[0]) == {"input", "output", "error"} and found[0]["error"] is None
    assert len(found[0]["output"]["usersList"]) == 15
    assert camp(found[1]["output"]["usersList"]) == {1}
    assert "no item" in found[2]["error"]
    assert all(line["error"].startswith("User error: ") for line in found[2:])


def test_too_many_queries_fail_the_job(trained: Trained) -> None:
    lines = [{"itemAttributes": 'ITEMS.genres = "Comedy"'}] * 11
    job, _ = segmented(trained, "item-attribute-affinity", "many", lines)
    assert job["status"] == "CREATE FAILED"
    assert "more than 10 lines" in job["failureReason"]


def test_filters_of_users_restrict_segments(trained: Trained) -> None:
    journey, group, _ = trained

    def filter_(name: str, expression: str) -> str:
        made = journey.personalize.create_filter(
            name=f"segments-{name}", datasetGroupArn=group, filterExpression=expression
        )
        return str(made["filterArn"])

    young = filter_("young", "INCLUDE UserID WHERE Users.AGE < $AGE")
    values = {"filterValues": {"AGE": "30"}}
    _, (line, without) = segmented(
        trained, "item-affinity", "young", [{"itemId": "i3", **values}, {"itemId": "i3"}], filterArn=young
    )
    assert {int(user[1:]) for user in line["output"]["usersList"]} == set(range(10))
    assert "parameter AGE" in without["error"]

    buyers = filter_("buyers", 'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")')
    bought = {row.split(",")[0] for row in interactions_csv().splitlines() if ",buy," in row}
    _, (line,) = segmented(trained, "item-affinity", "buyers", [{"itemId": "i3"}], filterArn=buyers)
    assert not bought & set(line["output"]["usersList"])

    seen = filter_("seen", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    with pytest.raises(ClientError, match="must be about UserID"):
        segmented(trained, "item-affinity", "seen", [{"itemId": "i3"}], filterArn=seen)


def test_each_kind_of_job_takes_only_versions_of_its_recipes(trained: Trained) -> None:
    journey, group, versions = trained
    with pytest.raises(ClientError, match="does not support batch inference"):
        journey.infer(versions["item-affinity"], user_lines(["u1"]))
    with pytest.raises(ClientError, match="cannot be deployed"):
        journey.personalize.create_campaign(name="segments", solutionVersionArn=versions["item-affinity"])
    popular = journey.train(journey.solution(group, "aws-popularity-count", name="segments-popular"))
    other = (journey, group, {"popular": popular["solutionVersionArn"]})
    with pytest.raises(ClientError, match="does not support batch segment"):
        segmented(other, "popular", "popular", [{"itemId": "i3"}])


def test_an_item_that_nobody_touched_gets_the_users_of_items_like_it(journey: Journey) -> None:
    group = journey.group()
    camps = "".join(f"i{n},{'Low' if n < 40 else 'High'},,\n" for n in range(80))
    metadata = f"ITEM_ID,GENRES,PRICE,TITLE\n{camps}new-low,Low,,\nnew-high,High,,\n"
    for kind, body in (("Interactions", interactions_csv()), ("Items", metadata)):
        assert journey.import_csv(journey.dataset(group, kind), body)["status"] == "ACTIVE"
    version = journey.train(journey.solution(group, "aws-item-affinity"))
    assert version["status"] == "ACTIVE", version
    lines = '{"itemId": "new-low"}\n{"itemId": "new-high"}\n'
    found = journey.segment(version["solutionVersionArn"], lines, "new", numResults=20)
    assert found["status"] == "ACTIVE", found
    low, high = journey.output("new")
    assert camp(low["output"]["usersList"]) == {1}
    assert camp(high["output"]["usersList"]) == {0}


def test_segments_are_made_of_full_imports_and_of_what_was_put(
    journey: Journey, server: PersonalizeServer
) -> None:
    group = journey.group()
    dataset = journey.dataset(group)
    assert journey.import_csv(dataset, interactions_csv())["status"] == "ACTIVE"
    appended = interactions_csv().replace("\nu", "\nappended")
    job = journey.import_csv(dataset, appended, "2", importMode="INCREMENTAL")
    assert job["status"] == "ACTIVE", job
    tracker = journey.personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)
    for item in range(5):
        event = {"eventType": "view", "itemId": f"i{item}", "sentAt": 1_700_009_000 + item}
        server.client("personalize-events").put_events(
            trackingId=tracker["trackingId"], sessionId="s", userId="visitor", eventList=[event]
        )

    def users(recipe: str, run: str) -> set[str]:
        version = journey.train(journey.solution(group, recipe, name=f"{journey.name}-{run}"))
        journey.segment(version["solutionVersionArn"], '{"itemId": "i3"}\n', run, numResults=500)
        return set(journey.output(run)[0]["output"]["usersList"])

    found = users("aws-item-affinity", "full")
    assert "visitor" in found and "u1" in found
    assert not [user for user in found if user.startswith("appended")]
    job = journey.import_csv(dataset, appended, "3")
    assert job["status"] == "ACTIVE", job
    assert "appended1" in users("aws-item-affinity", "replaced")


def test_a_line_is_written_as_the_service_was_seen_to_write_it() -> None:
    """Saved in update-item-dataset-schema-example.ipynb of aws-samples/amazon-personalize-samples."""
    saved = (
        r'{"input": {"itemAttributes": "ITEMS.CATEGORY_L1 = \"tools\""}, '
        r'"output": {"usersList": ["2131","2504","4680"]}, "error": null}'
    )
    asked = json.dumps(json.loads(saved)["input"]).encode()
    written = segment_line(parse_wish(asked, by_attributes=True), ["2131", "2504", "4680"])
    assert written == f"{saved}\n"
