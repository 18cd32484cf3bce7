"""Names, schemas and quotas that stages and use cases make together."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.derived.avro import avro_schema
from config.derived.names import PersonalizeNames
from config.derived.recipes import Group, parameters_of
from config.rules import check
from config.schema import ALL_EVENTS, Column, ColumnType, DatasetType, OwnItems, Personalize, UseCase
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from tests.app.support.business.stages import DEV, LOCAL, STAGES, STAGING

POSTS = next(use_case for use_case in USE_CASES if use_case.name == "posts")
POSTS_ITEMS = POSTS.datasets[DatasetType.ITEMS]


def untied(use_case: UseCase) -> UseCase:
    """Of no particular stage."""
    assert use_case.personalize
    return replace(use_case, variants=(replace(use_case.personalize, campaign=None),), endpoint=None)


UNTIED = tuple(map(untied, USE_CASES))
STAGE_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
USE_CASE_NAMES = st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True)


@given(STAGE_NAMES, USE_CASE_NAMES, st.integers(1, 99))
def test_names_either_suit_personalize_or_are_refused(
    stage_name: str, use_case_name: str, version: int
) -> None:
    use_case = replace(untied(POSTS), name=use_case_name, version=version)
    names = dict(PersonalizeNames(stage_name, use_case).all())

    fits = all(re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,62}", name) for name in names.values())

    if fits:
        check((replace(DEV, name=stage_name),), (use_case,))
    else:
        with pytest.raises(ConfigError, match="shorten the use case's or the stage's name"):
            check((replace(DEV, name=stage_name),), (use_case,))


def test_names_of_all_stages_and_use_cases_differ() -> None:
    for pick in ("dataset group", "solution", "filter", "interactions import job", "batch inference job"):
        of_all = [dict(PersonalizeNames(s.name, u).all()) for s in STAGES for u in USE_CASES]
        names = [names[pick] for names in of_all if pick in names]
        assert len(names) >= 3 * len(STAGES)
        assert len(set(names)) == len(names)


def test_a_name_tells_stage_and_use_case() -> None:
    programs = next(use_case for use_case in USE_CASES if use_case.name == "training_programs")
    names = PersonalizeNames("prod", programs)

    assert names.dataset_group == "recs-prod-training-programs"
    assert names.campaign == "recs-prod-training-programs"
    assert names.dataset(DatasetType.USERS) == "recs-prod-training-programs-users"
    assert names.import_job(DatasetType.ITEMS, "20261121T195012345") == (
        "recs-prod-training-programs-items-20261121T195012345"
    )
    assert names.batch_job("20261121T195012345") == "recs-prod-training-programs-batch-20261121T195012345"


def test_what_cannot_be_changed_in_place_gets_another_name_when_it_changes() -> None:
    names = PersonalizeNames("dev", POSTS)
    wider = replace(POSTS_ITEMS, columns=(*POSTS_ITEMS.columns, Column(name="LENGTH", type=ColumnType.INT)))
    other_schema = PersonalizeNames("dev", replace(POSTS, items=wider))
    other_parameters = PersonalizeNames(
        "dev", replace(POSTS, variants=(Personalize(hyper_parameters={"apply_recency_bias": False}),))
    )
    other_own_items = PersonalizeNames("dev", replace(POSTS, own_items=OwnItems(event_types=("like",))))
    no_own_items = PersonalizeNames("dev", replace(POSTS, own_items=OwnItems()))

    assert other_schema.schema(DatasetType.ITEMS) != names.schema(DatasetType.ITEMS)
    assert other_schema.schema(DatasetType.USERS) == names.schema(DatasetType.USERS)
    assert other_parameters.solution != names.solution
    assert other_own_items.own_items_filter != names.own_items_filter
    assert other_own_items.solution == names.solution
    assert no_own_items.own_items_filter is None


def test_the_next_version_of_a_use_case_stands_beside_the_first() -> None:
    first, second = (PersonalizeNames("dev", replace(POSTS, version=version)) for version in (1, 2))

    assert first.dataset_group == "recs-dev-posts"
    assert second.dataset_group == "recs-dev-posts2"
    assert not {name for _, name in first.all()} & {name for _, name in second.all()}


def test_a_schema_lists_the_columns_in_their_order() -> None:
    schema = json.loads(avro_schema(DatasetType.ITEMS, POSTS_ITEMS))

    assert schema == {
        "type": "record",
        "name": "Items",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TITLE", "type": ["null", "string"], "textual": True},
            {"name": "TOPICS", "type": ["null", "string"], "categorical": True},
            {"name": "CREATION_TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }


@pytest.mark.parametrize(
    ("event_types", "expression"),
    [
        ((), None),
        (("join", "complete"), 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("join", "complete")'),
        (ALL_EVENTS, 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'),
    ],
)
def test_own_items_become_a_filter(event_types: tuple[str, ...], expression: str | None) -> None:
    assert OwnItems(event_types=event_types).filter_expression == expression


def test_parameters_are_text_in_the_map_they_belong_to() -> None:
    parameters = {"recency_mask": True, "hidden_dimension": 64, "max_user_history_length_percentile": 0.9}

    assert parameters_of("aws-user-personalization", parameters) == {
        Group.ALGORITHM: {"hidden_dimension": "64", "recency_mask": "true"},
        Group.FEATURES: {"max_user_history_length_percentile": "0.9"},
    }


def test_more_dataset_groups_than_an_account_may_have_give_a_warning_that_names_the_quota() -> None:
    shared = (DEV, replace(STAGING, account=DEV.account, notifications=None))

    [notice] = check(shared, UNTIED)

    assert notice.stages == ("dev", "staging")
    assert f"{2 * len(UNTIED)} dataset groups" in notice.text
    assert "L-14011066" in notice.text
    assert DEV.account in notice.text


def test_stages_in_different_accounts_or_regions_do_not_share_the_quota() -> None:
    elsewhere = replace(
        LOCAL,
        notifications=None,
        account=DEV.account,
        region="eu-central-1",
        database=None,
    )

    assert check((DEV, elsewhere), USE_CASES) == ()
