"""What rights are made of: those of every role of a kind, ARNs that steps share, calls found in code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import boto3

from config.schema import StageConfig
from tests.app.support.template_reading import Template, resources_of

LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"
EVERYWHERE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
"""what every function may do"""
TELEMETRY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""no state calls these: Step Functions itself does, for every machine that logs and traces"""


def arns_of(templates: dict[str, Template], stage: StageConfig) -> dict[str, str]:
    """Of what the steps share, in the data stack."""
    template = templates[f"{stage.id_in(stage.region)}-Data"]
    [table] = resources_of(template, "AWS::DynamoDB::GlobalTable")
    [key] = resources_of(template, "AWS::KMS::Key")
    [bucket] = [
        name
        for name, properties in resources_of(template, "AWS::S3::Bucket").items()
        if "LoggingConfiguration" in properties
    ]
    return {"table": f"<{table}.Arn>", "key": f"<{key}.Arn>", "bucket": f"<{bucket}.Arn>"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(LAMBDA_SRC).with_suffix("").parts).removesuffix(".__init__")


def modules_of(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The module and everything of ours that it imports."""
    found = {name}
    for module in _imports(name):
        if module not in seen | found:
            found |= modules_of(module, seen | frozenset(found))
    return found


def _source(name: str) -> ast.Module:
    path = LAMBDA_SRC.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(_source(name)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for imported in names:
            path = LAMBDA_SRC.joinpath(*imported.split("."))
            if path.is_dir() or path.with_suffix(".py").is_file():
                yield imported


def operations_in(modules: set[str]) -> set[str]:
    """The methods of AWS clients, and the operations of paginators, that the modules name."""
    known = {
        method
        for service in ("s3", "dynamodb", "personalize", "personalize-runtime", "secretsmanager")
        for method in boto3.client(service, region_name="eu-west-1").meta.method_to_api_mapping
    }
    found = set()
    for node in (node for module in modules for node in ast.walk(_source(module))):
        match node:
            case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name))]):
                found.add(name)
            case ast.Call(func=ast.Attribute(attr=name)) if name in known:
                found.add(name)
    return found
