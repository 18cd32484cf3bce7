"""What Python says of a configuration is told in words, with its line, and hides nothing else."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.place import HERE, VARIABLE
from config.rules import check
from config.schema import Audience, StageConfig, Tier
from config.types.discovery import Folders
from config.types.errors import ConfigError
from config.types.use_case import OwnItems, UseCase
from tests.app.support.good_stage import GOOD

BUSINESS = HERE.parent / "tests" / "app" / "support" / "business"
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a field that there is not": (
        'owner="recommendations-team",', 'ownr="recommendations-team",',
        ("StageConfig has no field 'ownr' (did you mean 'owner'?)", "alarm_emails", "line 19"),
    ),
    "a field that is missing": ('    owner="recommendations-team",\n', "", ("missing", "'owner'", "line 19")),
    "a choice that there is not": (
        "tier=Tier.DEVELOPMENT", "tier=Tier.DEVELOPMNT",
        ("no Tier.DEVELOPMNT (did you mean 'DEVELOPMENT'?)", "Tier.STAGING", "line 21"),
    ),
    "a name that nothing has": (
        "tier=Tier.DEVELOPMENT", "tier=Teir.DEVELOPMENT", ("'Teir'", "did you mean 'Tier'?", "line 21"),
    ),
    "a comma that is missing": (
        "tier=Tier.DEVELOPMENT,", "tier=Tier.DEVELOPMENT", ("SyntaxError", "comma", "line 21"),
    ),
    "an import that there is not": (
        "    ApiConfig,", "    ApiConfg,",
        ("cannot import name 'ApiConfg' from 'config.schema' (did you mean 'ApiConfig'?)", "line 3"),
    ),
    "one stage without its comma": (
        "STAGES = (DEV, STAGING, PROD, LOCAL)", "STAGES = (DEV)",
        ("the stages, STAGES", "a tuple of stages", "is a comma missing?"),
    ),
    "a name that others ask for": (
        "STAGES = (DEV", "STAGE = (DEV", ("the stages, stages.py: 'STAGES': must be defined there",),
    ),
}  # fmt: skip


def said(folder: Path, right: str, wrong: str, *command: str) -> str:
    """By a command, of a configuration with that mistake in its stages."""
    for name in ("use_cases/posts", "delivery.py"):
        copy: Any = shutil.copytree if "/" in name else shutil.copy
        (folder / name).parent.mkdir(exist_ok=True)
        copy(BUSINESS / name, folder / name)
    text = (BUSINESS / "stages.py").read_text(encoding="utf-8")
    assert right in text
    (folder / "stages.py").write_text(text.replace(right, wrong, 1), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=HERE.parent, env={**os.environ, VARIABLE: str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1 and not done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_stages_py_is_told_in_words_with_its_line(case: str, tmp_path: Path) -> None:
    right, wrong, words = MISTAKES[case]

    told = said(tmp_path, right, wrong, "delivery", "files", "--check")

    assert [word for word in words if word not in told] == [], told


@pytest.mark.parametrize("command", ["review main", "verification", "config.new use-case gifts"])
def test_commands_that_are_asked_seldom_tell_it_too(command: str, tmp_path: Path) -> None:
    right, wrong, words = MISTAKES["a field that there is not"]

    told = said(tmp_path, right, wrong, *command.split())

    assert [word for word in words if word not in told] == [], told


def test_an_event_type_that_is_not_known_is_told_with_the_nearest_and_all(good: UseCase) -> None:
    known = ", ".join(event.name for event in good.event_types)
    first = good.event_types[0].name

    with pytest.raises(ConfigError) as told:
        check((), (replace(good, own_items=OwnItems(event_types=(f"{first}ed",))),))

    assert f"event_types (did you mean {first!r}?): {known}" in str(told.value)


def test_a_field_that_a_use_case_has_not_is_told_with_those_that_it_has(tmp_path: Path) -> None:
    place = tmp_path / "gifts"
    place.mkdir()
    lines = ("from config.schema import UseCase", "", "USE_CASE = UseCase(name='gifts', describtion='gifts')")
    (place / "use_case.py").write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ConfigError, match=r"use_case\.py line 3") as told:
        Folders(UseCase, "use case", "use_case.py", "USE_CASE").discover(tmp_path)

    assert "UseCase has no field 'describtion' (did you mean 'description'?)" in str(told.value)


def problems_of(stage: StageConfig) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check((stage,), ())
    return [f"{problem.field}: {problem.rule}" for problem in caught.value.problems]


def test_a_value_of_a_wrong_type_does_not_hide_what_else_is_wrong() -> None:
    wrong: Any = "30"

    told = problems_of(replace(GOOD, account="12", audience=Audience(active_within_days=wrong)))

    assert told == [
        "audience.active_within_days: must be a whole number or None",
        "account: must be the 12 digits of an AWS account",
    ]


def test_a_value_of_a_wrong_type_that_no_rule_can_look_at_is_told_alone_and_once() -> None:
    wrong: Any = 7

    assert problems_of(replace(GOOD, alarm_emails=wrong)) == [
        "alarm_emails: must be a tuple of (a text): is a comma missing?"
    ]


def test_what_must_be_one_of_several_is_told_with_all_of_them() -> None:
    wrong: Any = "development"

    told = problems_of(replace(GOOD, tier=wrong))

    assert told[0] == f"tier: must be one of {', '.join(f'Tier.{tier.name}' for tier in Tier)}"
