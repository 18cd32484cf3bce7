"""What the names of a stage are recognised by, and the order in which things can go."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.derived.names import PersonalizeNames
from config.derived.recognition import StageNames, is_named_after
from config.use_cases import USE_CASES
from operations.estate.kinds import DELETABLE, JOBS, SOLUTION_VERSION, Kind
from operations.leaving.rights import use_case_of, without_personalize
from personalize_server.facts.resources import RESOURCES
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import PROD, STAGES

RUN = "20261121T195012345"
STAGE_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
CASES = [case for case in USE_CASES if case.personalize]


@settings(deadline=None)
@given(stages=st.lists(STAGE_NAMES, min_size=2, max_size=2, unique=True), case=st.sampled_from(CASES))
def test_a_stage_knows_its_own_names_and_those_of_no_other_stage(stages: list[str], case: object) -> None:
    mine, other = map(StageNames, stages)
    names = PersonalizeNames(stages[0], case)  # type: ignore[arg-type]
    use_case = names.prefix.removeprefix(mine.prefix)

    assert mine.of_group(names.dataset_group) == use_case
    assert all(is_named_after(name, mine.group(use_case)) for _, name in names.all())
    for dataset in names.use_case.datasets:
        assert mine.of_schema(names.schema(dataset)) == use_case
        assert mine.of_import_job(names.import_job(dataset, RUN)) == (use_case, RUN)
    assert mine.of_batch_job(names.batch_job(RUN)) == (use_case, RUN)
    for _, name in names.all():
        assert other.of_group(name) is None and other.of_schema(name) is None
        assert other.of_import_job(name) is None and other.of_batch_job(name) is None


@pytest.mark.parametrize("kind", [*DELETABLE, *JOBS, SOLUTION_VERSION], ids=lambda kind: kind.operation)
def test_a_kind_is_as_the_service_s_model_has_it(kind: Kind) -> None:
    model = botocore.session.get_session().get_service_model("personalize")
    operations = {botocore.xform_name(name): model.operation_model(name) for name in model.operation_names}

    assert kind.listed_as in operations[kind.listing].output_shape.members
    summary = operations[kind.listing].output_shape.members[kind.listed_as].member.members
    assert {kind.arn, kind.named} <= set(summary)
    assert kind.described_as in operations[kind.description].output_shape.members
    assert kind.arn in operations[kind.description].input_shape.required_members
    assert (kind.deletion in operations) == (kind in DELETABLE)


def test_what_keeps_something_from_being_deleted_goes_before_it() -> None:
    places = {RESOURCES_BY_LISTING[kind.listed_as]: number for number, kind in enumerate(DELETABLE)}

    for name, place in places.items():
        for blocker in RESOURCES[name].blockers:
            if blocker.kind in places and not (blocker.running_only or blocker.updating_only):
                assert places[blocker.kind] < place, f"{blocker.kind} before {name}"


RESOURCES_BY_LISTING = {facts.listed_as: name for name, facts in RESOURCES.items()}


def data_stack() -> dict[str, Any]:
    """The resources of production's, by their logical ids."""
    name = f"{PROD.id_in(PROD.region)}-Data"
    [resources] = [stack.template["Resources"] for stack in stacks() if stack.name == name]
    found: dict[str, Any] = resources
    return found


def test_the_roles_that_templates_give_to_jobs_are_recognised() -> None:
    roles = [one["Properties"] for one in data_stack().values() if one["Type"] == "AWS::IAM::Role"]

    found = sorted(filter(None, map(use_case_of, roles)))

    assert found == sorted([case.name for case in CASES] * 2)
    assert len(roles) > len(found)


def test_the_functions_whose_log_groups_are_left_are_in_the_templates() -> None:
    from operations.leaving.logs import _FUNCTIONS

    groups = [name for name, one in data_stack().items() if one["Type"] == "AWS::Logs::LogGroup"]

    assert [sum(name.startswith(function) for name in groups) for function in _FUNCTIONS] == [1, 1]


def test_only_statements_for_personalize_alone_are_taken_out_of_a_policy() -> None:
    service = "personalize.amazonaws.com"
    ours = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:GetObject"}
    both = {**ours, "Principal": {"Service": [service, "glue.amazonaws.com"]}}
    denial = {**ours, "Effect": "Deny", "Principal": "*"}
    policy = {"Version": "2012-10-17", "Statement": [ours, both, denial]}

    assert without_personalize(policy) == {"Version": "2012-10-17", "Statement": [both, denial]}
    assert without_personalize({**policy, "Statement": [both, denial]}) is None


def test_stages_are_told_apart_by_their_names() -> None:
    prefixes = [StageNames(stage.name).prefix for stage in STAGES]

    assert not [(a, b) for a in prefixes for b in prefixes if a != b and a.startswith(b)]
