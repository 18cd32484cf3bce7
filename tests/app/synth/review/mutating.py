"""Mutations of production's templates: what each does, and the rules by which it has to be said."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from review.reading.assemblies import Stack
from review.reading.machines import definition_of, definition_string
from tests.app.support.business.stages import PROD
from tests.support.reviewing import Estate

Resources = dict[str, Any]
Change = Callable[[Resources], None]
Whole = Callable[[Stack], None]
HOME = PROD.id_in(PROD.region)
AWAY = PROD.id_in(PROD.replica_regions[0])


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """stack: its name. rules: without `REVIEW-`; all have to be found. given: what is to be there before."""

    name: str
    stack: str
    change: Whole
    rules: tuple[str, ...]
    given: Whole | None = None


class Table(list[Mutation]):
    """Mutations, collected by a decorator."""

    def of(
        self, kind: str, *rules: str, place: str = HOME, given: Change | None = None
    ) -> Callable[[Change], Change]:
        def add(change: Change) -> Change:
            before = _of_resources(given) if given else None
            self._add(change.__name__, f"{place}-{kind}", _of_resources(change), rules, before)
            return change

        return add

    def whole(
        self, kind: str, *rules: str, place: str = HOME, given: Whole | None = None
    ) -> Callable[[Whole], Whole]:
        """Of what else a template says, and of what is uploaded with it."""

        def add(change: Whole) -> Whole:
            self._add(change.__name__, f"{place}-{kind}", change, rules, given)
            return change

        return add

    def _add(self, name: str, stack: str, change: Whole, rules: tuple[str, ...], given: Whole | None) -> None:
        self.append(Mutation(name=name, stack=stack, change=change, rules=rules, given=given))


def _of_resources(change: Change) -> Whole:
    return lambda stack: change(stack.template["Resources"])


def ids(resources: Resources, type_: str, **having: Any) -> list[str]:
    return [
        name
        for name, one in sorted(resources.items())
        if one["Type"] == f"AWS::{type_}"
        and all(one.get("Properties", {}).get(key) == value for key, value in having.items())
    ]


def one(resources: Resources, type_: str, **having: Any) -> dict[str, Any]:
    """The properties of the first resource of a type, by its id."""
    properties: dict[str, Any] = resources[ids(resources, type_, **having)[0]]["Properties"]
    return properties


def with_property(resources: Resources, type_: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        resources[each]["Properties"]
        for each in ids(resources, type_)
        if name in resources[each]["Properties"]
    )
    return found


def remove(resources: Resources, type_: str, **having: Any) -> None:
    del resources[ids(resources, type_, **having)[0]]


def statement(resources: Resources, action: str) -> dict[str, Any]:
    """The first statement of a role's policy that allows an action, which is made a list."""
    for name in ids(resources, "IAM::Policy"):
        for each in resources[name]["Properties"]["PolicyDocument"]["Statement"]:
            actions = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
            if action in actions:
                each["Action"] = actions
                found: dict[str, Any] = each
                return found
    raise LookupError(action)


def redefine(resources: Resources, change: Callable[[dict[str, Any]], None], use_case: str = "posts") -> None:
    """Of the state machine of a use case."""
    machine = one(resources, "StepFunctions::StateMachine", StateMachineName=f"recs-{PROD.name}-{use_case}")
    definition = definition_of(machine["DefinitionString"])
    change(definition)
    machine["DefinitionString"] = definition_string(definition)


def query(definition: dict[str, Any], change: Callable[[str], str]) -> None:
    """Of the extraction of interactions."""
    step = definition["States"]["Extract datasets"]["Branches"][0]["States"]["Extract interactions"]
    payload = step["Arguments"]["Payload"]
    changed = change(payload["query"])
    assert changed != payload["query"]
    payload["query"] = changed


def uploaded_to(stack: Stack) -> dict[str, str]:
    """Assets of a stack that is being changed."""
    assert isinstance(stack.assets, dict)
    return stack.assets


def both(estate: Estate, mutation: Mutation) -> tuple[Estate, Estate]:
    """Before and after the mutation."""
    before = with_changed(estate, mutation.stack, mutation.given) if mutation.given else estate
    return before, with_changed(before, mutation.stack, mutation.change)


def with_changed(estate: Estate, name: str, change: Whole) -> Estate:
    stack = estate[name]
    template, assets = copy.deepcopy(stack.template), dict(stack.assets or {})
    changed = replace(stack, template=template, assets=assets, parameters=dict(stack.parameters))
    change(changed)
    return {**estate, name: changed}
