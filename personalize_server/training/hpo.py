"""Hyper-parameter optimisation: a random search over the ranges of the recipe or of the solution.

Random search finds what a grid finds in fewer trials (Bergstra and Bengio, "Random Search for Hyper-Parameter
Optimization", JMLR 2012). The recipe's defaults are the first trial, so that the result is never worse.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from personalize_server.recipes import Parameter, Recipe
from personalize_server.training.inputs import Inputs

OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"
DEFAULT_TRIALS = 10
_SEED = 20270101
"""other test users than those the version's metrics are about"""
_log = logging.getLogger(__name__)
Trial = Callable[[Mapping[str, str], int], Mapping[str, float]]
Draw = Callable[[np.random.Generator], str]


def wanted(inputs: Inputs) -> bool:
    return bool(inputs.solution.get("performHPO")) and inputs.learned is None


def search(inputs: Inputs, defaults: Mapping[str, str], trial: Trial) -> dict[str, str]:
    """The best trial's hyper-parameters; `trial` gives the metrics of some on the split of a seed."""
    config = inputs.config.get("hpoConfig", {})
    trials = trials_of(config)
    draws = _draws(config.get("algorithmHyperParameterRanges", {}), inputs.recipe)
    rng = np.random.default_rng(_SEED)
    best, best_quality = dict(defaults), -1.0
    for number in range(1, trials + 1):
        values = dict(defaults)
        if number > 1:
            values |= {name: draw(rng) for name, draw in draws.items()}
        quality = trial(values, _SEED)[OBJECTIVE]
        _log.info("trial", extra={"number": number, "of": trials, "parameters": values, OBJECTIVE: quality})
        if quality > best_quality:
            best, best_quality = values, quality
        if not draws:
            break
    return best


def trials_of(config: Mapping[str, Any]) -> int:
    return int(config.get("hpoResourceConfig", {}).get("maxNumberOfTrainingJobs", DEFAULT_TRIALS))


def _draws(ranges: Mapping[str, Any], recipe: Recipe) -> dict[str, Draw]:
    """By hyper-parameter how to draw one: of the ranges that are given, else of all the recipe's own."""
    given: dict[str, Draw] = {}
    for entry in ranges.get("integerHyperParameterRanges", ()):
        given[entry["name"]] = _whole(entry["minValue"], entry["maxValue"])
    for entry in ranges.get("continuousHyperParameterRanges", ()):
        given[entry["name"]] = _real(entry["minValue"], entry["maxValue"])
    for entry in ranges.get("categoricalHyperParameterRanges", ()):
        given[entry["name"]] = _choice(entry["values"])
    return given or {name: _own(known) for name, known in recipe.parameters.items() if known.tunable}


def _own(parameter: Parameter) -> Draw:
    if parameter.choices:
        return _choice(parameter.choices)
    low, high = parameter.low or 0.0, parameter.high or 1.0
    return _whole(int(low), int(high)) if parameter.whole else _real(low, high)


def _whole(low: int, high: int) -> Draw:
    return lambda rng: str(int(rng.integers(low, high + 1)))


def _real(low: float, high: float) -> Draw:
    return lambda rng: repr(round(float(rng.uniform(low, high)), 6))


def _choice(values: "tuple[str, ...] | list[str]") -> Draw:
    return lambda rng: str(values[int(rng.integers(len(values)))])
