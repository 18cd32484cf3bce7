"""The sample is replaced by another business as docs/your-business.md says; all else goes on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-business.md"
LEFT = (".git", ".venv", "node_modules", "cdk.out", ".local", "__pycache__", ".*_cache", ".hypothesis")
OURS = (
    *("config", "tests/app/synth/snapshots", "tests/app/sample", "sample_database", "sample_page"),
    *(".github/workflows", ".gitlab-ci.yml", "delivery/roles"),
)
"""what may differ in the end, by the beginning of its path"""
STAGES = {"dev": "trial", "staging": "rehearsal", "prod": "live"}
"""how the business calls those of the sample"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this one, kept by git, so that all that changes is seen."""
    place = tmp_path / "shop"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*LEFT))
    for linked in (".venv", "node_modules"):
        (place / linked).symlink_to((ROOT / linked).resolve())
    for words in (("init", "-q"), ("add", "--all"), ("commit", "-q", "-m", "as it was")):
        ran(place, "git", "-c", "user.name=a test", "-c", "user.email=test@example.com", *words)
    return place


def ran(folder: Path, *command: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("RECS_CONFIG", "INSTALLED_CONFIG")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-5000:]}{done.stderr[-5000:]}"
    return done.stdout


def renamed(text: str) -> str:
    """Stages as the business calls them, in variables too."""
    for ours, theirs in STAGES.items():
        text = re.sub(rf"(?<!\.)\b{ours.upper()}\b", theirs.upper(), text.replace(f'"{ours}"', f'"{theirs}"'))
    return text


def test_tests_are_green_after_the_checklist_and_nothing_but_the_configuration_has_changed(
    checkout: Path,
) -> None:
    [taken_away] = re.findall(r"^rm -r .*$", PAGE.read_text(encoding="utf-8"), re.M)
    ran(checkout, "bash", "-c", taken_away)
    ran(checkout, sys.executable, "-m", "config.new", "use-case", "gifts")
    for name in ("stages.py", "delivery.py"):
        file = checkout / "config" / name
        file.write_text(renamed(file.read_text(encoding="utf-8")), encoding="utf-8")

    ran(checkout, sys.executable, "-m", "tests.app.support.snapshots")
    ran(checkout, sys.executable, "-m", "delivery", "files")
    ran(checkout, sys.executable, "-m", "mypy")
    ran(checkout, sys.executable, "-m", "pytest", "-q", "--collect-only", "tests")
    near = (
        "tests/app/installed",
        "tests/delivery",
        "tests/house",
        "tests/app/unit/config",
        "tests/app/unit/demo",
    )
    ran(checkout, sys.executable, "-m", "pytest", "-q", *near)

    changed = [line[3:] for line in ran(checkout, "git", "status", "--porcelain", "-uall").splitlines()]
    assert [path for path in changed if not path.startswith(OURS)] == []
    assert "config/use_cases/gifts/use_case.py" in changed
