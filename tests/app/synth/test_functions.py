"""What runs in Lambda: platform, limits, layers, environment, logs."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from steps.environment import ExtractEnvironment, RegionsEnvironment, StepEnvironment, TopicEnvironment
from tests.app.support.business.stages import STAGES
from tests.app.support.own_only import OWN_STAGE
from tests.app.support.template_reading import Template, flat, resources_of

ROOT = Path(__file__).parents[3]
LAMBDA_SRC = ROOT / "lambda_src"
ENGINE = "engine"
PLACES = {"steps": LAMBDA_SRC, "pipeline": LAMBDA_SRC, ENGINE: ROOT}
OPTIONAL = {"pyarrow", "optuna"}
"""What the engine needs for other files than CSV, and for tuning."""
IN_THE_RUNTIME = {"boto3", "botocore"}
PACKAGES = {"aws_lambda_powertools": "aws-lambda-powertools"}


def functions(templates: dict[str, Template], *stacks: str) -> Iterator[tuple[Template, dict[str, Any]]]:
    for stage in (*STAGES, OWN_STAGE):
        for stack in stacks or ("Data", "Training"):
            template = templates[f"{stage.id_in(stage.region)}-{stack}"]
            for properties in resources_of(template, "AWS::Lambda::Function").values():
                yield template, properties


def test_every_function_is_python_on_arm(templates: dict[str, Template]) -> None:
    for _, function in functions(templates):
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]


def test_all_functions_of_all_stages_share_one_code_asset(templates: dict[str, Template]) -> None:
    assert len({function["Code"]["S3Key"] for _, function in functions(templates)}) == 1


def test_every_function_logs_into_its_own_group_that_forgets(templates: dict[str, Template]) -> None:
    for template, function in functions(templates):
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        assert 1 <= template["Resources"][group]["Properties"]["RetentionInDays"] <= 90


def test_every_function_has_a_role_of_its_own(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        for stack in ("Data", "Training"):
            template = templates[f"{stage.id_in(stage.region)}-{stack}"]
            found = resources_of(template, "AWS::Lambda::Function").values()
            assert len({flat(function["Role"]) for function in found}) == len(found)


def test_functions_have_what_their_modules_import(templates: dict[str, Template]) -> None:
    for template, function in functions(templates):
        layers = {
            package
            for layer in function.get("Layers", ())
            for package in packages_in(template["Resources"][layer["Ref"]]["Properties"])
        }
        module = function["Handler"].removesuffix(".lambda_handler")
        needed = {PACKAGES.get(name, name) for name in third_party(module)}
        assert needed <= layers, f"{module} lacks {needed - layers}"


def packages_in(layer: dict[str, Any]) -> set[str]:
    """By the layer's description, which is all that tells one from another in a template."""
    if layer["Description"] == "The recommendation engine":
        return {ENGINE}
    name = {
        "AWS Lambda Powertools": "powertools",
        "asyncpg and NumPy": "database",
        "NumPy, SciPy and implicit": "engine",
        "NumPy": "realtime",
    }[layer["Description"]]
    lines = (LAMBDA_SRC / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0] for line in lines if line and not line.startswith("#")}


def third_party(module: str) -> set[str]:
    """What a module and those of ours that it imports take from outside the standard library."""
    ours, outside, todo = set[str](), set[str](), [module]
    while todo:
        name = todo.pop()
        path = PLACES[name.split(".")[0]].joinpath(*name.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in ours or not file.is_file():
            continue
        ours.add(name)
        for imported in imports(file):
            top = imported.split(".")[0]
            if top in PLACES:
                todo.append(imported)
            if top not in PLACES or top == ENGINE:
                outside.add(top)
    return outside - set(sys.stdlib_module_names) - IN_THE_RUNTIME - OPTIONAL


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_package_of_a_layer_is_pinned() -> None:
    for file in LAMBDA_SRC.glob("requirements-*.txt"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert line.startswith("#") or "==" in line, f"{file.name}: {line}"


def test_the_steps_find_the_environment_that_they_read(templates: dict[str, Template]) -> None:
    for _, function in functions(templates, "Training"):
        variables = set(function["Environment"]["Variables"])
        environment = ExtractEnvironment if "extract_dataset" in function["Handler"] else StepEnvironment
        read = {field.name.upper() for field in fields(environment)}
        if "publish_generation" in function["Handler"]:
            read |= {field.name.upper() for field in fields(RegionsEnvironment)}
        if "tell_ending" in function["Handler"]:
            read |= {field.name.upper() for field in fields(TopicEnvironment)}
        assert variables == read | {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}


def test_only_the_extract_runs_in_the_database_s_network(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        template = templates[f"{stage.id_in(stage.region)}-Training"]
        for function in resources_of(template, "AWS::Lambda::Function").values():
            if function["Handler"] == "steps.extract_dataset.lambda_handler":
                network = function["VpcConfig"]
                assert stage.database
                assert network["SubnetIds"] == list(stage.database.subnet_ids)
                assert network["SecurityGroupIds"] == [stage.database.security_group_id]
            else:
                assert "VpcConfig" not in function


@pytest.mark.parametrize(
    ("step", "memory", "seconds", "temporary"),
    [
        ("extract_dataset", 1769, 900, 512),
        ("write_batch_input", 3008, 900, 10240),
        ("load_recommendations", 512, 300, 512),
    ],
)
def test_the_steps_that_carry_data_have_room_and_time(
    templates: dict[str, Template], step: str, memory: int, seconds: int, temporary: int
) -> None:
    for _, function in functions(templates, "Training"):
        if function["Handler"] == f"steps.{step}.lambda_handler":
            assert function["MemorySize"] >= memory
            assert function["Timeout"] == seconds
            assert function["EphemeralStorage"]["Size"] == temporary
