"""docs/requirements.md: every requirement has a test, and every test that is named exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
HEADERS = ("| # |", "| the app needs |")
ROWS = [each for each in DOCUMENT.splitlines() if each.startswith("| ") and not each.startswith(HEADERS)]


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:42].strip(" |"))
def test_a_requirement_names_its_tests(row: str) -> None:
    assert NAMED.findall(row)


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED.findall(DOCUMENT))), ids=lambda part: part)
def test_a_named_test_exists(file: str, test: str) -> None:
    assert test in functions(ROOT / file)


def test_the_six_functions_of_the_app_are_all_there() -> None:
    numbers = re.findall(r"^\| (\d) \|", DOCUMENT, re.MULTILINE)

    assert numbers == ["1", "2", "3", "4", "5", "6"]
