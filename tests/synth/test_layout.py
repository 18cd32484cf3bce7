"""What holds the repository's folders together, and is broken easily."""

import ast
import subprocess
import sys
from pathlib import Path

import constructs as published
import pytest

ROOT = Path(__file__).parents[2]
MOTO = {"moto", "localstack"}
OURS = {
    "api",
    "app",
    "config",
    "constructs",
    "engine",
    "local_cloud",
    "personalize_server",
    "pipeline",
    "stacks",
    "steps",
}
MAY_IMPORT = {
    "config": {"config"},
    "constructs": {"constructs"},
    "stacks": {"stacks", "constructs", "config"},
    "engine": {"engine"},
    "lambda_src/pipeline": {"pipeline"},
    "lambda_src/steps": {"steps", "pipeline"},
    "lambda_src/api": {"api", "pipeline"},
    "personalize_server": {"personalize_server", "engine"},
}


def imported_by(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def test_our_constructs_join_the_published_package_instead_of_hiding_it() -> None:
    ours = ROOT / "constructs"

    assert not (ours / "__init__.py").exists(), "an __init__.py here hides what aws-cdk-lib imports"
    assert str(ours) in published.__path__
    assert published.__file__ and Path(published.__file__).parent != ours


def test_no_construct_of_ours_hides_a_module_of_the_published_package() -> None:
    theirs = {file.stem for file in Path(str(published.__file__)).parent.glob("*.py")}
    ours = {file.stem for file in (ROOT / "constructs").glob("*.py")}

    assert not (theirs | {"constructs"}) & ours


def test_test_folders_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_go_one_way(folder: str) -> None:
    for file in sorted((ROOT / folder).rglob("*.py")):
        wrong = imported_by(file) & OURS - MAY_IMPORT[folder]
        assert not wrong, f"{file.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_the_configuration_knows_no_cdk() -> None:
    for file in (ROOT / "config").rglob("*.py"):
        assert not imported_by(file) & {"aws_cdk", "constructs", "boto3"}, file


def test_only_the_local_cloud_and_tests_know_moto() -> None:
    for folder in MAY_IMPORT:
        for file in (ROOT / folder).rglob("*.py"):
            assert not imported_by(file) & MOTO, file


def test_files_stay_small() -> None:
    folders = (*MAY_IMPORT, "local_cloud", "sample_database")
    sizes = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
    }

    assert not {name: lines for name, lines in sizes.items() if lines > 300}


def test_the_configuration_is_read_without_starting_the_cdk() -> None:
    script = "import sys, config.stages, config.use_cases, config.rules; print('aws_cdk' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"
