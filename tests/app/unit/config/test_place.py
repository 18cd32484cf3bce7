"""A team's configuration may lie in a folder of its own, and stands in place of the one here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.place import HERE, VARIABLE, folder
from config.types.errors import ConfigError

BUSINESS = HERE.parent / "tests" / "app" / "support" / "business"
TOLD = """
from config import delivery, place, stages
from config.use_cases import USE_CASES
from config.notifications import NOTIFICATIONS
names = [case.name for case in USE_CASES]
print(stages.DEV.owner, len(delivery.DELIVERY.targets), names, NOTIFICATIONS, place.demo())
"""


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder with one use case, no notification, and no word about a demo."""
    place = tmp_path / "ours"
    shutil.copytree(BUSINESS / "use_cases" / "posts", place / "use_cases" / "posts")
    stages = (BUSINESS / "stages.py").read_text(encoding="utf-8")
    (place / "stages.py").write_text(stages.replace("recommendations-team", "us"), encoding="utf-8")
    (place / "delivery.py").write_text((BUSINESS / "delivery.py").read_text("utf-8"), encoding="utf-8")
    return place


def test_commands_read_the_folder_that_the_variable_names_and_nothing_of_the_one_here(ours: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=HERE.parent, env={**os.environ, VARIABLE: str(ours)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("us 3 ['posts'] () None\n", "")


def test_a_path_that_is_not_absolute_begins_at_the_root_of_the_repository_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert folder({VARIABLE: "tests/app/support/business"}) == BUSINESS
    assert folder({VARIABLE: ""}) == folder({}) == folder({VARIABLE: "config"}) == HERE


def test_all_that_is_missing_in_a_folder_or_would_hide_a_part_of_the_product_is_told_at_once(
    ours: Path,
) -> None:
    (ours / "stages.py").unlink()
    shutil.rmtree(ours / "use_cases")
    (ours / "rules").mkdir()

    with pytest.raises(ConfigError) as refused:
        folder({VARIABLE: str(ours)})

    told = {problem.field: problem.rule for problem in refused.value.problems}
    assert told.keys() == {"stages.py", "use_cases", "rules"}
    assert "is missing" in told["stages.py"] and "hide" in told["rules"]
    with pytest.raises(ConfigError, match="is no folder"):
        folder({VARIABLE: str(ours / "nowhere")})
