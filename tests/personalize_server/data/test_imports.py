"""What an import accepts, and what it says of what it refuses."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.personalize_server.support.journey import (
    Journey,
    interactions_csv,
    items_csv,
    schema_text,
    user_lines,
    users_csv,
)


def with_line(number: int, line: str) -> Callable[[], str]:
    """The good interactions with one line (1: the header) replaced."""

    def body() -> str:
        lines = interactions_csv().split("\n")
        lines[number - 1] = line
        return "\n".join(lines)

    return body


BAD_INTERACTIONS: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "a column missing": (
        with_line(1, "USER_ID,ITEM_ID,TIMESTAMP,EVENT,VALUE"),
        "Input CSV is missing the following columns:[EVENT_TYPE, EVENT_VALUE].",
    ),
    "a column of the schema twice": (
        with_line(1, "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,ITEM_ID"),
        "has a column name more than once",
    ),
    "a quoted header": (
        with_line(1, '"USER_ID",ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE'),
        "must not be quoted",
    ),
    "too few values": (with_line(700, "u1,i1,1700000000,view"), "Line 700 of the input CSV has 4 values"),
    "no user": (with_line(3, ",i1,1700000000,view,1"), "Line 3 of the input CSV has no value for USER_ID"),
    "a long id": (
        with_line(4, f"{'u' * 257},i1,1700000000,view,1"),
        "Length cannot be more than 256 characters for USER_ID (line 4)",
    ),
    "no time": (with_line(5, "u1,i1,,view,1"), "Line 5 of the input CSV has no value for TIMESTAMP"),
    "a date for a time": (
        with_line(6, "u1,i1,2026-11-21,view,1"),
        "Line 6 of the input CSV has the value '2026-11-21' for TIMESTAMP, which is not of type long",
    ),
    "a time of two to the 64": (with_line(6, f"u1,i1,{2**64},view,1"), "which is not of type long"),
    "a number beyond all": (
        with_line(7, "u1,i1,1700000000,view,-1e999"),
        "Line 7 of the input CSV has the value '-1e999' for EVENT_VALUE, which is not of type float",
    ),
    "a word for a number": (
        with_line(7, "u1,i1,1700000000,view,much"),
        "Line 7 of the input CSV has the value 'much' for EVENT_VALUE, which is not of type float",
    ),
    "a quote without an end": (
        with_line(8, 'u1,"i1,1700000000,view,1'),
        "Line 8 of the input CSV has a quoted value without an end",
    ),
    "a doubled quote": (
        with_line(9, 'u1,"i""1",1700000000,view,1'),
        "Line 9 of the input CSV has text after a quoted value",
    ),
    "a control character in an id": (
        with_line(11, "u1,i\0,1700000000,view,1"),
        "Line 11 of the input CSV has a control character in ITEM_ID",
    ),
    "a line break inside a quoted id": (
        with_line(12, 'u1,"i\n1",1700000000,view,1'),
        "line breaks inside values are not allowed",
    ),
    "latin-1": (
        lambda: with_line(10, "é,i1,1700000000,view,1")().encode("latin-1"),
        "Line 10 of the input CSV is not UTF-8",
    ),
    "an empty file": (lambda: "", "The input CSV is empty"),
    "only a header": (
        lambda: "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n",
        "has 0 records, fewer than the minimum of 1000",
    ),
    "999 interactions": (
        lambda: "\n".join(interactions_csv().split("\n")[:1000]),
        "has 999 records, fewer than the minimum of 1000",
    ),
}


@pytest.fixture(scope="module")
def interactions(personalize: Any, s3: Any) -> tuple[Journey, str]:
    journey = Journey(personalize, s3, "bad-imports")
    return journey, journey.dataset(journey.group())


@pytest.mark.parametrize("case", BAD_INTERACTIONS)
def test_a_bad_file_fails_the_import_and_is_explained(interactions: tuple[Journey, str], case: str) -> None:
    journey, dataset = interactions
    body, reason = BAD_INTERACTIONS[case]
    job = journey.import_csv(dataset, body(), run=str(abs(hash(case))))
    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].startswith("Failed to create a data import job for INTERACTIONS dataset. ")
    assert reason in job["failureReason"]


def test_a_missing_object_or_bucket_is_an_invalid_location(interactions: tuple[Journey, str]) -> None:
    journey, dataset = interactions
    for run, location in enumerate(
        ("s3://personalize-data/no/such.csv", "s3://personalize-data/no/folder/", "s3://no-such-bucket/x.csv")
    ):
        job = journey.imported(journey.start_import(dataset, location, f"missing-{run}"))
        assert job["status"] == "CREATE FAILED"
        assert "Invalid Data location." in job["failureReason"]


def test_a_bucket_that_denies_access_fails_the_import_in_the_documented_words(
    interactions: tuple[Journey, str], s3: Any
) -> None:
    journey, dataset = interactions
    bucket = "personalize-denied"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="i.csv", Body=interactions_csv())
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
        f'"Action": "s3:*", "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"]}}]}}'
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    job = journey.imported(journey.start_import(dataset, f"s3://{bucket}/i.csv", "denied"))
    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].endswith("Insufficient privileges for accessing data in Amazon S3.")


def test_a_folder_is_read_on_its_first_level_and_file_after_file(journey: Journey) -> None:
    dataset = journey.dataset(journey.group())
    lines = interactions_csv().splitlines(keepends=True)
    location = journey.put("folder/a.csv", "".join(lines[:900])).removesuffix("a.csv")
    journey.put("folder/b.csv", "".join([lines[0], *lines[900:]]))
    journey.put("folder/deeper/c.csv", "not,a,good\nfile")
    job = journey.imported(journey.start_import(dataset, location))
    assert job["status"] == "ACTIVE", job


def test_windows_line_ends_blank_lines_and_a_byte_order_mark_are_no_problem(journey: Journey) -> None:
    body = "\ufeff" + interactions_csv().replace("\n", "\r\n") + "\r\n\r\n"
    assert journey.import_csv(journey.dataset(journey.group()), body)["status"] == "ACTIVE"


def test_columns_may_come_in_another_order_than_in_the_schema(journey: Journey) -> None:
    lines = [line.split(",") for line in interactions_csv().splitlines()]
    body = "\n".join(",".join(reversed(line)) for line in lines)
    assert journey.import_csv(journey.dataset(journey.group()), body)["status"] == "ACTIVE"


def test_escaped_text_is_read_and_a_long_category_is_refused(journey: Journey) -> None:
    items = journey.dataset(journey.group(), "Items")
    assert journey.import_csv(items, items_csv())["status"] == "ACTIVE"
    body = items_csv() + f"i99,{'x' * 1001},,\n"
    job = journey.import_csv(items, body, "2")
    assert "Length cannot be more than 1000 characters for GENRES (line 82)." in job["failureReason"]


def test_an_empty_value_is_null_only_where_the_schema_allows_it(journey: Journey) -> None:
    users = journey.dataset(journey.group(), "Users")
    assert journey.import_csv(users, users_csv())["status"] == "ACTIVE"
    job = journey.import_csv(users, users_csv() + "u99,,m\n", "2")
    assert "Line 62 of the input CSV has no value for AGE." in job["failureReason"]


def test_a_full_import_replaces_and_an_incremental_one_adds(journey: Journey) -> None:
    group = journey.group()
    dataset = journey.dataset(group)
    with pytest.raises(
        journey.personalize.exceptions.InvalidInputException, match="must have the import mode FULL"
    ):
        journey.start_import(dataset, "s3://personalize-data/x.csv", importMode="INCREMENTAL")
    solution = journey.solution(group, "aws-popularity-count")

    def popular(run: str) -> set[str]:
        version = journey.train(solution)["solutionVersionArn"]
        journey.infer(version, user_lines(["u1"]), run, numResults=500)
        [line] = journey.output(run)
        return set(line["output"]["recommendedItems"])

    journey.import_csv(dataset, interactions_csv(), "1")
    more = interactions_csv().replace(",i", ",more-i")
    assert journey.import_csv(dataset, more, "2", importMode="INCREMENTAL")["status"] == "ACTIVE"
    both = popular("a")
    assert {item for item in both if item.startswith("more-")} and len(both) == 160
    journey.import_csv(dataset, more, "3")
    assert all(item.startswith("more-") for item in popular("b"))


def test_a_failed_import_leaves_the_data_as_it_was(journey: Journey) -> None:
    group = journey.group()
    dataset = journey.dataset(group)
    journey.import_csv(dataset, interactions_csv())
    assert journey.import_csv(dataset, with_line(9, "broken")(), "2")["status"] == "CREATE FAILED"
    assert journey.train(journey.solution(group))["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("dataset_type", "schema", "problem"),
    [
        ("Interactions", schema_text("Interactions", without="TIMESTAMP"), "missing the following required"),
        ("Interactions", schema_text("Items"), "The schema is called Items"),
        ("Users", schema_text("Users").replace("int", "array"), "a type that is not supported"),
        ("Users", schema_text("Users", {"name": "user_id", "type": "string"}), "too alike"),
        ("Items", schema_text("Items").replace('"fields"', '"columns"'), "a name and a list of fields"),
        ("Items", "{", "not valid JSON"),
        (
            "Interactions",
            schema_text("Interactions", *({"name": f"X{n}", "type": "string"} for n in range(6))),
            "at most 5",
        ),
        ("Users", schema_text("Users", {"name": "BIO", "type": "string", "textual": True}), "textual"),
    ],
)
def test_a_schema_that_breaks_a_rule_is_refused(
    journey: Journey, dataset_type: str, schema: str, problem: str
) -> None:
    group = journey.group()
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=problem):
        journey.dataset(group, dataset_type, schema)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            {"users": 24, "per_user": 50, "items": 200},
            "fewer than 25 users with at least 2",
        ),
        ({"users": 3000, "per_user": 1}, "fewer than 25 users with at least 2"),
    ],
)
def test_too_few_users_with_two_interactions_fail_the_training(
    journey: Journey, data: dict[str, int], reason: str
) -> None:
    version = journey.train(journey.solution(journey.ready_to_train(**data)))
    assert version["status"] == "CREATE FAILED"
    assert version["failureReason"].startswith("Create failed. Dataset has ")
    assert reason in version["failureReason"]


def test_training_without_any_data_fails(journey: Journey) -> None:
    group = journey.group()
    journey.dataset(group)
    version = journey.train(journey.solution(group))
    assert version["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions" in version["failureReason"]
