"""What expressions read, and small inputs made of it: things are there, missing or of another kind."""

import random
import re
from collections.abc import Iterator
from typing import Any

from jsonata.parser import Parser

from local_cloud.interpreter.queries.evaluation import is_expression, parse

Tree = dict[str, Any]
# What has another answer each time, by something that fits where it stands.
_CHANCE = {
    "$random()": "0.5",
    "$uuid()": "'u-u'",
    "$millis()": "1700000000000",
    "$now()": "'2026-01-01T00:00:00Z'",
}


def expressions_in(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(expression, place) of every expression in a JSON value."""
    match value:
        case str() if is_expression(value):
            yield value[2:-2].strip(), place
        case dict():
            for name, member in value.items():
                yield from expressions_in(member, f"{place}/{name}")
        case list():
            for index, member in enumerate(value):
                yield from expressions_in(member, f"{place}[{index}]")


def without_chance(expression: str) -> str:
    for call, answer in _CHANCE.items():
        expression = expression.replace(call, answer)
    return expression


def read_by(expression: str) -> Tree:
    """The variables that an expression reads, each with the members of members that it reads of them."""
    roots: Tree = {}
    _reads(parse(expression).ast, roots, {}, set())
    return roots


def _reads(node: Any, roots: Tree, base: Tree, seen: set[int]) -> None:
    if isinstance(node, list | tuple):
        for member in node:
            _reads(member, roots, base, seen)
    if not isinstance(node, Parser.Symbol) or id(node) in seen:
        return
    seen.add(id(node))
    here = base
    if node.type == "path":
        for step in node.steps:
            if step.type == "variable" and step.value:
                here = roots.setdefault(step.value, {})
            elif step.type == "name":
                here = here.setdefault(step.value, {})
            _parts(step, roots, here, seen)
        _parts(node, roots, here, seen)
        return
    if node.type == "variable" and node.value:
        roots.setdefault(node.value, {})
    _parts(node, roots, here, seen)


def _parts(node: Any, roots: Tree, here: Tree, seen: set[int]) -> None:
    for part in vars(node).values():
        _reads(part, roots, here, seen)


def inputs_for(expression: str, count: int) -> Iterator[dict[str, Any]]:
    """Values of its variables; the same each time."""
    chance = random.Random(expression)
    roots = read_by(expression)
    texts = [
        *re.findall(r"'([^'\\]*)'", expression),
        "",
        "2026-11-21T19:50:12.345Z",
        '{"errorMessage": "no"}',
    ]
    scalars = [*texts, 0, 1, 2.5, -3, True, False, None]
    for _ in range(count):
        yield {name: _made(tree, scalars, chance) for name, tree in roots.items()}


def _made(tree: Tree, scalars: list[Any], chance: random.Random) -> Any:
    if not tree or chance.random() < 0.05:
        made = [chance.choice(scalars) for _ in range(chance.choice((1, 1, 1, 0, 2)))]
        return made[0] if len(made) == 1 and chance.random() < 0.8 else made
    rows = [
        {name: _made(inner, scalars, chance) for name, inner in tree.items() if chance.random() < 0.9}
        for _ in range(chance.choice((1, 1, 1, 1, 0, 2, 3)))
    ]
    return rows[0] if len(rows) == 1 and chance.random() < 0.8 else rows
