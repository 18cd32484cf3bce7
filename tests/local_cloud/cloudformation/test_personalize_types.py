"""Personalize's resource types, made on the Personalize server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.support.local_aws import ROOT, LocalAws
from tests.local_cloud.support.stacks import Stacks, get, resource

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": name, "type": kind}
        for name, kind in (("USER_ID", "string"), ("ITEM_ID", "string"), ("EVENT_TYPE", "string"))
    ]
    + [{"name": "TIMESTAMP", "type": "long"}],
    "version": "1.0",
}
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"


@pytest.fixture(scope="module", autouse=True)
def personalize_server(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the port where the local cloud looks for it."""
    data: Path = tmp_path_factory.mktemp("personalize")
    command = [
        *(sys.executable, "-m", "personalize_server", "serve", "--port", str(aws.settings.personalize_port)),
        *(
            "--data",
            str(data),
            "--s3-endpoint",
            aws.settings.endpoint_url,
            "--timing",
            "instant",
            "--no-auth",
        ),
        *("--log-level", "warning"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith("listening on")
            yield
        finally:
            server.terminate()


def model(
    expression: str = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("own")', **group: Any
) -> dict[str, Any]:
    group_arn = get("Group", "DatasetGroupArn")
    return {
        "Group": resource("AWS::Personalize::DatasetGroup", **{"Name": "test-group", **group}),
        "Schema": resource("AWS::Personalize::Schema", Name="test-schema", Schema=json.dumps(SCHEMA)),
        "Dataset": resource(
            "AWS::Personalize::Dataset",
            Name="test-dataset",
            DatasetGroupArn=group_arn,
            DatasetType="Interactions",
            SchemaArn=get("Schema", "SchemaArn"),
        ),
        "Solution": {
            **resource(
                "AWS::Personalize::Solution",
                Name="test-solution",
                DatasetGroupArn=group_arn,
                RecipeArn=RECIPE,
            ),
            "DependsOn": "Dataset",
        },
        "Filter": {
            **resource(
                "AWS::Personalize::Filter",
                Name=f"test-filter-{len(expression)}",
                DatasetGroupArn=group_arn,
                FilterExpression=expression,
            ),
            "DependsOn": "Dataset",
        },
    }


def names(aws: LocalAws) -> dict[str, list[str]]:
    personalize = aws.client("personalize")
    return {
        "groups": [each["name"] for each in personalize.list_dataset_groups()["datasetGroups"]],
        "schemas": [each["name"] for each in personalize.list_schemas()["schemas"]],
        "solutions": [each["name"] for each in personalize.list_solutions()["solutions"]],
    }


def test_a_model_is_made_active_changed_and_removed(stacks: Stacks) -> None:
    outputs = {
        "Group": get("Group", "DatasetGroupArn"),
        "Solution": get("Solution", "SolutionArn"),
        "Filter": get("Filter", "FilterArn"),
        "Status": get("Filter", "Status"),
    }
    stack = stacks.create(model(), outputs)
    personalize = stacks.aws.client("personalize")

    assert stack.status == "CREATE_COMPLETE", [each for each in stack.events if "FAILED" in each[1]]
    assert stack.outputs["Status"] == "ACTIVE"
    solution = personalize.describe_solution(solutionArn=stack.outputs["Solution"])["solution"]
    assert (solution["status"], solution["datasetGroupArn"]) == ("ACTIVE", stack.outputs["Group"])
    old = stack.outputs["Filter"]

    stack.update(model('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'), outputs)
    assert stack.status == "UPDATE_COMPLETE", stack.events
    assert stack.outputs["Filter"] != old
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        personalize.describe_filter(filterArn=old)

    stack.delete()
    assert names(stacks.aws) == {"groups": [], "schemas": [], "solutions": []}


@pytest.mark.parametrize("kind", ["EventTracker", "Filter"])
def test_tags_come_and_go(stacks: Stacks, kind: str) -> None:
    needed = {name: part for name, part in model().items() if name != kind}
    of_kind = {"Filter": model()["Filter"]["Properties"], "EventTracker": {"Name": "test-tracker"}}[kind]
    least = {**of_kind, "DatasetGroupArn": get("Group", "DatasetGroupArn")}
    tagged = [{"Key": "stage", "Value": "one"}]
    personalize = stacks.aws.client("personalize")

    def made(**more: Any) -> dict[str, Any]:
        tested = {**resource(f"AWS::Personalize::{kind}", **least, **more), "DependsOn": "Dataset"}
        return {**needed, "Tested": tested}

    def tags() -> Any:
        return personalize.list_tags_for_resource(resourceArn=stack.id_of("Tested"))["tags"]

    stack = stacks.create(made())
    assert (stack.status, tags()) == ("CREATE_COMPLETE", []), stack.events
    identity = stack.id_of("Tested")

    stack.update(made(Tags=tagged))
    assert tags() == [{"tagKey": "stage", "tagValue": "one"}]
    stack.update(made())

    assert (stack.status, tags(), stack.id_of("Tested")) == ("UPDATE_COMPLETE", [], identity)


def test_a_refusal_of_the_service_fails_the_stack_with_its_words(stacks: Stacks) -> None:
    stack = stacks.create(model("EXCLUDE what I have seen"))

    assert stack.status == "ROLLBACK_COMPLETE"
    assert "InvalidInputException" in stack.reason("Filter")
    assert names(stacks.aws) == {"groups": [], "schemas": [], "solutions": []}


def test_a_property_that_personalize_does_not_have_fails_by_name(stacks: Stacks) -> None:
    stack = stacks.create(model(Colour="blue"))

    assert "Colour of AWS::Personalize::DatasetGroup" in stack.reason("Group")
