"""What a solution's settings may be, by its recipe and its dataset group."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from personalize_server.data.avro_schema import Field
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.metric_names import METRICS, REWARDS
from personalize_server.facts.recipes import Parameter, Recipe
from personalize_server.state.context import Request

_RATE = re.compile(r"rate\((\d+) (days?)\)")
_MOST_JOBS = {"maxNumberOfTrainingJobs": 40, "maxParallelTrainingJobs": 10}
_DIRECTIONS = ("Maximize", "Minimize")
Fields = Mapping[str, tuple[Field, ...]]


def check_settings(request: Request, recipe: Recipe, fields: Fields) -> None:
    """`fields` are those of the group's datasets by type."""
    config = request.get("solutionConfig", {})
    check_features(request, config, recipe)
    _check_parameters(config.get("algorithmHyperParameters", {}), recipe.parameters, recipe)
    _check_parameters(config.get("featureTransformationParameters", {}), recipe.features, recipe)
    _check_threshold(config)
    check_schedule(config)
    search = config.get("hpoConfig", {})
    _check_search(search, recipe)
    _check_search_objective(search.get("hpoObjective", {}), "optimizationObjective" in config)
    _check_objective(config.get("optimizationObjective", {}), fields)
    check_columns(config.get("trainingDataConfig", {}), fields)


def check_features(request: Request, config: Mapping[str, Any], recipe: Recipe) -> None:
    """Of the features of a solution's training.

    Raises: InvalidInput, for one that the recipe does not have.
    """
    asked = {
        "performHPO": (request.get("performHPO"), recipe.hpo),
        "performIncrementalUpdate": (request.get("performIncrementalUpdate"), recipe.incremental),
        "eventsConfig": (config.get("eventsConfig"), recipe.events_config),
        "optimizationObjective": (config.get("optimizationObjective"), recipe.objective),
    }
    for name, (wanted, supported) in asked.items():
        if wanted and not supported:
            raise InvalidInput(f"The recipe {recipe.name} does not support {name}.")


def check_schedule(config: Mapping[str, Any]) -> None:
    """Of automatic training: every 1 to 30 days. Raises: InvalidInput."""
    expression = config.get("autoTrainingConfig", {}).get("schedulingExpression")
    if expression is None:
        return
    match = _RATE.fullmatch(expression)
    if match is None or not 1 <= int(match[1]) <= 30:
        raise InvalidInput("schedulingExpression must be rate(n days) with n from 1 to 30.")


def check_columns(config: Mapping[str, Any], fields: Fields) -> None:
    """Columns to train on, or not: of datasets and schemas that are there.

    Raises: InvalidInput, if they are not.
    """
    chosen = {**config.get("excludedDatasetColumns", {})}, {**config.get("includedDatasetColumns", {})}
    if chosen[0] and chosen[1]:
        raise InvalidInput("Give either excludedDatasetColumns or includedDatasetColumns.")
    for columns in chosen:
        for type_, names in columns.items():
            known = _fields_of(type_, fields)
            missing = [name for name in names if name not in known]
            if missing:
                raise InvalidInput(f"The {type_} dataset has no column {', '.join(missing)}.")


def _fields_of(type_: str, fields: Fields) -> set[str]:
    for known, columns in fields.items():
        if known.replace("_", "") == type_.upper().replace("_", ""):
            return {field.name for field in columns}
    raise InvalidInput(f"The dataset group has no {type_} dataset.")


def _check_parameters(given: Mapping[str, str], known: Mapping[str, Parameter], recipe: Recipe) -> None:
    for name, value in given.items():
        if name not in known:
            raise InvalidInput(f"The recipe {recipe.name} has no parameter {name}.")
        problem = known[name].problem(value)
        if problem:
            raise InvalidInput(f"The parameter {name} {problem}, not {value}.")


def _check_threshold(config: Mapping[str, Any]) -> None:
    try:
        float(config.get("eventValueThreshold") or 0)
    except ValueError:
        raise InvalidInput("eventValueThreshold must be a number.") from None


def _check_search(config: Mapping[str, Any], recipe: Recipe) -> None:
    for name, most in _MOST_JOBS.items():
        text = config.get("hpoResourceConfig", {}).get(name, "1")
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise InvalidInput(f"{name} must be a whole number from 1 to {most}, not {text}.")
    for name, values in _ranges(config.get("algorithmHyperParameterRanges", {})):
        parameter = recipe.parameters.get(name)
        if parameter is None or not parameter.tunable:
            raise InvalidInput(f"The recipe {recipe.name} has no hyper-parameter {name} that can be tuned.")
        if not values:
            raise InvalidInput(f"The range of {name} is empty.")
        for value in values:
            problem = parameter.problem(value)
            if problem:
                raise InvalidInput(f"The range of {name} {problem}, not {value}.")


def _check_search_objective(objective: Mapping[str, Any], rewarded: bool) -> None:
    """What trials are compared by: metrics that a version of this solution would have."""
    if objective.get("type", _DIRECTIONS[0]) not in _DIRECTIONS:
        raise InvalidInput(f"hpoObjective.type must be {' or '.join(_DIRECTIONS)}, not {objective['type']}.")
    known = (*METRICS, REWARDS) if rewarded else METRICS
    if objective.get("metricName", known[0]) not in known:
        raise InvalidInput(
            f"hpoObjective.metricName must be one of {', '.join(known)}, not {objective['metricName']}."
        )
    try:
        re.compile(objective.get("metricRegex", ""))
    except (re.error, RecursionError, OverflowError) as problem:
        raise InvalidInput(f"hpoObjective.metricRegex is not a regular expression: {problem}.") from None


def _ranges(config: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Name and bounds, or values, of each range; no values where the bounds leave none."""
    for kind in ("integerHyperParameterRanges", "continuousHyperParameterRanges"):
        for entry in config.get(kind, ()):
            if not {"name", "minValue", "maxValue"} <= set(entry):
                raise InvalidInput(f"An entry of {kind} needs name, minValue and maxValue.")
            low, high = entry["minValue"], entry["maxValue"]
            yield entry["name"], [str(low), str(high)] if low <= high else []
    for entry in config.get("categoricalHyperParameterRanges", ()):
        if "name" not in entry:
            raise InvalidInput("An entry of categoricalHyperParameterRanges needs a name.")
        yield entry["name"], entry.get("values", [])


def _check_objective(objective: Mapping[str, Any], fields: Fields) -> None:
    if not objective:
        return
    name = objective.get("itemAttribute")
    if name is None:
        raise InvalidInput("optimizationObjective needs an itemAttribute.")
    for field in fields.get("ITEMS", ()):
        if field.name == name and field.numeric:
            return
    raise InvalidInput(f"The Items dataset has no numerical column {name} to optimize for.")
