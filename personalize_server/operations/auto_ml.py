"""AutoML: of some recipes for recommendations to users, the one that does best on the data.

The service advises against it and no longer documents which recipes it tries (CreateSolution, AutoMLConfig).
"""

from collections.abc import Mapping
from typing import Any

from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.metric_names import METRICS
from personalize_server.facts.recipes import RECIPES
from personalize_server.state.context import Request
from personalize_server.state.store import Record, Store

DEFAULT_METRIC = "normalized_discounted_cumulative_gain_at_25"
_DEFAULT_RECIPES = ("aws-user-personalization-v2", "aws-user-personalization", "aws-popularity-count")
_TYPE = "USER_PERSONALIZATION"


def check_auto_ml(request: Request) -> None:
    """Of a solution that is to choose its recipe. Raises: InvalidInput."""
    if "recipeArn" in request:
        raise InvalidInput("performAutoML chooses the recipe: leave recipeArn out.")
    config = request.get("solutionConfig", {}).get("autoMLConfig", {})
    metric = config.get("metricName", DEFAULT_METRIC)
    if metric not in METRICS:
        raise InvalidInput(f"autoMLConfig.metricName must be one of {', '.join(METRICS)}, not {metric}.")
    for arn in config.get("recipeList", ()):
        recipe = RECIPES.get(arn)
        if recipe is None or recipe.domain is not None or recipe.type != _TYPE:
            raise InvalidInput(f"autoMLConfig.recipeList takes recipes of the type {_TYPE}, not {arn}.")


def settings_of(version: Record) -> dict[str, Any]:
    """What training needs of a version whose recipe is to be found; of solutionConfig only autoMLConfig."""
    config = version.body.get("solutionConfig", {}).get("autoMLConfig", {})
    defaults = [arn for arn, recipe in RECIPES.items() if recipe.name in _DEFAULT_RECIPES]
    candidates = list(config.get("recipeList") or defaults)
    return {
        "recipeArn": candidates[0],
        "candidates": candidates,
        "metric": config.get("metricName", DEFAULT_METRIC),
        "eventType": version.body.get("eventType"),
        "solutionConfig": {},
    }


def settled(store: Store, version: Record, recipe: str, now: float) -> Mapping[str, str]:
    """The version's members by what was found; its solution tells of it, too."""
    solution = store.get(version.links["solutionArn"])
    if solution is not None:
        body = {**solution.body, "recipeArn": recipe, "autoMLResult": {"bestRecipeArn": recipe}}
        store.update(solution.changed(now, body=body))
    return {"recipeArn": recipe}
