"""Constructs set what functions read from their environment; neither may import the other."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from types import ModuleType
from typing import Any

from constructs.ground.pipeline_metrics import NAMESPACE as WATCHED

from local_cloud.demo.asking import NAMESPACE as SHOWN
from pipeline.environment import Environment
from pipeline.names import NAMESPACE as WRITTEN
from tests.app.support.template_reading import Template, resources_of

EVERYWHERE = {"STAGE", "POWERTOOLS_SERVICE_NAME"}
"""Whether a function reads them or not."""
OF_POWERTOOLS = {"POWERTOOLS_METRICS_NAMESPACE"}


def functions(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Handler and variables of each function of ours."""
    for template in templates.values():
        for properties in resources_of(template, "AWS::Lambda::Function").values():
            if properties["Handler"].startswith(("api.", "steps.")):
                yield properties["Handler"], properties["Environment"]["Variables"]


def test_every_function_is_given_the_variables_that_it_reads_and_no_others(
    templates: dict[str, Template],
) -> None:
    found = {(handler, frozenset(variables)) for handler, variables in functions(templates)}

    assert len({handler for handler, _ in found}) >= 15
    for handler, given in sorted(found):
        assert given >= EVERYWHERE, handler
        read = variables_read(handler.removesuffix(".lambda_handler"))
        assert given - EVERYWHERE - OF_POWERTOOLS == read - EVERYWHERE, handler


def test_all_speak_of_one_namespace_of_metrics(templates: dict[str, Template]) -> None:
    given = {variables.get(name) for _, variables in functions(templates) for name in OF_POWERTOOLS}

    assert given - {None} == {WATCHED} == {WRITTEN} == {SHOWN}


@cache
def variables_read(module: str) -> set[str]:
    """Of the environments that the module reads, itself or by what it uses of others."""
    read, seen = set[str](), set[tuple[str, str]]()
    todo = [(importlib.import_module(module), "")]
    while todo:
        where, name = todo.pop()
        if (where.__name__, name) in seen:
            continue
        seen.add((where.__name__, name))
        for node in ast.walk(_definition(where, name)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used = getattr(where, node.value.id, None)
                if isinstance(used, ModuleType) and _is_ours(used.__name__):
                    todo.append((used, node.attr))
                elif node.attr == "read" and inspect.isclass(used) and issubclass(used, Environment):
                    read |= {field.name.upper() for field in fields(used)}
            elif isinstance(node, ast.Name) and hasattr(where, node.id):
                used = getattr(where, node.id)
                home = getattr(used, "__module__", None)
                if isinstance(home, str) and _is_ours(home):
                    todo.append((importlib.import_module(home), node.id))
    return read


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _definition(module: ModuleType, name: str) -> ast.AST:
    """What the module defines by this name; all of it without one, nothing where it defines no such thing."""
    tree = _tree(module)
    for node in tree.body if name else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    return ast.Module([], []) if name else tree


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in ("api", "pipeline", "steps")
