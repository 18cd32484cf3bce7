"""What recipe, parameters, events and judgement of a use case must obey."""

import re
from collections.abc import Iterator
from functools import partial

from config.derived.recipes import METRICS, RECIPES, Parameter, Purpose, Recipe
from config.types.errors import Problem
from config.types.mistakes import must_be
from config.types.use_case import ALL_EVENTS, UseCase
from config.types.variants import HyperParameter, Personalize

_EVENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-. ]{0,255}")
_MOST_WEIGHTS = 10
_LONGEST_FILTER = 2500
_PURPOSES = (Purpose.ITEMS_FOR_USERS, Purpose.RELATED_ITEMS)


def model_problems(use_case: UseCase) -> Iterator[Problem]:
    if use_case.personalize:
        yield from _recipe_problems(use_case, use_case.personalize)
    yield from _event_problems(use_case)
    yield from _own_item_problems(use_case)
    yield from _judgement_problems(use_case)


def _recipe_problems(use_case: UseCase, variant: Personalize) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    field = f"variants[{variant.name}]"
    usable = ", ".join(sorted(recipe.name for recipe in RECIPES.values() if _fits(recipe)))
    recipe = RECIPES.get(variant.recipe)
    if recipe is None:
        yield about(
            f"{field}.recipe", variant.recipe, f"must be a recipe of Amazon Personalize; here: {usable}"
        )
        return
    if recipe.purpose not in _PURPOSES:
        reason = f"is a recipe for {recipe.purpose}, and lists for users or items are needed: {usable}"
        yield about(f"{field}.recipe", recipe.name, reason)
        return
    if recipe.legacy:
        yield about(f"{field}.recipe", recipe.name, f"is a legacy recipe, not for new solutions: {usable}")
        return
    for name, value in variant.hyper_parameters.items():
        rule = _parameter_rule(recipe, name, value)
        if rule:
            yield about(f"{field}.hyper_parameters[{name}]", value, rule)
    if use_case.weighs_events and not recipe.weighs_events:
        weighing = ", ".join(r.name for r in RECIPES.values() if r.weighs_events and _fits(r))
        yield about("event_types", recipe.name, f"only these recipes take weights of events: {weighing}")


def _fits(recipe: Recipe) -> bool:
    return recipe.purpose in _PURPOSES and recipe.batch and not recipe.legacy


def _parameter_rule(recipe: Recipe, name: str, value: HyperParameter) -> str | None:
    if name not in recipe.parameters:
        known = ", ".join(sorted(recipe.parameters)) or "none"
        return f"is not a parameter of {recipe.name}; it takes {known}"
    parameter = recipe.parameters[name]
    if not _is_of_kind(value, parameter):
        return f"must be of the type {parameter.kind.__name__}"
    if parameter.low is not None and parameter.high is not None:
        assert isinstance(value, int | float)
        if not parameter.low <= value <= parameter.high:
            return f"must be from {parameter.low} to {parameter.high}"
    return None


def _is_of_kind(value: HyperParameter, parameter: Parameter) -> bool:
    if parameter.kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is parameter.kind


def _event_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    names = [event.name for event in use_case.event_types]
    if names and not use_case.interactions.column("EVENT_TYPE"):
        yield about("event_types", names, "need a column EVENT_TYPE in the interactions")
    for name in names:
        if not _EVENT_NAME.fullmatch(name):
            yield about("event_types", name, "must be 1 to 256 letters, digits, blanks and _-.")
    for name in sorted({name.lower() for name in names}):
        same = [other for other in names if other.lower() == name]
        if len(same) > 1:
            rule = "must not be named twice: filters compare event types without regard to case"
            yield about("event_types", same, rule)
    weights = [event.weight for event in use_case.event_types if event.weight is not None]
    for event in use_case.event_types:
        if event.weight is not None and not 0 <= event.weight <= 1:
            yield about(f"event_types[{event.name}].weight", event.weight, "must be from 0 to 1")
    if weights and len(weights) < len(names):
        without = [event.name for event in use_case.event_types if event.weight is None]
        yield about("event_types", without, "need a weight, because the other event types have one")
    if weights and max(weights) <= 0:
        yield about("event_types", weights, "at least one weight must be above 0")
    if len(names) > _MOST_WEIGHTS:
        yield about("event_types", len(names), f"there can be at most {_MOST_WEIGHTS} event types")


def _own_item_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    own = use_case.own_items.event_types
    if own and not use_case.interactions.column("EVENT_TYPE"):
        yield about("own_items.event_types", own, "need a column EVENT_TYPE in the interactions")
    known = [event.name for event in use_case.event_types]
    if own != ALL_EVENTS:
        for name in own:
            if name == "*":
                yield about("own_items.event_types", own, "* stands alone: it means all event types")
            elif name not in known:
                rule = must_be("one of the use case's event_types", name, known)
                yield about("own_items.event_types", name, rule)
    expression = use_case.own_items.filter_expression
    if expression and len(expression) > _LONGEST_FILTER:
        yield about(
            "own_items.event_types",
            expression,
            f"the filter made of them must not be longer than {_LONGEST_FILTER} characters",
        )


def _judgement_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    judgement = use_case.judgement
    if judgement.metric not in METRICS:
        yield about(
            "judgement.metric", judgement.metric, f"must be a metric of the service: {', '.join(METRICS)}"
        )
    if not 0 <= judgement.floor < 1:
        yield about("judgement.floor", judgement.floor, "must be from 0 to below 1, as the metrics are")
    if not 0 <= judgement.tolerance < 1:
        yield about("judgement.tolerance", judgement.tolerance, "must be a share from 0 to below 1")
