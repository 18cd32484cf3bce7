"""New use cases and notifications begin as folders that pass the checks."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.new.__main__ import main
from config.notifications import NOTIFICATIONS
from config.notifications import discover as notifications_in
from config.place import HERE
from config.rules import check
from config.use_cases import USE_CASES
from config.use_cases import discover as use_cases_in
from tests.app.support.business.stages import STAGES

ROOT = HERE.parent


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration's folder; what was read of it at the start of the process stays."""
    monkeypatch.setattr("config.new.writing.part", lambda name: tmp_path / name)
    return tmp_path


def test_a_new_use_case_obeys_all_rules_and_the_style_beside_all_that_there_are(config: Path) -> None:
    assert main(["use-case", "gift_ideas"]) == 0

    [made] = use_cases_in(config / "use_cases")
    check(STAGES, (*USE_CASES, made), NOTIFICATIONS)
    assert (made.name, made.endpoint and made.endpoint.path) == ("gift_ideas", "gift-ideas")
    for command in (["check"], ["format", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, config / "use_cases"], cwd=ROOT, check=True)


def test_a_new_notification_tells_of_a_use_case_that_there_is(config: Path) -> None:
    assert main(["notification", "gifts_of_the_week", "--use-case", "posts"]) == 0

    [made] = notifications_in(config / "notifications")
    check(STAGES, USE_CASES, (*NOTIFICATIONS, made))
    assert (made.name, made.use_case, made.items.parent.name) == (
        "gifts_of_the_week",
        "posts",
        "gifts_of_the_week",
    )
    for command in (["check"], ["format", "--check"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, config / "notifications"], cwd=ROOT, check=True
        )


def test_what_is_there_stays_as_it_is(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = config / "use_cases" / "gift_ideas" / "use_case.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")

    assert main(["use-case", "gift_ideas"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert [file.read_text(encoding="utf-8") for file in mine.parent.iterdir()] == ["mine"]


@pytest.mark.parametrize("words", [
    ("notification", "posts", "--use-case", "posts"), ("notification", "a" * 33, "--use-case", "posts"),
    ("use-case", "weekly_programs"),
])  # fmt: skip
def test_nothing_is_written_under_a_name_that_the_checks_would_refuse(
    words: tuple[str, ...], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1
    assert capsys.readouterr().err.startswith("config.new: ")
    assert list(config.iterdir()) == []


@pytest.mark.parametrize("words", [
    ("use-case", "Gift-Ideas"), ("use-case", "../gifts"), ("use-case", "posts_"),
    ("notification", "gifts"), ("notification", "gifts", "--use-case", "gifts"),
])  # fmt: skip
def test_nothing_is_written_for_arguments_that_name_nothing(
    words: tuple[str, ...], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert capsys.readouterr().err.startswith("usage: python -m config.new")
    assert list(config.iterdir()) == []
