"""The reader of arrows sees every way in which one file uses another."""

from pathlib import Path

import pytest

from tests.house.import_graph import Arrow, ImportGraph, circles


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("kitchen/__init__", "kitchen/__main__", "kitchen/oven", "hall/__init__", "hall/door"):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    return tmp_path


def arrows(house: Path, text: str) -> list[Arrow]:
    (house / "hall" / "door.py").write_text(text)
    return ImportGraph(house, ("kitchen", "hall")).arrows


@pytest.mark.parametrize(
    "text",
    [
        "import kitchen.oven",
        "import kitchen.oven as warm",
        "from kitchen import oven",
        "from kitchen.oven import bake",
        "def later():\n    from kitchen.oven import bake",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import kitchen.oven",
    ],
)
def test_an_import_is_an_arrow_wherever_it_stands(house: Path, text: str) -> None:
    assert arrows(house, text) == [Arrow("hall/door.py", "kitchen/oven.py")]


def test_a_relative_import_is_an_arrow(house: Path) -> None:
    (house / "hall" / "mat.py").write_text("")

    assert arrows(house, "from .mat import wipe") == [Arrow("hall/door.py", "hall/mat.py")]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("preload(['kitchen.oven'])", "kitchen/oven.py"),
        ("KIND = {'bread': 'kitchen.oven:Bread'}", "kitchen/oven.py"),
        ("handler = 'kitchen.oven.bake'", "kitchen/oven.py"),
        ("run([python, '-m', 'kitchen', '--hot'])", "kitchen/__main__.py"),
        ("run((python, '-m', 'kitchen.oven'))", "kitchen/oven.py"),
        ("import_module(f'kitchen.{name}') if name == 'oven' else None", "kitchen/oven.py"),
        ("handler = f'kitchen.{step}.bake'", "kitchen/__init__.py"),
    ],
)
def test_a_module_that_is_named_in_a_string_is_an_arrow_by_name(house: Path, text: str, target: str) -> None:
    assert Arrow("hall/door.py", target, by_name=True) in arrows(house, text)


def test_prose_and_names_of_others_are_no_arrows(house: Path) -> None:
    text = (
        '"""About kitchen.oven and more."""\nimport os.path\nlogging = "botocore.client"\nplace = "kitchen"'
    )

    assert arrows(house, text) == []


def test_circles_are_found_with_all_their_members() -> None:
    targets = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"e", "a"}}

    assert circles(targets) == [["a", "b", "c"]]
