"""The constructs that hold data, in an app that is not this one."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template
from constructs.ground.personalize_service import tag_everything_that_may_be
from constructs.models.campaign_removal import CampaignRemoval, CampaignRemovalProps
from constructs.models.personalize_datasets import DatasetProps
from constructs.models.solution_settings import SolutionSettings, SolutionSettingsProps
from constructs.models.use_case_model import SolutionProps, UseCaseModel, UseCaseModelProps
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps
from constructs.storage.item_table import ItemTable, ItemTableProps

CDK_JSON = Path(__file__).parents[3] / "cdk.json"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"


@pytest.fixture
def elsewhere(no_bundling: dict[str, Any]) -> cdk.Stack:
    """Without account and region: constructs must not need to know them."""
    flags = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    return cdk.Stack(cdk.App(context={**flags, **no_bundling}), "Elsewhere")


def data_bucket(stack: cdk.Stack) -> DataBucket:
    key = DataKey(stack, "Key", DataKeyProps(description="Books", retain=False))
    return DataBucket(
        stack, "Data", DataBucketProps(key=key.key, retain=False, versioned=False, batch_days=3)
    )


def test_a_model_needs_interactions_only(elsewhere: cdk.Stack) -> None:
    UseCaseModel(
        elsewhere,
        "Books",
        UseCaseModelProps(
            folder="books",
            dataset_group_name="books",
            datasets=(
                DatasetProps(
                    type="Interactions", name="books-interactions", schema_name="books-1", schema="{}"
                ),
            ),
            solution=SolutionProps(
                name="books-1",
                recipe_arn=RECIPE,
                algorithm_parameters={"hidden_dimension": "64"},
                feature_parameters={"max_user_history_length_percentile": "0.9"},
                event_weights={},
            ),
            data=data_bucket(elsewhere),
            settings=SolutionSettings(elsewhere, "Settings", SolutionSettingsProps()),
            campaigns=CampaignRemoval(elsewhere, "Campaigns", CampaignRemovalProps()),
            retain=False,
        ),
    )
    template = Template.from_stack(elsewhere)

    template.resource_count_is("AWS::Personalize::Dataset", 1)
    template.resource_count_is("AWS::Personalize::Filter", 0)
    template.has_resource_properties("Custom::SolutionSettings", {"EventTypes": []})
    template.has_resource_properties(
        "AWS::Personalize::Solution",
        {
            "RecipeArn": RECIPE,
            "SolutionConfig": {
                "AlgorithmHyperParameters": {"hidden_dimension": "64"},
                "FeatureTransformationParameters": {"max_user_history_length_percentile": "0.9"},
            },
        },
    )


def test_how_long_files_stay_is_up_to_the_user_of_the_bucket(elsewhere: cdk.Stack) -> None:
    data_bucket(elsewhere)

    rules = [{"Id": "Expire-batch", "Prefix": "batch/", "ExpirationInDays": 3, "Status": "Enabled"}]
    Template.from_stack(elsewhere).has_resource_properties(
        "AWS::S3::Bucket", {"LifecycleConfiguration": {"Rules": Match.array_with(rules)}}
    )


def test_bucket_and_key_may_ask_personalize_whom_it_works_for(elsewhere: cdk.Stack) -> None:
    key = DataKey(elsewhere, "Key", DataKeyProps(description="Books", retain=False, own_jobs_only=True))
    props = DataBucketProps(key=key.key, retain=False, versioned=False, own_jobs_only=True)
    DataBucket(elsewhere, "Data", props)
    template = Template.from_stack(elsewhere).to_json()["Resources"].values()
    found = [
        statement
        for resource in template
        for name in ("KeyPolicy", "PolicyDocument")
        for statement in resource["Properties"].get(name, {}).get("Statement", [])
        if statement["Principal"] == {"Service": "personalize.amazonaws.com"}
    ]

    assert len(found) == 4
    assert all(statement["Condition"].keys() == {"StringEquals", "ArnLike"} for statement in found)


def test_a_table_without_replicas_is_in_one_region(elsewhere: cdk.Stack) -> None:
    ItemTable(elsewhere, "Serving", ItemTableProps(name="books", retain=True))

    Template.from_stack(elsewhere).has_resource(
        "AWS::DynamoDB::GlobalTable",
        {
            "DeletionPolicy": "RetainExceptOnCreate",
            "Properties": {"TableName": "books", "Replicas": [{"Region": {"Ref": "AWS::Region"}}]},
        },
    )


def test_a_tag_reaches_what_survives_a_changed_tag(elsewhere: cdk.Stack) -> None:
    cdk.CfnResource(elsewhere, "Group", type="AWS::Personalize::DatasetGroup", properties={"Name": "books"})
    ItemTable(elsewhere, "Serving", ItemTableProps(name="books", retain=False))
    tag_everything_that_may_be(elsewhere, "owner", "library")
    template = Template.from_stack(elsewhere).to_json()

    assert [
        resource["Type"] for resource in template["Resources"].values() if "library" in json.dumps(resource)
    ] == ["AWS::DynamoDB::GlobalTable"]
