"""What holds the repository's folders together, and is broken easily: rooms, and who may use whom.

rooms.toml beside this file declares the rooms and the arrows between them. Arrows are read from the code:
imports wherever they stand, and modules that are named in strings (loaded, started with `-m`, handlers).
"""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import constructs as published
import pytest

from tests.house.import_graph import circles
from tests.house.rooms import ROOMS, ROOT, graph, room_of, rooms_used

MOTO = {"moto", "localstack"}
CODE_FILES, TEST_FILES = range(3, 21), range(31)
LINES = 300
SMALL = {
    "app": "one file that builds every stage",
    "install": "one file, run before anything is installed",
    "config": "what a team edits, and the face of the types",
    "config/notifications": "a folder for each notification",
    "config/use_cases": "a folder for each use case",
    "engine": "the face and the command; its parts are in the rooms",
    "packages": "the hook by which wheels are built",
    "review": "the command; its parts are in the rooms",
}
"""rooms of fewer files than three, and why"""


def imported_by(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def test_every_folder_is_a_declared_room() -> None:
    assert {room_of(file) for file in graph().files} == set(ROOMS)
    assert not {room: uses for room, uses in ROOMS.items() if len(uses) > len(set(uses))}, "said twice"


@pytest.mark.parametrize("by_name", [False, True], ids=["imports", "names in strings"])
def test_rooms_use_what_is_declared_and_nothing_else(by_name: bool) -> None:
    found = {f"{room} -> {used}" for room in ROOMS for used in rooms_used(room, by_name=by_name)}
    declared = {
        f"{room} -> {used.rstrip('*')}"
        for room in ROOMS
        for used in ROOMS[room]
        if used.endswith("*") == by_name
    }

    assert sorted(found - declared) == [], "not declared in rooms.toml"
    assert sorted(declared - found) == [], "declared, and nothing needs it"


def test_no_arrow_leads_back_to_the_room_that_it_came_from() -> None:
    assert not circles({room: {used.rstrip("*") for used in ROOMS[room]} for room in ROOMS})


def test_no_file_uses_itself_by_way_of_others() -> None:
    assert not circles(graph().targets())


def test_a_room_holds_as_many_files_as_one_can_take_in_at_a_glance() -> None:
    sizes = Counter(
        room_of(file) for file in graph().files if Path(file).name not in ("__init__.py", "conftest.py")
    )
    allowed = {
        room: TEST_FILES if room.startswith("tests") else CODE_FILES for room in ROOMS if room not in SMALL
    }

    assert not {room: sizes[room] for room, count in allowed.items() if sizes[room] not in count}


def test_a_package_says_in_its_first_line_what_it_holds() -> None:
    packages = [file for file in graph().files if file.endswith("/__init__.py")]
    silent = [file for file in packages if not ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8")))]

    assert packages and not silent


def test_every_folder_of_code_is_a_package() -> None:
    folders = {
        (ROOT / file).parent
        for file in graph().files
        if not file.startswith(("tests/", "config/", "packages/"))
    }

    assert [folder for folder in folders - {ROOT} if not (folder / "__init__.py").exists()] == []


def test_our_constructs_join_the_published_package_instead_of_hiding_it() -> None:
    ours = ROOT / "constructs"

    assert not (ours / "__init__.py").exists(), "an __init__.py here hides what aws-cdk-lib imports"
    assert str(ours) in published.__path__
    assert published.__file__ and Path(published.__file__).parent != ours


def test_no_construct_of_ours_hides_a_module_of_the_published_package() -> None:
    theirs = {entry.stem for entry in Path(str(published.__file__)).parent.iterdir()}
    ours = {entry.stem for entry in (ROOT / "constructs").iterdir() if entry.name != "__pycache__"}

    assert not (theirs | {"constructs"}) & ours


def test_test_folders_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_configuration_knows_no_cdk() -> None:
    for file in (ROOT / "config").rglob("*.py"):
        assert not imported_by(file) & {"aws_cdk", "constructs", "boto3"}, file


def test_only_the_local_cloud_and_tests_know_moto() -> None:
    others = [
        file for file in graph().files if not file.startswith(("local_cloud/", "tests/", "benchmarks/"))
    ]

    assert not [file for file in others if imported_by(ROOT / file) & MOTO]


def test_files_stay_small() -> None:
    sizes = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in graph().files}

    assert not {file: lines for file, lines in sizes.items() if lines > LINES}


def test_the_configuration_is_read_without_starting_the_cdk() -> None:
    script = "import sys, config.stages, config.use_cases, config.rules; print('aws_cdk' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"


def test_nothing_asks_for_a_stage_that_a_team_may_call_otherwise() -> None:
    """docs/your-business.md has the names that stay; types are checked against the team's own file."""
    asked = {
        (file, alias.name)
        for file in graph().files
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "config.stages"
        for alias in node.names
    }

    assert not {(file, name) for file, name in asked if name not in ("STAGES", "LOCAL", "LOCAL_STANDBY")}
