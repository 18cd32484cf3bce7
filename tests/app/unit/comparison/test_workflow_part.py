"""The comparison of variants as a part of a workflow: what it calls, may do, draws, and survives."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Template as Assertions
from constructs.comparison.fragment import ComparisonProps, compare_variants
from constructs.comparison.function import ComparisonFunction, ComparisonFunctionProps
from constructs.comparison.widgets import comparison_widgets
from constructs.ground.failure_topic import FailureTopic, FailureTopicProps
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.item_table import ItemTable, ItemTableProps
from constructs.training.side_by_side import with_lists
from constructs.workflow.language import expression
from constructs.workflow.steps import Steps

from config.types.comparison import ComparisonThresholds
from pipeline.comparison.request import Thresholds
from tests.app.support.step_contracts import Object, problems_of, request_of
from tests.app.support.template_reading import Template, rights_of
from tests.app.support.workflow_jsonata import evaluate

COMPARE, TOLD = "Compare the variants", "Notify of the missing comparison"


@pytest.fixture(scope="module")
def template() -> Template:
    stack = cdk.Stack(cdk.App(context={"aws:cdk:bundling-stacks": []}), "Shop")
    data = DataBucket(
        stack, "Data", DataBucketProps(key=kms.Key(stack, "Key"), retain=False, versioned=False)
    )
    table = ItemTable(stack, "Table", ItemTableProps(name="table", retain=False))
    steps = Steps(
        scope=stack, environment={"STAGE": "test"}, data=data, serving=table, of="use case", retain_logs=False
    )
    compare = ComparisonFunction(
        stack, "Comparison", ComparisonFunctionProps(use_cases=("posts",), layers=(), steps=steps)
    )
    props = ComparisonProps(
        use_case="posts",
        title="recs-test-posts",
        variants="$compared",
        limit=50,
        thresholds=ComparisonThresholds().as_json(),
        function=compare.function.function,
        topic=FailureTopic(stack, "Topic", FailureTopicProps(title="Shop")).topic,
    )
    done = sfn.Succeed.jsonata(stack, "Done")
    sfn.StateMachine(
        stack,
        "Machine",
        query_language=sfn.QueryLanguage.JSONATA,
        definition_body=sfn.DefinitionBody.from_chainable(compare_variants(stack, props, then=done)),
    )
    return dict(Assertions.from_stack(stack).to_json())


@pytest.fixture(scope="module")
def states(template: Template) -> dict[str, Any]:
    [machine] = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    )
    parts = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "arn" for part in parts)
    found: dict[str, Any] = json.loads(text)["States"]
    return found


def test_what_is_sent_is_what_the_step_reads(states: dict[str, Any]) -> None:
    payload = states[COMPARE]["Arguments"]["Payload"]

    assert problems_of(request_of("steps.compare_variants.lambda_handler"), [payload]) == []


def test_thresholds_of_the_configuration_are_those_of_the_step() -> None:
    assert vars(Thresholds(**vars(ComparisonThresholds()))) == vars(ComparisonThresholds())


@pytest.mark.parametrize(
    ("variants", "compared"), [([], False), ([{"variant": "own"}], False), ([{"variant": "a"}] * 2, True)]
)
def test_only_several_variants_are_compared(
    states: dict[str, Any], variants: list[dict[str, str]], compared: bool
) -> None:
    [question] = (state for state in states.values() if state["Type"] == "Choice")
    [choice] = question["Choices"]

    assert evaluate(choice["Condition"], compared=variants) is compared
    assert (choice["Next"], question["Default"]) == (COMPARE, "Done")


def test_a_comparison_that_fails_is_told_and_the_run_goes_on(states: dict[str, Any]) -> None:
    [caught] = states[COMPARE]["Catch"]
    [untold] = states[TOLD]["Catch"]

    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], TOLD)
    assert (untold["ErrorEquals"], untold["Next"], states[TOLD]["Next"]) == (["States.ALL"], "Done", "Done")
    assert states[COMPARE]["Next"] == "Done"
    assert {state["Type"] for state in states.values()} == {"Choice", "Task", "Succeed"}
    error = {"Error": "ShardIncomplete", "Cause": json.dumps({"errorMessage": "shard-00001 is torn"})}
    variables = {
        name: evaluate(value, {"errorOutput": error}) if "{%" in value else value
        for name, value in caught["Assign"].items()
    }
    said = evaluate(
        states[TOLD]["Arguments"]["Message"],
        {"context": {"Execution": {"Id": "id"}}},
        run="20261127T060000000",
        **variables,
    )
    assert "The variants of posts were not compared" in said
    assert "Reason: shard-00001 is torn\n" in said


def test_the_function_reaches_the_files_of_its_use_cases_alone(template: Template) -> None:
    [function] = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Properties"].get("Handler") == "steps.compare_variants.lambda_handler"
    )
    rights = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    objects = {
        (right.action, right.resource.partition("/")[2])
        for right in rights
        if right.action in ("s3:GetObject", "s3:PutObject")
    }
    reads = ("batch/posts", "datasets/posts", "comparisons/posts", "events/use_case=posts")
    assert objects == {
        *(("s3:GetObject", f"{prefix}/*") for prefix in reads),
        ("s3:PutObject", "comparisons/posts/*"),
    }
    assert {right.action.partition(":")[0] for right in rights} == {"s3", "kms", "logs", "xray"}


def test_a_row_of_the_dashboard_is_drawn_of_what_the_step_counts() -> None:
    metrics = PipelineMetrics("test")
    stack = cdk.Stack()
    widgets = comparison_widgets(metrics, {"posts": [("personalize", "own")], "alone": []})

    cloudwatch.Dashboard(stack, "Dashboard", widgets=[widgets])

    drawn = json.dumps(Assertions.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard"))
    assert drawn.count("personalize-own") == 6
    assert "alone" not in drawn
    assert comparison_widgets(metrics, {"alone": []}) == []


NOT_MEASURED = ("batchSeconds", "costUsd", "latencyP50Ms", "latencyP99Ms", "trainSeconds")
OF = "s3://data/batch/posts"
PUBLISHED = {
    "variant": "own",
    "outcome": "published",
    "generation": "20261129T1",
    "output": f"{OF}/20261129T1/output/own/",
    "metrics": {"coverage": 0.5},
}
UNCHANGED = {
    "variant": "personalize",
    "outcome": "unchanged",
    "generation": "20261128T1",
    "output": f"{OF}/20261128T1/output/personalize/",
    "metrics": {"coverage": 0.4},
}
FAILED = {"variant": "heuristic", "outcome": "failed", "step": "Train the model"}
ALONE = {"variant": "heuristic", "outcome": "unchanged", "generation": "20261101T1", "metrics": {}}


@pytest.mark.parametrize(
    ("outcomes", "compared"),
    [
        ([PUBLISHED, UNCHANGED], ["personalize", "own"]),
        ([PUBLISHED, UNCHANGED, FAILED], ["personalize", "own"]),
        ([PUBLISHED, FAILED], ["own"]),
        ([UNCHANGED, {**UNCHANGED, "variant": "own"}], []),
        ([PUBLISHED, ALONE], ["own"]),
        ([FAILED, FAILED], []),
    ],
    ids=["both", "one failed", "one left", "nothing new", "from before there were several", "none"],
)
def test_those_with_lists_are_compared_once_one_of_them_has_new_ones_the_default_first(
    outcomes: list[dict[str, Any]], compared: list[str]
) -> None:
    found = evaluate(expression(with_lists("posts", default="personalize")), outcomes=outcomes)

    assert [each["variant"] for each in found] == compared
    places = {each["variant"]: (each["shardsKey"], each["outputFolder"]) for each in found}
    if len(compared) == 2:
        asked = request_of("steps.compare_variants.lambda_handler").members["variants"]
        problems = problems_of(Object(members={"variants": asked}), [{"variants": found}])
        assert problems == [f"variants.{name} is read and never written" for name in NOT_MEASURED]
        assert places == {
            "own": ("batch/posts/20261129T1/shards.json", "batch/posts/20261129T1/output/own/"),
            "personalize": (
                "batch/posts/20261128T1/shards.json",
                "batch/posts/20261128T1/output/personalize/",
            ),
        }
