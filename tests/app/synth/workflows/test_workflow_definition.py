"""Decisions about the workflows, read out of the definitions that are deployed."""

from collections.abc import Iterator
from typing import Any

from config.use_cases import USE_CASES
from tests.app.support.business.stages import STAGES
from tests.app.support.template_reading import Machine, Template, flat, machines_of, resources_of, training_of

DEFINITION_LIMIT = 1024 * 1024
THROTTLED = "Personalize.ThrottlingException"
FULL = "Personalize.LimitExceededException"


def test_every_use_case_has_one_workflow_in_every_stage(machines: list[Machine]) -> None:
    expected = {
        f"recs-{stage.name}-{use_case.name.replace('_', '-')}" for stage in STAGES for use_case in USE_CASES
    }

    assert {machine.name for machine in machines} == expected
    assert len(machines) == len(expected)


def test_the_sql_is_readable_in_the_definition(machines: list[Machine]) -> None:
    use_cases = {use_case.name: use_case for use_case in USE_CASES}
    for machine in machines:
        shown = {
            state["Arguments"]["Payload"]["dataset"]: state["Arguments"]["Payload"]["query"]
            for _, state in machine.tasks("lambda:invoke")
            if "query" in state["Arguments"]["Payload"]
        }
        configured = use_cases[machine.use_case].datasets
        assert shown == {kind.value: dataset.query for kind, dataset in configured.items()}


def test_every_failure_leads_to_the_one_message(machines: list[Machine]) -> None:
    """But that of the first look, before which there is no run: it is told as an unnoticed ending."""
    for machine in machines:
        top, others = machine.definition["States"], ("Notify of the failure", machine.definition["StartAt"])
        for name, state in top.items():
            if state["Type"] in ("Task", "Parallel", "Map") and name not in others:
                catch = state["Catch"][-1]
                assert catch["ErrorEquals"] == ["States.ALL"], name
                assert catch["Next"] == "Describe the failure"
                assert catch["Assign"]["failedStep"] == name
        assert top["Describe the failure"]["Next"] == "Notify of the failure"
        assert top["Notify of the failure"]["Next"] == "Failed"
        assert [name for name, state in top.items() if state["Type"] == "Fail"] == [
            "Failed",
            "Failed, and nobody was told",
        ]


def test_a_branch_that_fails_names_its_own_step(machines: list[Machine]) -> None:
    for machine in machines:
        for name, state, scope in machine.states():
            if scope is machine.definition["States"] or state["Type"] != "Task" or name == "Load a shard":
                continue
            catch = state["Catch"][-1]
            assert catch["ErrorEquals"] == ["States.ALL"], name
            assert catch["Assign"]["branchStep"] == name
            assert "$branchStep" in scope[catch["Next"]]["Cause"]


def test_a_campaign_is_looked_at_when_there_is_nothing_new(machines: list[Machine]) -> None:
    looked = []
    for machine in machines:
        top = machine.definition["States"]
        keeps = "Update the campaign" in top
        unchanged = top["Is there anything new?"]["Default"]
        assert unchanged == ("Look at the campaign" if keeps else "Unchanged")
        if not keeps:
            continue
        looked.append(machine.use_case)
        look = top["Look at the campaign"]
        assert look["Catch"][0]["Next"] == "Create the campaign"
        assert look["Catch"][0]["Assign"] == {"solutionVersionArn": look["Assign"]["solutionVersionArn"]}
        assert top[look["Next"]]["Default"] == "Update the campaign"
        for state in (top["Update the campaign"], top["Create the campaign"]):
            end = top[state["Next"]]
            assert [end["Choices"][0]["Next"], end["Default"]] == ["Published", "Unchanged"]
    assert looked == ["posts"]


def test_the_message_names_use_case_step_error_reason_run_and_execution(machines: list[Machine]) -> None:
    for machine in machines:
        notify = machine.definition["States"]["Notify of the failure"]["Arguments"]
        for part in ("$failedStep", "$failedError", "$failureReason", "$run", "$states.context.Execution.Id"):
            assert part in notify["Message"]
        assert f"workflow of {machine.use_case} failed" in notify["Message"]
        assert "console.aws.amazon.com/states/home" in notify["Message"]
        failed = machine.definition["States"]["Failed"]
        assert failed["Error"] == "{% $failedError %}"
        assert "$failureReason" in failed["Cause"]


def test_a_shard_is_loaded_again_when_it_may_help_and_told_with_its_own_cause(
    machines: list[Machine],
) -> None:
    for machine in machines:
        load = machine.definition["States"]["Load recommendations"]
        shard = load["ItemProcessor"]["States"]["Load a shard"]
        assert "$states.errorOutput.Error" in shard["Catch"][-1]["Output"]["error"]
        repeated = {error for retrier in shard["Retry"] for error in retrier["ErrorEquals"]}
        assert repeated >= {"TableBusy", "StorageFailed"}
        assert "ToleratedFailurePercentage" not in load and "ToleratedFailureCount" not in load
        decide = machine.definition["States"][load["Next"]]
        assert decide["Assign"]["failedError"] == "{% $loaded.error %}"


def test_joining_many_events_goes_on_within_the_run(machines: list[Machine]) -> None:
    for machine in machines:
        for name, state in machine.tasks("lambda:invoke"):
            going_on = [retrier for retrier in state["Retry"] if "EventsUnfinished" in retrier["ErrorEquals"]]
            assert bool(going_on) == ("tracked" in state["Arguments"]["Payload"]), name


def test_every_retry_is_jittered_and_capped(machines: list[Machine]) -> None:
    for machine in machines:
        for name, state, _ in machine.states():
            for retrier in state.get("Retry", ()):
                assert retrier["JitterStrategy"] == "FULL", name
                assert 30 <= retrier["MaxDelaySeconds"] <= 900, name
                assert retrier["MaxAttempts"] >= 2, name
                assert "States.ALL" not in retrier["ErrorEquals"], name


def test_haste_is_retried_everywhere_and_a_full_queue_at_every_creation(machines: list[Machine]) -> None:
    for machine in machines:
        for name, state in machine.tasks():
            if ":aws-sdk:personalize:" not in state["Resource"]:
                continue
            retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
            assert THROTTLED in retried, name
            assert (FULL in retried) == (":create" in state["Resource"]), name


def test_a_job_that_exists_already_is_awaited_by_the_arn_its_name_gives(machines: list[Machine]) -> None:
    for machine in machines:
        jobs = [state for _, state in machine.tasks() if "JobName" in state.get("Arguments", {})]
        for state in jobs:
            exists = state["Catch"][0]
            assert exists["ErrorEquals"] == ["Personalize.ResourceAlreadyExistsException"]
            assert exists["Next"] == state["Next"]
            name = state["Arguments"]["JobName"].removeprefix("{% ").removesuffix(" %}")
            assert any(name in str(value) for value in exists["Assign"].values())


def test_arguments_of_sdk_calls_are_in_pascal_case(machines: list[Machine]) -> None:
    def names(value: Any) -> Iterator[str]:
        match value:
            case dict():
                for key, member in value.items():
                    yield key
                    # Values have names of their own.
                    yield from names(member if key != "ExpressionAttributeValues" else None)

    for machine in machines:
        for name, state in machine.tasks():
            if ":aws-sdk:" in state["Resource"]:
                assert all(key[0].isupper() for key in names(state["Arguments"])), name


def test_training_is_full_and_unnamed(machines: list[Machine]) -> None:
    for machine in machines:
        [train] = [state for _, state in machine.tasks("aws-sdk:personalize:createSolutionVersion")]
        assert set(train["Arguments"]) == {"SolutionArn", "TrainingMode"}
        assert train["Arguments"]["TrainingMode"] == "FULL"


def test_nothing_is_imported_before_every_dataset_is_extracted_and_compared(machines: list[Machine]) -> None:
    for machine in machines:
        states = machine.definition["States"]
        assert states["Extract datasets"]["Next"] == "Compare datasets"
        decide = states[states["Compare datasets"]["Next"]]
        assert [rule["Next"] for rule in decide["Choices"]] == ["Import datasets"]
        assert decide["Choices"][0]["Condition"] == "{% $comparison.changed or $force %}"
        assert decide["Default"] in ("Unchanged", "Look at the campaign")


def test_the_good_endings_say_which_they_are(machines: list[Machine]) -> None:
    for machine in machines:
        top = machine.definition["States"]
        outcomes = {
            name: state["Output"]["outcome"] for name, state in top.items() if state["Type"] == "Succeed"
        }
        assert outcomes == {
            "Fenced": "fenced",
            "Skipped": "skipped",
            "Unchanged": "unchanged",
            "Kept": "kept",
            "Published": "published",
        }
        assert top["Notify of the kept model"]["Next"] == "Kept"


def test_definitions_stay_far_below_the_limit(machines: list[Machine]) -> None:
    assert max(len(str(machine.definition)) for machine in machines) < DEFINITION_LIMIT / 4


def test_executions_are_logged_and_traced(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        template = training_of(templates, stage)
        for machine in resources_of(template, "AWS::StepFunctions::StateMachine").values():
            assert machine["LoggingConfiguration"]["Level"] == "ALL"
            assert machine["TracingConfiguration"] == {"Enabled": True}


def test_an_ending_that_no_state_can_tell_of_is_told_by_a_rule(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        template = training_of(templates, stage)
        rules = list(resources_of(template, "AWS::Events::Rule").values())
        functions = resources_of(template, "AWS::Lambda::Function").items()
        [teller] = [name for name, one in functions if one["Handler"] == "steps.tell_ending.lambda_handler"]
        for machine in machines_of(template):
            own = [
                rule
                for rule in rules
                if rule["EventPattern"]["detail"]["stateMachineArn"] == [{"Ref": machine.logical_id}]
            ]
            statuses = {tuple(rule["EventPattern"]["detail"]["status"]) for rule in own}
            assert statuses == {("TIMED_OUT", "ABORTED"), ("FAILED",)}
            for rule in own:
                [target] = rule["Targets"]
                assert flat(target["Arn"]) == f"<{teller}.Arn>"
                assert machine.use_case in target["InputTransformer"]["InputTemplate"]
            # Told failures begin with `Step `: they must not be told twice.
            [failed] = [rule for rule in own if rule["EventPattern"]["detail"]["status"] == ["FAILED"]]
            assert {"anything-but": {"prefix": "Step "}} in failed["EventPattern"]["detail"]["cause"]
            assert machine.definition["States"]["Failed"]["Cause"].startswith('{% "Step " & ')
            told_elsewhere = machine.definition["States"]["Failed, and nobody was told"]["Cause"]
            assert told_elsewhere.startswith("{% 'Not notified. ' & ")
