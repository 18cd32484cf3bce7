"""Solutions that train themselves on a schedule, as the service does unless told not to."""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from personalize_server.context import Caller, Context, group_dataset
from personalize_server.errors import ApiError
from personalize_server.operations.solutions import create_solution_version
from personalize_server.recipes import RECIPES
from personalize_server.store import Record
from personalize_server.updates import effective_body

_DEFAULT_DAYS = 7
_DAY = 86_400.0
_FIRST = 3_600.0
_log = logging.getLogger(__name__)


def train_what_is_due(context: Context) -> list[str]:
    """Starts the trainings that are due in all accounts and regions; the versions' ARNs."""
    started = []
    for solution in context.store.everything("Solution"):
        own = replace(context, caller=Caller(solution.account, solution.region))
        if own.active(solution) and is_due(own, solution):
            request = {"solutionArn": solution.arn}
            try:
                answer = create_solution_version(own, request, training_type="AUTOMATIC")
            except ApiError as problem:
                _log.warning("no automatic training", extra={"arn": solution.arn, "reason": str(problem)})
            else:
                started.append(str(answer["solutionVersionArn"]))
    return started


def is_due(context: Context, solution: Record) -> bool:
    """An hour after the solution if it has no version, then every so many days if there is new data."""
    settings = effective_body(context, solution)
    if not settings["performAutoTraining"]:
        return False
    versions = context.linked(solution.arn, kind="SolutionVersion", member="solutionArn")
    if not versions:
        return context.now - solution.created >= _FIRST
    if any(context.running(version) for version in versions):
        return False
    last = versions[-1].created
    return context.now - last >= _interval(settings) and _newest_data(context, solution) > last


def _interval(settings: Mapping[str, Any]) -> float:
    schedule = settings.get("solutionConfig", {}).get("autoTrainingConfig", {})
    match = re.match(r"rate\((\d+)", schedule.get("schedulingExpression", ""))
    return (int(match[1]) if match else _DEFAULT_DAYS) * _DAY


def _newest_data(context: Context, solution: Record) -> float:
    """When interactions last came in: by an import, or one by one."""
    types = ["INTERACTIONS"]
    if RECIPES[solution.body["recipeArn"]].type == "PERSONALIZED_ACTIONS":
        types.append("ACTION_INTERACTIONS")
    newest = 0.0
    for type_ in types:
        dataset = group_dataset(context, solution.links["datasetGroupArn"], type_)
        if dataset is not None:
            sql = "SELECT max(json_extract(cells, '$.TIMESTAMP') + 0) FROM put_records WHERE dataset = ?"
            put = context.store.rows(sql, dataset.arn)
            newest = max(newest, float(dataset.own.get("imported", 0.0)), float(put[0][0] or 0.0))
    return newest
