"""Solutions, their versions and metrics."""

from collections.abc import Mapping
from typing import Any

from personalize_server.facts.errors import InvalidInput, ResourceAlreadyExists, ResourceInUse
from personalize_server.facts.metric_names import shown
from personalize_server.facts.recipes import RECIPES
from personalize_server.operations.auto_ml import check_auto_ml
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.datasets import group_fields
from personalize_server.operations.solution_checks import check_features, check_schedule, check_settings
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.schedules import begins_anew
from personalize_server.state.store import Record
from personalize_server.state.updates import begin_update, effective_body, made_to_fail

_COPIED = (
    *("performHPO", "performAutoML", "performIncrementalUpdate", "recipeArn", "eventType"),
    *("datasetGroupArn", "solutionConfig"),
)


def create_solution(context: Context, request: Request) -> Answer:
    """A recipe with its settings, to train versions of. Raises: InvalidInput, also for a domain's recipe."""
    if request.get("performAutoML"):
        check_auto_ml(request)
        check_schedule(request.get("solutionConfig", {}))
        return create(context, "Solution", {**request, "performHPO": True})
    if "recipeArn" not in request:
        raise InvalidInput("recipeArn is required.")
    recipe = RECIPES.get(request["recipeArn"])
    if recipe is None:
        raise InvalidInput(f"There is no recipe {request['recipeArn']}.")
    if recipe.domain is not None:
        raise InvalidInput(f"The recipe {recipe.name} is for recommenders, not for solutions.")

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        check_settings(request, recipe, group_fields(context, parents["DatasetGroup"]))
        return Draft()

    return create(context, "Solution", request, prepare)


def update_solution(context: Context, request: Request) -> Answer:
    """Other settings for the next versions.

    Raises: InvalidInput, for nothing to change; ResourceInUse, if the solution is not ACTIVE.
    """
    solution = context.find("Solution", request["solutionArn"])
    wanted = {key: value for key, value in request.items() if key != "solutionArn"}
    if not wanted:
        raise InvalidInput("There is nothing to update.")
    if not context.active(solution):
        raise ResourceInUse(f"Resource Arn {solution.arn} is not ACTIVE, it is {context.status(solution)}.")
    changes = request.get("solutionUpdateConfig", {})
    check_schedule(changes)
    if "recipeArn" in solution.body:
        check_features(request, changes, RECIPES[solution.body["recipeArn"]])
    body: dict[str, Any] = {
        key: request[key] for key in ("performAutoTraining", "performIncrementalUpdate") if key in request
    }
    if changes:
        body["solutionConfig"] = {**effective_body(context, solution).get("solutionConfig", {}), **changes}
    if not made_to_fail(context, solution):
        solution = begins_anew(context, solution, body)
    begin_update(context, solution, body=body, shown=wanted)
    return {"solutionArn": solution.arn}


def create_solution_version(context: Context, request: Request, training_type: str = "MANUAL") -> Answer:
    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        solution = parents["Solution"]
        settings = effective_body(context, solution)
        versions = context.linked(solution.arn, kind="SolutionVersion", member="solutionArn")
        if "name" in request and any(version.name == request["name"] for version in versions):
            raise ResourceAlreadyExists(f"{solution.arn} already has a version called {request['name']}.")
        _check_mode(context, request.get("trainingMode", "FULL"), settings, versions)
        found_again = ("recipeArn",) if settings.get("performAutoML") else ()
        body = {key: settings[key] for key in _COPIED if key in settings and key not in found_again}
        return Draft(body={**body, "trainingType": training_type}, arn={"solution": solution.name})

    return create(context, "SolutionVersion", request, prepare)


def stop_solution_version_creation(context: Context, request: Request) -> Answer:
    """Ends a training. Raises: ResourceInUse, if it is over."""
    version = context.find("SolutionVersion", request["solutionVersionArn"])
    status = context.status(version)
    if status not in ("CREATE PENDING", "CREATE IN_PROGRESS"):
        raise ResourceInUse(f"Resource Arn {version.arn} is {status}; its creation cannot be stopped.")
    state = "stopping" if version.work == "running" else "stopped"
    context.store.update(version.changed(context.now, work=state))
    context.wake()
    return {}


def get_solution_metrics(context: Context, request: Request) -> Answer:
    """The figures of a version's evaluation. Raises: ResourceInUse, if it is not ACTIVE."""
    version = context.find("SolutionVersion", request["solutionVersionArn"])
    if not context.active(version):
        raise ResourceInUse(f"Resource Arn {version.arn} is not ACTIVE, it is {context.status(version)}.")
    return {"solutionVersionArn": version.arn, "metrics": shown(version.own["metrics"])}


def _check_mode(context: Context, mode: str, settings: Mapping[str, Any], versions: list[Record]) -> None:
    if mode == "AUTOTRAIN":
        raise InvalidInput("The training mode AUTOTRAIN is reserved for automatic training.")
    if mode == "UPDATE":
        if settings.get("performAutoML"):
            raise InvalidInput("A solution with performAutoML is trained in the mode FULL alone.")
        recipe = RECIPES[settings["recipeArn"]]
        if not recipe.update:
            raise InvalidInput(f"The recipe {recipe.name} does not support the training mode UPDATE.")
        full = [v for v in versions if v.body["trainingMode"] == "FULL" and context.active(v)]
        if not full:
            raise InvalidInput("The training mode UPDATE needs an ACTIVE version trained in the mode FULL.")
