"""Hyper-parameter optimisation: a random search over the ranges of the recipe or of the solution.

Random search finds what a grid finds in fewer trials (Bergstra and Bengio, "Random Search for Hyper-Parameter
Optimization", JMLR 2012). The first trial is the recipe's defaults, moved into the ranges that are given, so
that the result is never worse.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.ground.threads import cores, one_blas_thread
from personalize_server.facts.recipes import Parameter, Recipe
from personalize_server.training.inputs import Inputs
from personalize_server.training.trial_log import TrialLog

OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"
"""where hpoObjective names no other metric"""
DEFAULT_TRIALS = 10
_SEED = 20270101
"""other test users than those the version's metrics are about"""
_log = logging.getLogger(__name__)
Trial = Callable[[Mapping[str, str], int], Mapping[str, float]]


@dataclass(frozen=True)
class Span:
    low: float
    high: float
    whole: bool

    def drawn(self, rng: np.random.Generator) -> str:
        if self.whole:
            return str(int(rng.integers(round(self.low), round(self.high) + 1)))
        return repr(round(float(rng.uniform(self.low, self.high)), 6))

    def nearest(self, value: str) -> str:
        if self.low <= float(value) <= self.high:
            return value
        bound = self.low if float(value) < self.low else self.high
        return str(round(bound)) if self.whole else repr(float(bound))


@dataclass(frozen=True)
class Choice:
    values: tuple[str, ...]

    def drawn(self, rng: np.random.Generator) -> str:
        return self.values[int(rng.integers(len(self.values)))]

    def nearest(self, value: str) -> str:
        return value if value in self.values else self.values[0]


Range = Span | Choice


def wanted(inputs: Inputs) -> bool:
    return bool(inputs.solution.get("performHPO")) and inputs.learned is None


def search(
    inputs: Inputs, defaults: Mapping[str, str], trial: Trial, *, processors: int | None = None
) -> dict[str, str]:
    """The best trial's hyper-parameters; `trial` gives the metrics of some on the split of a seed.

    As many trials at once as maxParallelTrainingJobs says, one a processor at most: the result is the same.
    After an interruption it goes on where it was.
    """
    config = inputs.config.get("hpoConfig", {})
    ranges = _ranges(config.get("algorithmHyperParameterRanges", {}), inputs.recipe)
    resources = config.get("hpoResourceConfig", {})
    count = int(resources.get("maxNumberOfTrainingJobs", DEFAULT_TRIALS)) if ranges else 1
    at_once = min(int(resources.get("maxParallelTrainingJobs", 1)), processors or cores(), count)
    objective = config.get("hpoObjective", {})
    metric = objective.get("metricName", OBJECTIVE)
    sign = -1 if objective.get("type") == "Minimize" else 1

    rng = np.random.default_rng(_SEED)
    first = {**defaults, **{name: one.nearest(defaults[name]) for name, one in ranges.items()}}
    drawn = [{name: one.drawn(rng) for name, one in ranges.items()} for _ in range(count - 1)]
    tried = [first, *({**defaults, **values} for values in drawn)]
    done = TrialLog(inputs.trials, f"{metric} {inputs.about}") if inputs.trials else TrialLog()

    def quality_of(number: int) -> float:
        found = done.known(tried[number])
        if found is None:
            found = trial(tried[number], _SEED)[metric]
            done.remember(tried[number], found)
        about = {"number": number + 1, "of": count, "parameters": tried[number], metric: found}
        _log.info("trial", extra=about)
        return found

    _log.info("search", extra={"trials": count, "at_once": at_once, "metric": metric})
    with (
        one_blas_thread() if at_once > 1 else nullcontext(),
        ThreadPoolExecutor(at_once, thread_name_prefix="trial") as pool,
    ):
        qualities = list(pool.map(quality_of, range(count)))
    best = max(range(count), key=lambda number: sign * qualities[number])
    return tried[best]


def _ranges(given: Mapping[str, Any], recipe: Recipe) -> dict[str, Range]:
    """By hyper-parameter; of those with a range of the solution's, else of all that can be tuned."""
    found: dict[str, Range] = {}
    for kind in ("integerHyperParameterRanges", "continuousHyperParameterRanges"):
        for entry in given.get(kind, ()):
            name = entry["name"]
            found[name] = Span(entry["minValue"], entry["maxValue"], recipe.parameters[name].whole)
    for entry in given.get("categoricalHyperParameterRanges", ()):
        found[entry["name"]] = Choice(tuple(entry["values"]))
    return found or {name: _own(known) for name, known in recipe.parameters.items() if known.tunable}


def _own(parameter: Parameter) -> Range:
    if parameter.choices:
        return Choice(parameter.choices)
    return Span(parameter.low or 0.0, parameter.high or 1.0, parameter.whole)
