"""The same configuration gives the same bytes, wherever and whenever."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SYNTH = """
import sys
from app import build_app
build_app(outdir=sys.argv[1], context={"aws:cdk:bundling-stacks": []}).synth()
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.prove
def test_another_process_synthesises_identical_bytes(assembly: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland", "PYTHONPATH": str(ROOT)}

    subprocess.run(
        [sys.executable, "-c", SYNTH, str(tmp_path)], cwd=tmp_path, env=environment, check=True, timeout=240
    )

    first, second = contents(assembly), contents(tmp_path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_no_template_knows_the_machine_it_was_made_on(assembly: Path) -> None:
    for file in assembly.rglob("*.template.json"):
        text = file.read_text()
        assert str(ROOT) not in text
        assert str(Path.home()) not in text
