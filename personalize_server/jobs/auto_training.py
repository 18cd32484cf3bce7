"""Solutions that train themselves on a schedule, as the service does unless told not to."""

import logging
import math
from dataclasses import replace

from personalize_server.facts.errors import ApiError
from personalize_server.facts.recipes import RECIPES
from personalize_server.operations.solutions import create_solution_version
from personalize_server.state.context import Caller, Context, group_dataset
from personalize_server.state.put_records import newest_time
from personalize_server.state.schedules import counted_since, interval
from personalize_server.state.store import Record
from personalize_server.state.updates import effective_body

_FIRST = 3_600.0
_log = logging.getLogger(__name__)


def train_what_is_due(context: Context) -> list[str]:
    """Starts the trainings that are due in all accounts and regions; the versions' ARNs.

    Not to be called in a transaction: it may look through all events, and nobody could write meanwhile.
    """
    started = []
    for solution in context.store.everything("Solution"):
        own = replace(context, caller=Caller(solution.account, solution.region))
        if own.active(solution) and is_due(own, solution):
            try:
                with own.store.transaction():
                    current = own.store.get(solution.arn)
                    if current is None or not own.active(current) or _data_after(own, current) is None:
                        continue
                    request = {"solutionArn": solution.arn}
                    answer = create_solution_version(own, request, training_type="AUTOMATIC")
            except ApiError as problem:
                _log.warning("no automatic training", extra={"arn": solution.arn, "reason": str(problem)})
            else:
                started.append(str(answer["solutionVersionArn"]))
    return started


def is_due(context: Context, solution: Record) -> bool:
    """An hour after the solution, then every so many days; from the second version on only for new data.

    Turned on later, or with another frequency, it begins again with that hour (developer guide, "Updating a
    solution to change its automatic training configuration").
    """
    after = _data_after(context, solution)
    return after is not None and (after == -math.inf or _newest_data(context, solution) > after)


def _data_after(context: Context, solution: Record) -> float | None:
    """From when on there has to be new data, -inf where there need not be any; None: it is not the time."""
    settings = effective_body(context, solution)
    if not settings["performAutoTraining"]:
        return None
    versions = context.linked(solution.arn, kind="SolutionVersion", member="solutionArn")
    scheduled = context.options.timing.scheduled
    first = counted_since(solution) + scheduled(_FIRST)
    if not versions:
        return -math.inf if context.now >= first else None
    if any(context.running(version) for version in versions):
        return None
    last = versions[-1].created
    due = first if last < counted_since(solution) else last + scheduled(interval(settings))
    return last if context.now >= due else None


def _newest_data(context: Context, solution: Record) -> float:
    """When interactions last came in: by an import, or one by one."""
    types = ["INTERACTIONS"]
    recipe = RECIPES.get(solution.body.get("recipeArn", ""))
    if recipe is not None and recipe.type == "PERSONALIZED_ACTIONS":
        types.append("ACTION_INTERACTIONS")
    newest = 0.0
    for type_ in types:
        dataset = group_dataset(context, solution.links["datasetGroupArn"], type_)
        if dataset is not None:
            put = newest_time(context.options.state_file, dataset.arn)
            newest = max(newest, float(dataset.own.get("imported", 0.0)), put)
    return newest
