"""Rules of use cases, each broken alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from config.rules import check
from config.schema import Campaign, DatasetType, EventType, Judgement, OwnItems, Personalize, UseCase
from config.types.errors import ConfigError
from config.use_cases import discover
from tests.app.support.business.stages import STAGES
from tests.app.support.films import problems_of


def test_a_good_use_case_has_no_problems(good: UseCase) -> None:
    assert check(STAGES, (good,)) == check(STAGES, ())


def test_interactions_alone_are_a_use_case(good: UseCase) -> None:
    check(STAGES, (replace(good, users=None, items=None),))


def personalize(**settings: Any) -> dict[str, Any]:
    return {"variants": (Personalize(**settings),)}


RECIPE, CAMPAIGN = "variants[personalize].recipe", "variants[personalize].campaign"
RECURRENT = "aws-user-personalization"
V1 = {"event_types": (EventType(name="buy"),)}
BROKEN_VALUES: dict[str, tuple[dict[str, Any], str, str]] = {
    "name with a hyphen": ({"name": "my-films"}, "name", "joined by _"),
    "no description": ({"description": " "}, "description", "what is recommended"),
    "version": ({"version": 0}, "version", "at least 1"),
    "too many results": ({"batch_results": 501}, "batch_results", "1 to 500"),
    "more stored than there are": ({"recommendations": 101}, "recommendations", "batch_results (100)"),
    "nothing stored": ({"recommendations": 0}, "recommendations", "from 1"),
    "lists of half a write unit": ({"list_bytes": 1_536}, "list_bytes", "a multiple of it up to 409,600"),
    "share of nobody": ({"minimum_loaded_share": 0}, "minimum_loaded_share", "above 0"),
    "share above all": ({"minimum_loaded_share": 1.01}, "minimum_loaded_share", "at most 1"),
    "empty shards": ({"users_per_shard": 0}, "users_per_shard", "50000000"),
    "recipe unknown": (personalize(recipe="aws-magic"), RECIPE, "aws-user-personalization-v2"),
    "recipe for segments": (personalize(recipe="aws-item-affinity"), RECIPE, "segments of users"),
    "recipe for popular items": (personalize(recipe="aws-trending-now"), RECIPE, "popular items"),
    "recipe for rankings": (personalize(recipe="aws-personalized-ranking-v2"), RECIPE, "ranking"),
    "recipe for actions": (personalize(recipe="aws-next-best-action"), RECIPE, "actions"),
    "legacy recipe": (personalize(recipe="aws-hrnn"), RECIPE, "legacy"),
    "parameter unknown": (
        personalize(hyper_parameters={"bptt": 3}),
        "variants[personalize].hyper_parameters[bptt]",
        "it takes apply_recency_bias",
    ),
    "parameter of another type": (
        personalize(hyper_parameters={"apply_recency_bias": "yes"}),
        "variants[personalize].hyper_parameters[apply_recency_bias]",
        "type bool",
    ),
    "parameter out of range": (
        {**V1, **personalize(recipe=RECURRENT, hyper_parameters={"hidden_dimension": 31})},
        "variants[personalize].hyper_parameters[hidden_dimension]",
        "from 32 to 256",
    ),
    "truth is no number": (
        {
            **V1,
            **personalize(recipe=RECURRENT, hyper_parameters={"max_user_history_length_percentile": True}),
        },
        "variants[personalize].hyper_parameters[max_user_history_length_percentile]",
        "type float",
    ),
    "weights in a recipe of version 1": (
        personalize(recipe=RECURRENT),
        "event_types",
        "only these recipes take weights of events: aws-user-personalization-v2\n",
    ),
    "weight above 1": (
        {"event_types": (EventType(name="buy", weight=1.5),)},
        "event_types[buy].weight",
        "from 0 to 1",
    ),
    "weight below 0": (
        {"event_types": (EventType(name="view", weight=-0.1), EventType(name="buy", weight=1))},
        "event_types[view].weight",
        "from 0 to 1",
    ),
    "all weights 0": (
        {"event_types": (EventType(name="buy", weight=0),)},
        "event_types",
        "at least one weight",
    ),
    "one without a weight": (
        {"event_types": (EventType(name="buy", weight=1), EventType(name="view"))},
        "event_types",
        "need a weight",
    ),
    "event twice": (
        {"event_types": (EventType(name="buy", weight=1), EventType(name="Buy", weight=1))},
        "event_types",
        "twice",
    ),
    "event with a quote": (
        {"event_types": (EventType(name='b"y', weight=1), EventType(name="buy", weight=1))},
        "event_types",
        "letters, digits",
    ),
    "own event unknown": (
        {"own_items": OwnItems(event_types=("eat",))},
        "own_items.event_types",
        "one of the use case's event_types",
    ),
    "star among events": (
        {"own_items": OwnItems(event_types=("buy", "*"))},
        "own_items.event_types",
        "stands alone",
    ),
    "metric": ({"judgement": Judgement(metric="recall")}, "judgement.metric", "precision_at_10"),
    "floor": ({"judgement": Judgement(floor=1)}, "judgement.floor", "below 1"),
    "tolerance": ({"judgement": Judgement(tolerance=-0.1)}, "judgement.tolerance", "share"),
    "campaign without capacity": (
        personalize(campaign=Campaign(stages=("prod",), min_provisioned_tps=0)),
        f"{CAMPAIGN}.min_provisioned_tps",
        "at least 1",
    ),
    "campaign nowhere": (personalize(campaign=Campaign(stages=())), f"{CAMPAIGN}.stages", "name a stage"),
    "campaign elsewhere": (
        personalize(campaign=Campaign(stages=("mars",))),
        f"{CAMPAIGN}.stages",
        "must be a stage",
    ),
}


@pytest.mark.parametrize(("changes", "field", "rule"), BROKEN_VALUES.values(), ids=BROKEN_VALUES)
def test_a_broken_rule_of_a_use_case_is_named(
    good: UseCase, changes: dict[str, Any], field: str, rule: str
) -> None:
    broken = replace(good, **changes)

    [problem] = problems_of(broken)

    assert problem.startswith(f"use case {broken.name}, {field}: ")
    assert rule in f"{problem}\n"


def test_all_problems_of_stages_and_use_cases_are_told_at_once(good: UseCase) -> None:
    stage = replace(STAGES[0], account="1")
    use_cases = (
        replace(good, **personalize(recipe="x"), batch_results=0),
        replace(good, name="books", version=0),
    )

    with pytest.raises(ConfigError, match="5 problem") as caught:
        check((stage, *STAGES[1:]), use_cases)

    assert [(problem.subject, problem.field) for problem in caught.value.problems] == [
        ("stage dev", "account"),
        ("use case films", "batch_results"),
        ("use case films", "recommendations"),
        ("use case films", RECIPE),
        ("use case books", "version"),
    ]


def test_a_use_case_name_is_used_once(good: UseCase) -> None:
    assert any("one use case only" in problem for problem in problems_of(good, good))


def test_a_version_must_not_look_like_another_use_case(good: UseCase) -> None:
    problems = problems_of(replace(good, version=2), replace(good, name="films2"))

    assert len(problems) == 2 * len(STAGES)
    assert all("which is another's too" in problem for problem in problems)


def test_a_stranger_adds_a_use_case_by_adding_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "interactions.sql").write_text(
        'SELECT a AS "USER_ID", b AS "ITEM_ID", c AS "TIMESTAMP" FROM loans', encoding="utf-8"
    )
    (folder / "use_case.py").write_text(
        """
from pathlib import Path
from config.schema import Column, ColumnType, Dataset, UseCase

USE_CASE = UseCase(
    name="books",
    description="Books to read next",
    interactions=Dataset(
        sql=Path(__file__).with_name("interactions.sql"),
        columns=(
            Column(name="USER_ID"),
            Column(name="ITEM_ID"),
            Column(name="TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
)
""",
        encoding="utf-8",
    )
    (tmp_path / "__pycache__").mkdir()

    [books] = discover(tmp_path)

    check(STAGES, (books,))
    assert books.datasets[DatasetType.INTERACTIONS].query.endswith("FROM loans")


def test_all_folders_that_are_no_use_case_are_told_at_once(tmp_path: Path) -> None:
    for name, text in {"a": None, "b": "X = 1", "c": "USE_CASE = 'films'"}.items():
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "use_case.py").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        discover(tmp_path)

    assert [problem.subject for problem in caught.value.problems] == [
        "use case a",
        "use case b",
        "use case c",
    ]


MISTAKES = {
    "misspelt": ("UseCase(name='misspelt', batch_result=3)", "line 2", "TypeError", "batch_result"),
    "unclosed": ("UseCase(", "line 2", "SyntaxError", "never closed"),
    "unknown": ("nothing", "line 2", "NameError", "'nothing' is not defined"),
}


def test_what_python_says_about_a_folder_is_told_with_its_line(tmp_path: Path) -> None:
    for name, (text, *_) in MISTAKES.items():
        (tmp_path / name).mkdir()
        content = f"from config.types.use_case import UseCase\nUSE_CASE = {text}\n"
        (tmp_path / name / "use_case.py").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        discover(tmp_path)

    for problem in caught.value.problems:
        _, line, kind, words = MISTAKES[problem.subject.removeprefix("use case ")]
        assert problem.field == f"use_case.py {line}"
        assert problem.value == kind and words in problem.rule


def test_what_python_left_of_a_folder_of_another_branch_is_no_use_case(tmp_path: Path) -> None:
    (tmp_path / "gone" / "__pycache__").mkdir(parents=True)

    assert discover(tmp_path) == ()


WRONG_KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "text for a number": ({"batch_results": "100"}, "batch_results", "a whole number"),
    "number for a text": ({"description": 5}, "description", "a text"),
    "fraction for a whole number": ({"version": 1.0}, "version", "a whole number"),
    "yes for a whole number": ({"version": True}, "version", "a whole number"),
    "yes for a share": ({"minimum_loaded_share": True}, "minimum_loaded_share", "a number"),
    "one for several": (
        {"own_items": OwnItems(event_types=cast(Any, "buy"))},
        "own_items.event_types",
        "a comma missing",
    ),
}


@pytest.mark.parametrize("name", WRONG_KINDS)
def test_values_of_another_type_are_told_before_any_other_rule_trips_over_them(
    good: UseCase, name: str
) -> None:
    changes, field, rule = WRONG_KINDS[name]
    [found] = problems_of(replace(good, **changes))
    assert found.startswith(f"use case films, {field}: ")
    assert rule in found


def test_the_query_of_a_dataset_is_a_path_and_lists_of_a_stage_are_tuples(good: UseCase) -> None:
    lost: Any = "items.sql"
    wrong = replace(good, interactions=replace(good.interactions, sql=lost))
    emails: Any = "team@example.com"
    stage = replace(STAGES[0], alarm_emails=emails)

    with pytest.raises(ConfigError) as caught:
        check((stage,), (wrong,))

    told = {problem.field: problem.rule for problem in caught.value.problems}
    assert told["interactions.sql"].startswith("must be a Path")
    assert told["alarm_emails"].endswith("is a comma missing?")
    assert len(told) == 2


def test_a_use_case_is_called_like_its_folder(tmp_path: Path) -> None:
    (tmp_path / "posts2").mkdir()
    (tmp_path / "posts2" / "use_case.py").write_text(
        "from config.use_cases import USE_CASES\nUSE_CASE = USE_CASES[0]\n", encoding="utf-8"
    )

    with pytest.raises(ConfigError, match="the name of its folder"):
        discover(tmp_path)
