"""The likeliest mistakes between SQL and configuration: `check` and a run refuse each, and say the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import boto3
import pytest

from config.schema import DataChecks, OwnItems, Reaction, StageConfig, UseCase
from config.stages import STAGES
from operations.checking import command, telling
from operations.checking.looking import Checked, Settings, check_use_case
from operations.cli import main
from pipeline.errors import DatasetRejected, QueryFailed
from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.query import Query
from pipeline.extract.schema import DatasetSchema
from pipeline.storage import Bucket
from stacks.props.training_workflow import training_workflow_props
from steps import extract_dataset as step
from steps.request import read_request
from tests.app.support.checked_shop import INTERACTIONS, ITEMS, shop
from tests.app.support.extraction import NOW, extracted

RUN = "20231114T221320000"
REFUSED = f"datasets/shop/{RUN}/{{}}.refused.json"


class Mistake(NamedTuple):
    """In a query: `wrong` in the place of `right`. value: that a person has to see. remedy: words of it."""

    dataset: str
    right: str
    wrong: str
    value: str
    remedy: str


EVENT = "CASE i % 3 WHEN 0 THEN 'purchase' ELSE 'view' END"
MISTAKES = {
    "a column without quotes": Mistake(
        "interactions", 'AS "USER_ID"', "AS user_id", "user_id", 'write AS "USER_ID", quotes included'
    ),
    "a column that is not there": Mistake(
        "items", "'category ' || i % 5", "i.category", "i.category", "line 1, column 36"
    ),
    "a time that is no number": Mistake(
        "interactions", "1699000000 + i", "to_timestamp(1699000000 + i)", "2023-11-03", "extract(epoch"
    ),
    "milliseconds": Mistake(
        "interactions", "1699000000 + i", "(1699000000 + i) * 1000::bigint", "1699000001000", "divide it by"
    ),
    "a time to come": Mistake(
        "interactions", "1699000000 + i", "CASE i WHEN 7 THEN 1800000000 ELSE 1699000000 END", "1800000000",
        "leave out what lies before 1990 or after tomorrow",
    ),
    "a number with a comma": Mistake("items", "'1.50'", "'1,50'", "1,50", "cast it in the query"),
    "an event type of another name": Mistake(
        "interactions", "'purchase'", "'bought'", "bought", "the use case names 'view', 'purchase'"
    ),
    "an event type in another case": Mistake(
        "interactions", "'purchase'", "'Purchase'", "Purchase", "did you mean 'purchase'?"
    ),
    "own items that never occur": Mistake(
        "interactions", EVENT, "'view'", "'purchase', named by own_items", "add its rows to the query"
    ),
    "nobody's events": Mistake(
        "interactions", "'person-' || i % 100", "nullif('person-' || i % 100, 'person-7')", "thing-7",
        "WHERE ... IS NOT NULL",
    ),
    "items multiplied by a join": Mistake(
        "items", "generate_series(0, 36) AS i", "generate_series(0, 36) AS i, (VALUES (1), (2)) AS j",
        "thing-3", "DISTINCT ON",
    ),
    "ids that are too long": Mistake(
        "interactions", "'thing-' || i % 37", "repeat('thing-' || i % 37, 40)", "thing-1thing-1", "a hash of"
    ),
    "too short a time": Mistake("interactions", "1, 1200", "1, 999", "999", "look far enough back"),
    "everybody is somebody else": Mistake("interactions", "i % 100", "i", "0 users", "is USER_ID the person"),
}  # fmt: skip


@pytest.fixture
def run(database: Database, bucket: Bucket) -> Callable[[UseCase, str], Extracted]:
    """The step that extracts a dataset, with what the workflow of a stage tells it."""

    def extract(use_case: UseCase, dataset: str) -> Extracted:
        [source] = [each for each in sources_of(use_case) if each.name == dataset]
        event = {
            "useCase": use_case.name,
            "run": RUN,
            "dataset": dataset,
            **source.origin,
            "columns": [dict(column) for column in source.columns],
            **({"eventTypes": source.event_types} if source.event_types else {}),
        }
        request = read_request(step.Request, event)
        work = Extract(
            use_case=request.use_case,
            run=request.run,
            schema=DatasetSchema(request.dataset, request.columns),
            source=Query(database, request.query),
            events=request.event_types,
        )
        return extract_dataset(work, bucket, clock=lambda: NOW)

    return extract


def sources_of(use_case: UseCase) -> Any:
    """Of the workflow of a stage that has a database."""
    stage: StageConfig = next(stage for stage in STAGES if stage.database)
    nothing: Any = SimpleNamespace(copies=None)
    props = training_workflow_props(
        stage, use_case, model=None, functions=nothing, data=nothing, topic=nothing, dead_letters=nothing
    )
    return props.sources


def checked(use_case: UseCase, database: Database) -> Checked:
    return check_use_case(use_case, database, Settings(now=NOW, seconds=60))


def made(folder: Path, mistake: Mistake) -> UseCase:
    queries = {"interactions": INTERACTIONS, "items": ITEMS}
    assert mistake.right in queries[mistake.dataset]
    query = queries[mistake.dataset].replace(mistake.right, mistake.wrong)
    return shop(folder, **{mistake.dataset: query})


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_before_deploying_and_by_a_run_with_value_and_remedy(
    tmp_path: Path, database: Database, bucket: Bucket, run: Any, mistake: Mistake
) -> None:
    use_case = made(tmp_path, mistake)

    told = telling.text([checked(use_case, database)])
    with pytest.raises((DatasetRejected, QueryFailed)) as refused:
        run(use_case, mistake.dataset)

    assert mistake.value in told and mistake.remedy in told
    assert "a run would be refused of: shop" in told
    assert mistake.remedy in str(refused.value)
    kept = bucket.read_json(REFUSED.format(mistake.dataset))
    values = [str(row) for finding in (kept or {}).get("findings", ()) for row in finding["rows"]]
    assert mistake.value in str(values or refused.value)
    assert bool(kept) == (f"s3://{bucket.name}/{REFUSED.format(mistake.dataset)}" in str(refused.value))
    assert extracted(bucket) == []


def test_a_shop_without_a_mistake_is_good_and_its_figures_are_those_of_a_run(
    tmp_path: Path, database: Database, run: Any
) -> None:
    use_case = shop(tmp_path)

    found = checked(use_case, database)
    extraction = run(use_case, "interactions")

    assert not found.is_refused and found.warnings == []
    figures = found.datasets[0].figures
    assert figures
    assert (figures.rows, figures.users, figures.items) == (1200, 100, 37)
    assert extraction["eventTypes"] == figures.event_types == {"view": 800, "purchase": 400}
    assert (found.own_rows, found.audience) == (400, 100)
    assert "own items: 400 of 1,200 interactions (33.3%, 4.0 a person)" in telling.text([found])


def test_no_message_of_a_run_has_a_whole_id_and_the_kept_rows_have_all_values(
    tmp_path: Path, bucket: Bucket, run: Any
) -> None:
    query = INTERACTIONS.replace("1699000000 + i", "CASE i WHEN 3 THEN 5 ELSE 1699000000 END")
    long = query.replace(
        "'person-' || i % 100", "CASE i WHEN 9 THEN repeat('person-9', 40) ELSE 'p' || i % 100 END"
    )

    with pytest.raises(DatasetRejected) as refused:
        run(shop(tmp_path, interactions=long), "interactions")

    assert "person-9" not in str(refused.value) and "(pers…)" in str(refused.value)
    kept = bucket.read_json(REFUSED.format("interactions"))
    assert (kept["rows"], kept["rejected"], kept["useCase"]) == (1200, 2, "shop")
    by_rule = {finding["rule"]: finding["rows"] for finding in kept["findings"]}
    assert by_rule["implausible time"] == [
        {"line": 4, "value": "5", "row": dict(zip(("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"),
                                                  ("p3", "thing-3", "purchase", "5"), strict=True))}
    ]  # fmt: skip
    assert by_rule["longer than 256 characters"][0]["value"] == "person-9" * 40


def test_a_use_case_may_be_warned_of_event_types_instead(
    tmp_path: Path, database: Database, bucket: Bucket, run: Any
) -> None:
    warned = DataChecks(unknown_event_types=Reaction.WARN, missing_event_types=Reaction.WARN)
    query = INTERACTIONS.replace("'purchase'", "'bought'")

    result = run(shop(tmp_path, interactions=query, checks=warned), "interactions")
    with pytest.raises(DatasetRejected, match="did you mean 'purchase'"):
        run(shop(tmp_path, interactions=query.replace("bought", "PURCHASE "), checks=warned), "interactions")

    assert [warning.partition(":")[0] for warning in result["warnings"]] == [
        "unknown event type 'bought'",
        "event type 'purchase', named by own_items and event_types (with a weight), never occurs",
    ]
    manifest = bucket.read_json(f"datasets/shop/{RUN}/interactions.manifest.json")
    assert manifest["eventTypes"] == {"view": 800, "bought": 400}
    assert manifest["warnings"] == result["warnings"]


def test_any_event_type_passes_where_the_configuration_names_none(tmp_path: Path, run: Any) -> None:
    use_case = shop(tmp_path, event_types=(), own_items=OwnItems(event_types=("*",)))

    assert run(use_case, "interactions")["eventTypes"] == {"view": 800, "purchase": 400}


def test_thousands_of_event_types_are_told_as_few(tmp_path: Path, bucket: Bucket, run: Any) -> None:
    """A column of texts in the wrong place is no reason for a message that nobody can read."""
    with pytest.raises(DatasetRejected) as refused:
        run(shop(tmp_path, interactions=INTERACTIONS.replace(EVENT, "'note ' || i")), "interactions")

    assert str(refused.value).count("unknown event type '") == 20
    assert "other unknown event types in EVENT_TYPE: 1,180 rows" in str(refused.value)
    assert len(bucket.read_json(REFUSED.format("interactions"))["eventTypes"]) == 50


def test_ids_of_another_kind_are_warned_of(tmp_path: Path, database: Database) -> None:
    use_case = shop(tmp_path, items=ITEMS.replace("'thing-' || i", "i"))

    [warning] = checked(use_case, database).warnings

    assert "37 of 37 ITEM_IDs of the interactions are not among the items" in warning
    assert "thing-1" in warning and "the items have 0, 1, 2" in warning


def test_only_the_active_are_the_audience_of_a_stage_that_says_so(tmp_path: Path, database: Database) -> None:
    query = INTERACTIONS.replace("1699000000 + i", "1699000000 + i % 100 * 10000")
    settings = Settings(now=NOW, seconds=60, active_within_days=3)

    found = check_use_case(shop(tmp_path, interactions=query), database, settings)

    active = sum(1699000000 + person * 10000 >= NOW - 3 * 86_400 for person in range(100))
    assert found.audience == active and 0 < active < 100
    late = check_use_case(shop(tmp_path, interactions=query), database, replace(settings, now=NOW + 10**7))
    assert late.is_refused
    assert "nobody was active in the last 3 days" in telling.text([late])


def test_a_query_that_writes_is_refused_and_writes_nothing(tmp_path: Path, database: Database) -> None:
    query = INTERACTIONS.replace("1, 1200", "1, 1200 + (SELECT lo_create(4711)::int % 1)")

    found = checked(shop(tmp_path, interactions=query), database)

    assert "25006" in found.datasets[0].problems[0]
    assert not found.datasets[1].problems


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say which database"),
        (("--dsn", "mysql://me@there/app"), "must be like postgresql://"),
        (("--dsn", "postgresql://me@there:port/app"), "must be like postgresql://"),
        (
            ("--dsn", "postgresql://me@there/app", "--use-case", "nosuch"),
            "there is no use case 'nosuch': choose from",
        ),
        (
            ("--dsn", "postgresql://me@there/app", "--stage", "nosuch"),
            "there is no stage 'nosuch': choose from",
        ),
        (("--dsn", "postgresql://me:secret@127.0.0.1:9/app"), "cannot be reached, and nothing was checked"),
    ],
)
def test_what_cannot_be_checked_is_told_apart_from_what_is_refused(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(boto3, "client", None)

    assert main(["check", *arguments]) == 2

    told = capsys.readouterr().err
    assert words in told and "secret" not in told


def test_a_database_may_be_named_in_the_ways_of_libpq() -> None:
    found = command.database_of("postgres://me:p%40ss@db.example:5433/my%20app?sslmode=require")
    assert found == Database("db.example", 5433, "me", "my app", "p@ss", "require")
    assert command.database_of("postgresql://me@/app?host=/run/pg").host == "/run/pg"
