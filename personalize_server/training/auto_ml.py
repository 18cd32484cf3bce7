"""The best of several recipes, each with its hyper-parameters searched."""

import logging
from dataclasses import replace

from personalize_server.facts.failures import JobFailed
from personalize_server.facts.recipes import RECIPES
from personalize_server.training.inputs import Inputs
from personalize_server.training.run import train
from personalize_server.training.trained import Trained

_log = logging.getLogger(__name__)


def train_best(inputs: Inputs) -> tuple[Trained, str]:
    """What was trained, and by which recipe; the first of equally good ones.

    Raises: JobFailed, if none can be trained; one that cannot loses.
    """
    settings, metric = inputs.solution, inputs.solution["metric"]
    best: tuple[Trained, str] | None = None
    problems = []
    for arn in settings["candidates"]:
        solution = {**settings, "recipeArn": arn, "performHPO": RECIPES[arn].hpo}
        try:
            trained = train(replace(inputs, solution=solution))
        except JobFailed as problem:
            _log.warning("recipe passed over", extra={"recipe": arn, "reason": str(problem)})
            problems.append(problem)
            continue
        _log.info("recipe tried", extra={"recipe": arn, metric: trained.metrics[metric]})
        if best is None or trained.metrics[metric] > best[0].metrics[metric]:
            best = trained, arn
    if best is None:
        raise problems[0]
    return best
