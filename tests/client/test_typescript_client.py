"""The client for browsers, React Native and Node.js: its tests, its types, what is made of its sources."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.serving.settings import DIRECTORY, FEED, PERSONALIZE, SIMILAR, Endpoint
from tests.client.support.made import BUILT, CLIENT, ROOT, TYPES, build, check, node, write_types

TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))
USE = Path(__file__).parent / "support" / "use.ts"
ENDPOINTS = tuple(
    Endpoint(use_case=name, path=name.replace("_", "-"), kind=kind, variant=PERSONALIZE, longest=50)
    for name, kind in (("posts", FEED), ("training_programs", DIRECTORY), ("similar_programs", SIMILAR))
)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_the_clients_own_tests_pass(file: Path) -> None:
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout


def test_types_are_those_of_the_apis_description(tmp_path: Path) -> None:
    write_types(tmp_path / "api.ts")

    told = TYPES.read_text(encoding="utf-8")
    assert told == (tmp_path / "api.ts").read_text(encoding="utf-8"), "make client"


def test_what_is_built_is_what_the_sources_say(tmp_path: Path) -> None:
    build(tmp_path)

    made, kept = (
        {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
        for folder in (tmp_path, BUILT)
    )
    assert made == kept, "make client"


def test_operations_have_the_types_of_a_stages_description(tmp_path: Path) -> None:
    """use.ts says which lines are to be refused; a line that says so and is taken is a mistake, too."""
    write_types(tmp_path / "api.ts", ENDPOINTS)
    shutil.copy(USE, tmp_path / "use.ts")
    options = {
        "rootDir": "/",
        "noUnusedLocals": False,
        "paths": {"client": [str(CLIENT / "src" / "index.ts")]},
    }
    settings = {
        "extends": str(CLIENT / "tsconfig.json"),
        "compilerOptions": options,
        "include": ["use.ts"],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))

    check("--project", str(tmp_path))
