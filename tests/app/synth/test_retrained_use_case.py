"""The construct for apps of somebody else: a use case from a query and a database."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from constructs.ground.layer_cache import cache_folder
from constructs.ground.python_function import FunctionNetwork
from constructs.training.functions import DatabaseAccess
from constructs.training.retrained_use_case import Query, RetrainedUseCase, RetrainedUseCaseProps

from config.derived.avro import avro_schema
from config.use_cases import USE_CASES

PURCHASES = Query(
    sql="SELECT 1",
    fields=[
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
)
DATABASE = DatabaseAccess(
    network=FunctionNetwork(
        subnet_ids=("subnet-0a000000000000001",), security_group_ids=("sg-0a000000000000001",)
    ),
    secret_name="shop/database",
    ssl_mode="require",
)


def made(**changes: Any) -> Template:
    stack = cdk.Stack(cdk.App(context={"aws:cdk:bundling-stacks": []}), "Shop")
    settings = {"name": "shop-products", "interactions": PURCHASES, "database": DATABASE, **changes}
    RetrainedUseCase(stack, "Products", RetrainedUseCaseProps(**settings))
    return Template.from_stack(stack)


def test_a_query_and_a_database_make_a_model_a_workflow_and_its_schedule() -> None:
    kinds = Counter(resource["Type"] for resource in made().to_json()["Resources"].values())

    for kind in ("Personalize::DatasetGroup", "Personalize::Solution", "Scheduler::Schedule", "SNS::Topic"):
        assert kinds[f"AWS::{kind}"] == 1, kind
    assert kinds["AWS::StepFunctions::StateMachine"] == 1
    assert kinds["AWS::Personalize::Dataset"] == 1


@pytest.mark.parametrize("retain", [True, False])
def test_data_outlives_its_stack_where_that_is_asked_for(retain: bool) -> None:
    [table] = made(retain=retain).find_resources("AWS::DynamoDB::GlobalTable").values()

    assert (table["DeletionPolicy"] != "Delete") is retain


@pytest.mark.parametrize("name", ["Shop", "shop_products", "-shop", "shop--products", "s" * 31, ""])
def test_a_name_that_personalize_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name: lower case"):
        made(name=name)


def test_a_name_at_its_limit_is_taken() -> None:
    assert made(name="s" * 30)


def test_a_type_that_is_no_word_is_refused_by_its_field() -> None:
    fields = [*PURCHASES.fields, {"name": "AMOUNT", "type": ["int", "float"]}]

    with pytest.raises(ValueError, match=r"AMOUNT: a type is one word"):
        made(interactions=Query(sql="SELECT 1", fields=fields))


def test_columns_are_what_the_schema_says() -> None:
    """Held against the configuration, which goes the other way: from columns to a schema."""
    for use_case in USE_CASES:
        for kind, dataset in use_case.datasets.items():
            schema = avro_schema(kind, dataset)
            query = Query(sql=dataset.query, fields=json.loads(schema)["fields"])

            assert query.schema(kind.value) == schema
            assert list(query.columns) == [column.as_json() for column in dataset.columns]


def test_layers_are_kept_where_the_user_keeps_caches(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}).is_relative_to(tmp_path)
    assert cache_folder({}).is_relative_to(Path.home())
