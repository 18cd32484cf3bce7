"""The configuration of this installation obeys all rules, and is what the local cloud and pipelines need."""

import subprocess
import sys
from pathlib import Path

from config.rules import check
from config.rules.delivery import delivery_problems
from tests.app.support.installed import environment, installed

ROOT = Path(__file__).parents[3]


def test_the_configuration_obeys_all_rules() -> None:
    here = installed()

    check(here.stages, here.use_cases, here.notifications)
    assert list(delivery_problems(here.delivery, here.stages)) == []


def test_commands_read_it_and_not_the_business_of_the_tests() -> None:
    script = "from config.use_cases import USE_CASES; print(*(case.name for case in USE_CASES))"

    command = [sys.executable, "-c", script]
    told = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True)

    assert told.stdout.split() == [case.name for case in installed().use_cases]
