"""What a change of templates costs is said with the line of configuration that causes it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costs.command import main
from costs.delta import Change, delta, lines_of
from costs.estimating.estimate import priced, use_case_lines
from costs.estimating.reading import stages_in
from costs.prices.catalogue import catalogue
from costs.usage.fixed import fixed_lines
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack
from review.reading.machines import definition_of, definition_string, states_of
from tests.app.support.assemblies import stacks
from tests.app.unit.costs.estimates import TODAY, write_assembly

Mutate = Callable[[str, dict[str, Any]], None]


def mutated(change: Mutate) -> tuple[Stack, ...]:
    """change: of a resource of production, by its logical id, in place."""
    found = []
    for stack in stacks():
        if stack.name.startswith("Prod"):
            template = copy.deepcopy(stack.template)
            for name, resource in list(template["Resources"].items()):
                change(name, resource)
                if not resource:
                    del template["Resources"][name]
            stack = replace(stack, template=template)
        found.append(stack)
    return tuple(found)


def schedule(name: str, resource: dict[str, Any]) -> None:
    properties = resource["Properties"]
    if (
        resource["Type"] == "AWS::Scheduler::Schedule"
        and properties["ScheduleExpression"] == "cron(0 3 * * ? *)"
    ):
        properties["ScheduleExpression"] = "rate(6 hours)"


def first_generation(name: str, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::Personalize::Solution" and name.startswith("Posts"):
        resource["Properties"]["RecipeArn"] = "arn:aws:personalize:::recipe/aws-user-personalization"


def replica(name: str, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::DynamoDB::GlobalTable":
        resource["Properties"]["Replicas"].append({"Region": "us-west-2"})


def no_key(name: str, resource: dict[str, Any]) -> None:
    if name == "FailuresKey0EED6E70":
        resource.clear()


def fewer_alarms(name: str, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::CloudWatch::Alarm" and name.startswith("Posts"):
        resource.clear()


def paused(name: str, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::Scheduler::Schedule":
        resource["Properties"]["State"] = "DISABLED"


def everybody(name: str, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::StepFunctions::StateMachine":
        definition = definition_of(resource["Properties"]["DefinitionString"])
        for title, state, _ in states_of(definition["States"]):
            if title == "Write batch input":
                state["Arguments"]["Payload"]["activeWithinDays"] = "{% null %}"
        resource["Properties"]["DefinitionString"] = definition_string(definition)


MUTATIONS: dict[str, tuple[Mutate, str, int]] = {
    "schedule": (schedule, "schedule cron(0 3 * * ? *) -> rate(6 hours)", 1),
    "recipe": (first_generation, "use case posts: variants personalize (aws-user-personalization-v2)", -1),
    "replica": (replica, "replica_regions eu-central-1 -> eu-central-1, us-west-2", 1),
    "key": (no_key, "key, month: 2 -> 1; gone: FailuresKey0EED6E70", -1),
    "alarms": (fewer_alarms, "metric of an alarm, month", -1),
    "paused": (paused, "schedule cron(0 3 * * ? *) -> off", -1),
    "everybody": (everybody, "audience active within 180 days -> everybody", 1),
}


@pytest.mark.parametrize(("change", "words", "sign"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_change_is_said_with_its_cause_and_its_sign(change: Mutate, words: str, sign: int) -> None:
    found = [one for one in delta(stacks(), mutated(change), today=TODAY) if words in one.cause]

    assert found and all(one.usd is not None and one.usd * sign > 0 for one in found)
    assert {one.stage for one in found} == {"prod"}


def both(name: str, resource: dict[str, Any]) -> None:
    for change in (schedule, first_generation, replica, fewer_alarms):
        if resource:
            change(name, resource)


def test_the_lines_together_are_the_whole_difference() -> None:
    after = mutated(both)

    assert sum(one.usd or 0 for one in delta(stacks(), after, today=TODAY)) == pytest.approx(
        whole(after) - whole(stacks()), abs=0.05
    )


def whole(given: Sequence[Stack]) -> float:
    lines = list(fixed_lines(given))
    for stage, use_cases in stages_in(given):
        for use_case in use_cases:
            lines += use_case_lines(
                Setting(stage=stage, use_case=use_case, volumes=Volumes(), asked=len(use_cases))
            )
    return priced(lines, catalogue(), TODAY).usd


def test_a_change_says_what_it_rests_on_and_nothing_else() -> None:
    """What functions take is the same with another recipe, and a key is paid whoever is there."""
    [recipe] = delta(stacks(), mutated(first_generation), today=TODAY)
    keys = delta(stacks(), mutated(no_key), today=TODAY)

    assert "people 13000 (assumed)" in recipe.notes
    assert not [note for note in recipe.notes if note.startswith("seconds by rates")]
    assert {doubt.partition(":")[0] for doubt in recipe.doubts} == {
        "training hour",
        "1,000 interactions trained on",
        "1,000 people of a batch, first generation",
        "1,000 people of a batch, second generation",
    }
    assert {key.region for key in keys} == {"eu-west-1", "eu-central-1"}
    for key in keys:
        assert key.notes == ()
        [doubt] = key.doubts
        assert doubt.startswith("key, month: assumed: ") and "older than 12 months" in doubt
    printed = lines_of([recipe, *keys])
    assert printed[1].split()[0].endswith("*")
    assert printed.count("* prices that are assumed or old:") == 1


def test_the_same_twice_costs_nothing() -> None:
    assert delta(stacks(), stacks(), today=TODAY) == []
    assert lines_of([]) == ["+0.00 US dollars a month"]


def test_a_stage_that_is_new_or_gone_is_one_line_of_its_runs() -> None:
    without = [stack for stack in stacks() if not stack.name.startswith("Dev")]

    new, gone = (
        [one for one in delta(*sides, today=TODAY) if one.cause.startswith("stage dev")]
        for sides in ((without, stacks()), (stacks(), without))
    )
    assert [one.cause for one in (*new, *gone)] == [
        "stage dev: new in eu-west-1",
        "stage dev: gone in eu-west-1",
    ]
    assert new[0].usd == pytest.approx(-(gone[0].usd or 0))


def test_memory_that_cannot_be_priced_is_said_without_a_figure() -> None:
    def more(name: str, resource: dict[str, Any]) -> None:
        if name.startswith("StepsExtractDataset") and resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["MemorySize"] = 4000

    [found] = delta(stacks(), mutated(more), today=TODAY)

    assert found.usd is None
    assert "memory 1,769 -> 4,000 MB" in found.cause
    assert "?" in lines_of([found])[1]


@pytest.mark.parametrize("days", [365, 90])
def test_an_audience_of_other_days_is_no_change_of_nothing(days: int) -> None:
    """How many more or fewer are active within them is nowhere: the difference is said as an interval."""

    def other(name: str, resource: dict[str, Any]) -> None:
        within(days, resource)

    [found] = delta(stacks(), mutated(other), today=TODAY)
    [all_of_them] = delta(mutated(other), mutated(everybody), today=TODAY)
    [note] = found.notes

    assert found.cause == f"stage prod: audience active within 180 days -> active within {days} days"
    assert found.usd is None
    assert f"{'everybody' if days > 180 else 'nobody'} is active within {days} days" in note
    if days > 180:
        assert f"from 0 to {all_of_them.usd:+,.2f}," in note
    else:
        assert "from 0 to -" in note
    assert lines_of([found])[0] == "+0.00 US dollars a month, and 1 that cannot be known (?)"
    assert note in lines_of([found])[1]


def within(days: int, resource: dict[str, Any]) -> None:
    if resource["Type"] == "AWS::StepFunctions::StateMachine":
        definition = definition_of(resource["Properties"]["DefinitionString"])
        for title, state, _ in states_of(definition["States"]):
            if title == "Write batch input":
                state["Arguments"]["Payload"]["activeWithinDays"] = days
        resource["Properties"]["DefinitionString"] = definition_string(definition)


def test_what_runs_on_ones_own_machine_is_in_no_difference() -> None:
    """The stacks of another stage by the name `local`: new, they cost nothing; gone, they save nothing."""
    local = [
        replace(stack, name=stack.name.replace("Dev-", "Local-"))
        for stack in stacks()
        if stack.name.startswith("Dev-")
    ]

    assert local
    assert delta(stacks(), [*stacks(), *local], today=TODAY) == []
    assert delta([*stacks(), *local], stacks(), today=TODAY) == []


def test_a_clock_of_notifications_that_goes_faster_is_no_change_of_nothing() -> None:
    def daily(name: str, resource: dict[str, Any]) -> None:
        if resource["Type"] == "AWS::Scheduler::Schedule" and name.startswith("WeeklyPrograms"):
            resource["Properties"]["ScheduleExpression"] = "rate(1 day)"

    [found] = delta(stacks(), mutated(daily), today=TODAY)

    assert found.usd is None
    assert "WeeklyPrograms" in found.cause and "cron(0 9 ? * MON *) -> rate(1 day)" in found.cause
    assert lines_of([found])[0].endswith("and 1 that cannot be known (?)")


def test_the_command_says_it_of_two_folders(
    assembly: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = write_assembly(tmp_path, mutated(schedule))

    assert main(["--assembly", str(after), "--against", str(assembly)], TODAY) == 0

    printed = capsys.readouterr().out
    assert "rate(6 hours)" in printed.splitlines()[1]
    assert printed.splitlines()[0].startswith("+")
    assert main(["--assembly", str(after), "--against", str(assembly), "--json", "-"], TODAY) == 0
    assert json.loads(capsys.readouterr().out)[0]["stage"] == "prod"


def test_a_folder_without_a_synth_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--assembly", str(tmp_path), "--against", str(tmp_path)], TODAY) == 1
    assert "has no manifest.json" in capsys.readouterr().err


def test_the_largest_comes_first() -> None:
    sums = [abs(one.usd) for one in delta(stacks(), mutated(both), today=TODAY) if one.usd is not None]

    assert sums == sorted(sums, reverse=True)
    assert all(isinstance(one, Change) for one in delta(stacks(), mutated(both), today=TODAY))
