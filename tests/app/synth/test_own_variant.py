"""A stage without the variant `personalize`: nothing of Amazon Personalize, and functions that train."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks
from constructs.ground.function_code import ENGINE
from constructs.ground.source_layer import SourceBuild

from app import build_app
from config.schema import Fatigue, Own, OwnItems, UseCase
from stacks.props.training_workflow import _of_engine as of_engine
from tests.app.support.own_only import MEMORY_MB, OWN_STAGE, OWN_USE_CASES
from tests.app.support.template_reading import (
    Template,
    machines_of,
    resources_of,
    rights_of,
    stacks_of,
    training_of,
)

OWN_STEPS = ("train_model", "recommend_shard")
OWN_STACKS = list(stacks_of(OWN_STAGE))


def functions(templates: dict[str, Template]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Step, use case, variant and properties of those that train or recommend."""
    for properties in resources_of(training_of(templates, OWN_STAGE), "AWS::Lambda::Function").values():
        step = properties["Handler"].split(".")[1]
        if step in OWN_STEPS:
            use_case, _, variant = properties["Description"].rpartition(": ")[2].partition(", ")
            yield step, use_case, variant or "own", properties


@pytest.mark.parametrize("stack", OWN_STACKS)
def test_nothing_of_personalize_is_deployed_nor_may_be_asked(
    templates: dict[str, Template], stack: str
) -> None:
    template = templates[stack]

    types = {resource["Type"] for resource in template["Resources"].values()}
    assert [type_ for type_ in types if "Personalize" in type_ or type_.startswith("Custom::Solution")] == []
    text = json.dumps(template)
    assert ":personalize:" not in text
    assert "personalize:" not in text
    assert "personalize.amazonaws.com" not in text


def test_each_variant_has_functions_with_the_memory_that_it_asks_for(templates: dict[str, Template]) -> None:
    found = {tuple(of): function for *of, function in functions(templates)}
    asked = {
        (step, case.name, variant.name): variant.memory_mb
        for step in OWN_STEPS
        for case in OWN_USE_CASES
        for variant in case.by_engine
    }

    assert {of: function["MemorySize"] for of, function in found.items()} == asked
    assert set(asked.values()) == {MEMORY_MB // 2, MEMORY_MB, 2 * MEMORY_MB}
    for function in found.values():
        assert (function["Timeout"], function["Architectures"]) == (900, ["arm64"])
        assert function["EphemeralStorage"]["Size"] == 10_240


def test_a_model_s_functions_reach_the_files_of_their_use_case_alone(templates: dict[str, Template]) -> None:
    template = training_of(templates, OWN_STAGE)
    for step, use_case, _, function in functions(templates):
        rights = rights_of(template, function["Role"]["Fn::GetAtt"][0])
        objects = {
            (right.action, right.resource.partition("/")[2])
            for right in rights
            if right.action.startswith("s3:") and right.action != "s3:ListBucket"
        }
        reads, writes = _FILES[step]
        learned = (use_case, step) == ("training_programs", "train_model")
        assert objects == {
            *([("s3:GetObject", f"models/{use_case}/own/weights.json")] if learned else ()),
            *(("s3:GetObject", f"{prefix}/{use_case}/*") for prefix in reads),
            *(("s3:PutObject", f"{prefix}/{use_case}/*") for prefix in writes),
        }


def test_what_people_were_shown_is_read_of_use_cases_with_fatigue_and_of_no_others(
    templates: dict[str, Template],
) -> None:
    template = training_of(templates, OWN_STAGE)
    [writer] = [
        function["Role"]["Fn::GetAtt"][0]
        for function in resources_of(template, "AWS::Lambda::Function").values()
        if function["Handler"] == "steps.write_batch_input.lambda_handler"
    ]
    read = {
        right.resource.partition("/")[2]
        for right in rights_of(template, writer)
        if right.action == "s3:GetObject"
    }
    assert {name for name in read if name.startswith("events/")} == {"events/use_case=users_to_follow/*"}

    payloads = {
        (machine.use_case, name.rpartition(": ")[2]): state["Arguments"]["Payload"]
        for machine in machines_of(template)
        for name, state, _ in machine.states()
        if name.rpartition(": ")[2] in ("Write batch input", "Load a shard")
    }
    told = {key for key, payload in payloads.items() if payload.get("fatigue") == Fatigue().as_json()}
    assert told == {("users_to_follow", "Write batch input"), ("users_to_follow", "Load a shard")}
    assert {key for key, payload in payloads.items() if "fatigue" in payload} == told


_FILES = {"train_model": (["datasets"], ["models"]), "recommend_shard": (["models", "batch"], ["batch"])}


def test_a_run_trains_judges_recommends_loads_and_publishes(templates: dict[str, Template]) -> None:
    alone = [case.name for case in OWN_USE_CASES if len(case.variants) == 1]
    machines = machines_of(training_of(templates, OWN_STAGE))
    for machine in [machine for machine in machines if machine.use_case in alone]:
        states = [name for name, _, _ in machine.states()]
        order = [
            "Train the model",
            "Judge the model",
            "Write batch input",
            "Recommend",
            "Load recommendations",
            "Publish the generation",
        ]
        assert _reached_in_order(machine.definition, order)
        assert not [name for name in states if "import" in name.lower()]
        labels = [state["Label"] for _, state, _ in machine.states() if state["Type"] == "Map"]
        assert len(set(labels)) == 2


def _reached_in_order(definition: dict[str, Any], names: list[str]) -> bool:
    """Whether each of them comes somewhere after the one before, and not the other way round."""
    states = definition["States"]

    def follows(later: str, earlier: str) -> bool:
        seen, todo = set[str](), [earlier]
        while todo:
            state = states[todo.pop()]
            choices = [choice["Next"] for choice in state.get("Choices", ())]
            after = {*choices, *(state[name] for name in ("Next", "Default") if name in state)} - seen
            seen |= after
            todo += after
        return later in seen

    pairs = list(pairwise(names))
    return all(follows(later, earlier) and not follows(earlier, later) for earlier, later in pairs)


def test_models_expire_and_the_bucket_is_closed_to_others(templates: dict[str, Template]) -> None:
    template = templates[f"{OWN_STAGE.id_in(OWN_STAGE.region)}-Data"]
    [rules] = [
        properties["LifecycleConfiguration"]["Rules"]
        for properties in resources_of(template, "AWS::S3::Bucket").values()
        if "LoggingConfiguration" in properties
    ]
    assert [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "models/"] == [35]


@pytest.mark.prove
def test_no_unexplained_nag_finding(no_bundling: dict[str, Any], tmp_path: Path) -> None:
    app = build_app((OWN_STAGE,), OWN_USE_CASES, (), outdir=str(tmp_path), context=no_bundling)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


def test_the_engine_s_layer_holds_the_engine_where_lambda_looks_and_nothing_else(tmp_path: Path) -> None:
    build = SourceBuild(package=ENGINE, cache=tmp_path)

    folder = build.folder()

    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"python/engine/__init__.py", "python/engine/fitting/fit.py"} <= found
    assert all(name.startswith("python/engine/") and name.endswith(".py") for name in found)
    assert build.folder() == folder


def test_the_engine_s_layer_changes_with_its_content_alone(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text("A = 1\n")
    before = SourceBuild(package=package, cache=tmp_path / "cache").fingerprint
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    (package / "a.py").touch()

    assert SourceBuild(package=package, cache=tmp_path / "cache").fingerprint == before
    (package / "a.py").write_text("A = 2\n")
    assert SourceBuild(package=package, cache=tmp_path / "cache").fingerprint != before


def test_it_learns_what_comes_again_only_where_nothing_is_left_out_of_lists_of_people() -> None:
    def repeats(use_case: UseCase) -> bool:
        return of_engine(use_case, own(use_case)).repeats

    def own(use_case: UseCase) -> Own:
        return next(variant for variant in use_case.variants if isinstance(variant, Own))

    found = {
        case.name: repeats(case) for case in OWN_USE_CASES if any(isinstance(v, Own) for v in case.variants)
    }
    assert found and not any(found.values())
    [case] = [case for case in OWN_USE_CASES if case.name == "training_programs"]
    again = replace(case, own_items=OwnItems())
    assert repeats(again)
    assert of_engine(again, own(again)).definition != of_engine(case, own(case)).definition
