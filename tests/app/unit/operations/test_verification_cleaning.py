"""Only what carries the id of a run is removed, whatever else there is."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.estate.kinds import DELETABLE
from verification.ground.account import Cloud
from verification.ground.cleaning import Cleaning, NotOfTheRun
from verification.ground.inventory import LISTINGS, Named, take_inventory
from verification.ground.names import NoRunId, carries, checked, new_run

RUN = "v3k9x2a"
PARTS = st.sampled_from("recs dev serving v3k9x2b v3k9x2 3k9x2a xv3k9x2a v3k9x2a1 V3K9X2A v3k9x2a".split())
NAMES = st.lists(PARTS, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from(["-", "/", "_", ".", ""]).map(lambda joint: joint.join(parts))
)


class Service:
    """Lists the names of the estate as everything, and remembers what it is told to do."""

    def __init__(self, names: set[str], told: list[tuple[str, dict[str, Any]]]) -> None:
        self.names, self.told = names, told

    def can_paginate(self, _: str) -> bool:
        return False

    def get_paginator(self, operation: str) -> Any:
        return type("P", (), {"paginate": lambda _, **__: [getattr(self, operation)()]})()

    def __getattr__(self, operation: str) -> Any:
        return lambda **arguments: self._answer(operation, arguments)

    def _answer(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation.startswith(("delete_", "stop_", "remove_")):
            self.told.append((operation, arguments))
            self.names -= {value for value in arguments.values() if isinstance(value, str)}
            return {}
        if operation.startswith("describe_") and arguments:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, operation)
        return {
            "Stacks": [{"StackName": n, "StackStatus": "X", "CreationTime": 0} for n in sorted(self.names)],
            "StackSummaries": [{"StackName": n, "StackStatus": "X"} for n in sorted(self.names)],
            "QueueUrls": sorted(self.names),
            "Rules": [{"Name": n} for n in sorted(self.names)],
            "logGroups": [{"logGroupName": n} for n in sorted(self.names)],
            "stateMachines": [{"stateMachineArn": n} for n in sorted(self.names)],
            "executions": [{"executionArn": f"{arguments.get('stateMachineArn')}:1"}],
            "Targets": [{"Id": "queue"}],
            **{
                member: [{"name": n, **{kind.arn: n for kind in DELETABLE}} for n in sorted(self.names)]
                for member in (kind.listed_as for kind in DELETABLE)
            },
        }  # fmt: skip


class Estate:
    """Each service has the same names."""

    def __init__(self, names: set[str]) -> None:
        self.services: dict[str, Service] = {}
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.names = names

    def client(self, service: str) -> Service:
        return self.services.setdefault(service, Service(set(self.names), self.told))


@settings(deadline=None)
@given(names=st.sets(NAMES, max_size=8))
def test_cleaning_touches_nothing_without_the_run_s_id(names: set[str]) -> None:
    estate = Estate(names)

    Cleaning(cast(Cloud, estate), RUN, lambda _: None, pause=0).clean()

    touched = {
        value.removesuffix(":1")
        for _, arguments in estate.told
        for value in arguments.values()
        if isinstance(value, str) and value not in ("verification ends",)
    }
    assert touched == {name for name in names if carries(name, RUN)}
    assert {name for name in names if not carries(name, RUN)} <= estate.client("sqs").names


def test_a_service_that_fails_does_not_keep_the_rest_from_being_removed() -> None:
    class Failing(Service):
        def _answer(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "later"}}, operation)

    name = f"recs-{RUN}-sample"
    estate, said = Estate({name}), list[str]()
    for service in ("personalize", "stepfunctions"):
        estate.services[service] = Failing({name}, estate.told)

    Cleaning(cast(Cloud, estate), RUN, said.append, pause=0).clean()

    operations = {operation for operation, _ in estate.told}
    assert operations >= {"delete_stack", "delete_rule", "delete_queue", "delete_log_group"}
    assert sum("later" in line for line in said) == 3


@settings(deadline=None)
@given(name=NAMES)
def test_an_id_is_a_word_of_the_name_or_it_is_somebody_else_s(name: str) -> None:
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()

    assert carries(name, RUN) == (RUN in words)


@pytest.mark.parametrize("run", ["", "v", "dev", "serving", "vabcdef", "v3k9x2", "v3k9x2a-", "V3K9X2A"])
def test_a_word_that_is_no_run_s_id_cleans_nothing(run: str) -> None:
    estate = Estate({"recs-dev-serving", run})

    with pytest.raises(NoRunId):
        Cleaning(cast(Cloud, estate), run, lambda _: None, pause=0).clean()

    assert estate.told == []


def test_what_is_not_the_run_s_cannot_be_removed_by_mistake() -> None:
    cleaning = Cleaning(cast(Cloud, Estate(set())), RUN, lambda _: None, pause=0)

    with pytest.raises(NotOfTheRun):
        cleaning._remove("sqs", "delete_queue", Named("recs-dev-events", "u"), QueueUrl="u")


def test_ids_are_taken_by_their_own_check() -> None:
    letters = iter("abcdefabcde1")

    assert new_run(lambda _: next(letters)) == "vabcde1"
    assert {checked(new_run()) for _ in range(200)}


def test_what_is_left_is_named_with_the_command_that_removes_it() -> None:
    inventory = take_inventory(cast(Cloud, Estate({f"recs-{RUN}-serving", "recs-dev-serving"})), RUN)

    queues = [one for one in inventory.left if one.service == "sqs"]
    assert [one.command for one in queues] == [f"aws sqs delete-queue --queue-url recs-{RUN}-serving"]
    assert all(carries(one.name, RUN) for one in inventory.left)
    assert len({one.service for one in inventory.left}) >= 6
    assert len(LISTINGS) >= 20
