"""What the workflows wait for: how often they look, how long at most, and what ends the waiting."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.support.template_reading import Machine

HISTORY_LIMIT = 25_000
EVENTS_PER_LOOK = 9
HOURS = {
    "the import of interactions": 4,
    "the import of users": 4,
    "the import of items": 4,
    "the solution version": 24,
    "the batch inference job": 12,
}


def loops(machine: Machine) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """What is waited for, and the loop's wait, describe and choice."""
    for name, wait, scope in machine.states():
        if name.startswith("Wait for "):
            describe = scope[wait["Next"]]
            yield name.removeprefix("Wait for "), wait, describe, scope[describe["Next"]]


def test_polls_are_at_least_a_minute_apart_and_not_in_step(machines: list[Machine]) -> None:
    for machine in machines:
        for _, wait, describe, _ in loops(machine):
            seconds = re.fullmatch(r"{% (\d+) \+ \$floor\(\$random\(\) \* (\d+)\) %}", wait["Seconds"])
            assert seconds and int(seconds[1]) >= 60 and int(seconds[2]) >= 15
            assert ":personalize:describe" in describe["Resource"]


def looks(wait: dict[str, Any], choice: dict[str, Any]) -> tuple[int, int]:
    """How many looks there are at most, and the seconds between them."""
    [limit] = re.findall(r"Looks < (\d+)", str(choice["Choices"]))
    return int(limit), int(re.findall(r"\d+", wait["Seconds"])[0])


def test_every_wait_has_a_deadline_that_is_counted(machines: list[Machine]) -> None:
    for machine in machines:
        found = {}
        for title, wait, describe, choice in loops(machine):
            limit, seconds = looks(wait, choice)
            found[title] = limit * seconds / 3600
            [counter] = [name for name in describe["Assign"] if name.endswith("Looks")]
            assert describe["Assign"][counter] == f"{{% ${counter} + 1 %}}"
            back = [rule for rule in choice["Choices"] if rule["Next"] == f"Wait for {title}"]
            assert [f"${counter} < {limit}" in rule["Condition"] for rule in back] == [True]
            late = [rule for rule in choice["Choices"] if "TookTooLong" in str(rule.get("Assign"))]
            assert [f" {HOURS[title]} hours" in str(rule["Assign"]) for rule in late] == [True]
        assert found == {title: HOURS[title] for title in found}
        assert set(found) >= {"the solution version", "the batch inference job"}


def test_the_whole_run_has_time_for_every_deadline(machines: list[Machine]) -> None:
    for machine in machines:
        one_after_another = HOURS["the import of items"] + HOURS["the solution version"]
        one_after_another += HOURS["the batch inference job"]
        assert machine.definition["TimeoutSeconds"] > one_after_another * 3600


def test_waiting_to_the_last_deadline_does_not_fill_the_history(machines: list[Machine]) -> None:
    for machine in machines:
        all_looks = sum(looks(wait, choice)[0] for _, wait, _, choice in loops(machine))
        assert all_looks * EVENTS_PER_LOOK < HISTORY_LIMIT * 0.75


@pytest.mark.parametrize("status", ["CREATE FAILED", "CREATE STOPPED", "CREATE STOPPING", "DELETE PENDING"])
def test_any_other_status_ends_in_the_failure_path_with_its_reason(
    machines: list[Machine], status: str
) -> None:
    for machine in machines:
        for _, _, describe, choice in loops(machine):
            assert status not in str(choice["Choices"])
            cause = next(text for name, text in choice["Assign"].items() if name.endswith("Cause"))
            reason = next(name for name in describe["Assign"] if name.endswith("Reason"))
            assert f"${reason}" in cause
            assert "FailureReason" in describe["Assign"][reason]


def test_both_spellings_of_a_running_batch_job_are_known(machines: list[Machine]) -> None:
    for machine in machines:
        [choice] = [choice for title, _, _, choice in loops(machine) if title == "the batch inference job"]
        for status in ("PENDING", "IN PROGRESS", "CREATE PENDING", "CREATE IN_PROGRESS"):
            assert f'"{status}"' in choice["Choices"][1]["Condition"]
