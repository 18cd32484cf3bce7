"""Parts from wheels in an empty venv: what is promised to whoever installs one. Takes a package index."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVENTS = "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(
    f"u{number % 97},i{number * number % 509},{1_700_000_000 + number}\n" for number in range(3_000)
)
NOTEBOOK = """
import recs_engine as engine

data = engine.read("events.csv")
model = engine.train(data, "item-neighbours")
[evaluation] = engine.evaluate(data, "item-neighbours")
engine.save(model, "model.rec")
[best] = engine.recommend(engine.load("model.rec"), ["u1"], 5)
[alike] = engine.similar(model, ["i1"], 5)
assert len(best.item_ids) == len(alike.item_ids) == 5 and 0 < evaluation.metrics["ndcg@10"].mean < 1
"""
LOOK = """
import collections, json, pathlib
resources = json.loads(pathlib.Path("assembly/Shop.template.json").read_text())["Resources"].values()
kinds = collections.Counter(resource["Type"] for resource in resources)
for kind in ("AWS::Personalize::Solution", "AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule"):
    assert kinds[kind] == 1, kinds
assert kinds["AWS::Lambda::Function"] >= 8, kinds
"""


def run(*command: str | Path, folder: Path) -> str:
    """In a folder of nobody's, and without a way back to the repository."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    } | {"CDK_OUTDIR": "assembly"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three wheels and nothing else."""
    folder = tmp_path_factory.mktemp("wheels")
    parts = [ROOT / "packages" / part for part in ("engine", "personalize_server", "constructs")]
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        folder,
        *parts,
        folder=folder,
    )
    assert len(list(folder.glob("*.whl"))) == 3
    return folder


def installed(wheels: Path, folder: Path, *names: str) -> Path:
    """The Python of a new venv that has these."""
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--find-links", wheels, *names, folder=folder)
    return python


def packages(python: Path, folder: Path) -> set[str]:
    listed = run(python, "-m", "pip", "list", "--format", "freeze", folder=folder)
    return {line.partition("==")[0].lower() for line in listed.splitlines()}


@pytest.fixture(scope="module")
def served(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a venv with the Personalize server, which brings the engine."""
    folder = tmp_path_factory.mktemp("served")
    return installed(wheels, folder, "recs-personalize-server[test]")


def test_the_engine_does_its_ten_lines(served: Path, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS)
    (tmp_path / "notebook.py").write_text(NOTEBOOK)

    run(served, "notebook.py", folder=tmp_path)


def test_whoever_installs_the_engine_gets_neither_the_cdk_nor_moto(served: Path, tmp_path: Path) -> None:
    brought = packages(served, tmp_path)

    assert {"recs-engine", "numpy"} <= brought
    assert not brought & {"aws-cdk-lib", "moto", "mypy", "ruff", "optuna", "cdk-nag"}


def test_the_commands_are_there(served: Path, tmp_path: Path) -> None:
    scripts = served.parent

    assert "recommend" in run(scripts / "recs-engine", "--help", folder=tmp_path)
    assert "--no-auth" in run(scripts / "personalize-server", "serve", "--help", folder=tmp_path)


def test_the_pytest_recipe_of_the_readme_passes(served: Path, tmp_path: Path) -> None:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1:]
    for block in blocks:
        text = block.partition("```")[0]
        (tmp_path / text.splitlines()[0].lstrip("# ")).write_text(text)

    assert {"conftest.py", "test_mine.py"} <= {path.name for path in tmp_path.iterdir()}
    assert "1 passed" in run(served, "-m", "pytest", "-q", folder=tmp_path)


def test_type_checkers_see_the_types_of_what_is_installed(served: Path, tmp_path: Path) -> None:
    folders = (served.parents[1] / "lib").glob("python*/site-packages")
    [site] = folders

    assert all((site / package / "py.typed").exists() for package in ("recs_engine", "personalize_server"))


def test_an_app_of_somebody_else_synthesises_a_use_case_in_twenty_lines(wheels: Path, tmp_path: Path) -> None:
    python = installed(wheels, tmp_path, "recs-constructs")
    page = (ROOT / "docs" / "constructs.md").read_text(encoding="utf-8")
    [app] = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "look.py").write_text(LOOK)

    run(python, "app.py", folder=tmp_path)
    run(python, "look.py", folder=tmp_path)

    assert len([line for line in app.splitlines() if line.strip()]) <= 22
    assert not packages(python, tmp_path) & {"moto", "recs-engine", "numpy"}
