"""Which variables of its environment a module reads, by its code."""

import ast
import importlib
import inspect
from dataclasses import fields
from functools import cache
from types import ModuleType

from pipeline.environment import Environment


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
